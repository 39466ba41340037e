"""The part of the app that knows themes: loading, trying on, remembering the choice."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from cockpit.files import replace_file
from cockpit.tui.keyed import Keyed
from cockpit.tui.themes import load_themes, shipped_folder

FIRST = "night"
"""Taken when none was ever chosen."""
PLAIN = "contrast"
"""Taken under NO_COLOR: Textual draws every theme in greys there, and this one stays readable."""


class Themed(Keyed):
    """An app whose themes are files.

    Args:
        theme: name of a theme; empty for the one last chosen on this screen.
        folders: where else themes lie, after the shipped ones.
        memory: the file that remembers the choice; None where nothing may be written.
    """

    def __init__(self, theme: str, folders: tuple[Path, ...], memory: Path | None) -> None:
        super().__init__()
        self._memory = memory
        self._folders = folders
        self._wanted = PLAIN if self.no_color else theme or remembered(memory) or FIRST
        self.themes: list[str] = []

    def load_themes(self) -> None:
        """Make the themes known before anything is drawn; what is wrong with one is said."""
        loaded = load_themes(shipped_folder(), *self._folders)
        self.themes = [theme.name for theme in loaded.themes]
        for theme in loaded.themes:
            self.register_theme(theme)
        problems = list(loaded.problems)
        if self._wanted in self.available_themes:
            self.theme = self._wanted
        elif self.themes:
            names = ", ".join(self.themes)
            problems.append(f"there is no theme {self._wanted!r}; there are {names}")
            self.theme = FIRST if FIRST in self.themes else self.themes[0]
        for problem in problems:
            self.call_later(self._say, problem)

    def choose_theme(self, name: str) -> None:
        """Take a theme and remember it for the next start."""
        self.theme = name
        if self._memory is not None:
            with suppress(OSError):  # a full disk must not take the screen down over a colour
                replace_file(self._memory, json.dumps({"theme": name}).encode(), mode=0o600)

    def _say(self, problem: str) -> None:
        self.notify(problem, severity="warning", timeout=10, markup=False)


def remembered(memory: Path | None) -> str:
    """Return the theme that was last chosen here, or nothing."""
    if memory is None:
        return ""
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads(memory.read_text("utf-8")).get("theme", ""))
    return ""
