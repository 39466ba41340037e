"""The terminal cockpit for autonomous machine-learning research."""

__version__ = "0.1.0"
