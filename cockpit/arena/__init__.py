"""Where candidates run: walls, clock, examination, telemetry."""
