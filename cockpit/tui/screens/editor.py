"""The human's own editor, with the terminal to itself while it is open."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from textual.app import App


def open_in_editor(app: App[None], path: Path) -> None:
    """Open a file in $VISUAL, $EDITOR or vi, and come back when it is closed.

    The engine and the run under way do not notice: their clocks are not the screen's.

    Raises:
        OSError: the editor cannot be started.
        ValueError: the variable is not a command, as with a quotation mark that is not closed.
        SuspendNotSupported: the terminal cannot be handed over.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    command = [*shlex.split(editor), str(path)]
    with app.suspend():
        subprocess.run(command, check=False)


def edited_text(app: App[None], text: str, name: str) -> str:
    """Return a text as the human's editor left it; `name` tells the editor its language.

    Raises:
        OSError: the editor cannot be started, or left no readable text.
        ValueError: the variable is not a command.
        SuspendNotSupported: the terminal cannot be handed over.
    """
    with tempfile.TemporaryDirectory(prefix="cockpit-") as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        open_in_editor(app, path)
        return path.read_text(encoding="utf-8", errors="replace")
