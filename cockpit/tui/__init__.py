"""The full screen; the only package that imports Textual."""
