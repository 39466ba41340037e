"""Append-only records of events, and renderings for other tools."""
