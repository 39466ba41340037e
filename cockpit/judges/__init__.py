"""Deciders of keep, simpler and discard."""
