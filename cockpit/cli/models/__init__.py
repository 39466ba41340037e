"""`cockpit models`: what each installed model makes of this workspace, before the night."""
