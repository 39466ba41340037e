"""Makers of proposals: a local model, a classical optimiser, a human, and their mixture."""
