"""The full screen; the only package that imports Textual."""

import os

# Textual paints what changed at the next beat of this; at its own 60 a key waits 8 ms longer, and a
# screen that stands still paints nothing at either. Read once, when textual is first imported.
os.environ.setdefault("TEXTUAL_FPS", "120")
