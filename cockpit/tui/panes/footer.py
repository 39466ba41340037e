"""The footer: the keys that do something now, from the bindings that are really active."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click
from textual.widgets import Input

from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.keymap import BY_ID, Key
from cockpit.tui.painted import Lines
from cockpit.tui.view import View

KEY = "bold $accent"
FILTERING = (("Enter", "keep"), ("Esc", "clear"), ("F1", "help"))
"""The keys of the filter line, into which letters are typed."""
KEPT = ("help", "quit")
"""The last keys of the line; they stay when there is no room for all."""


class Footer(Lines, can_focus=False):
    """One line of keys, in order of rank; a click presses the key."""

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(view, id=id)
        self._ends: list[tuple[int, str]] = []

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the line."""
        if isinstance(self.screen.focused, Input):
            self._ends = []
            parts = [ink.ink((f" {key}", KEY), (f" {word} ", DIM)) for key, word in FILTERING]
            return [Content(" ") + Content("").join(parts)]
        keys = [
            (key, ink.ink((f" {display}", KEY), (f" {self._label(key)} ", DIM)))
            for display, key in self._active()
        ]
        while len(keys) > 1 and sum(part.cell_length for _, part in keys) >= width:
            del keys[max(0, len(keys) - 1 - len(KEPT))]
        line = Content(" ")
        self._ends = []
        for key, part in keys:
            line += part
            self._ends.append((line.cell_length, key.action))
        return [line]

    def _active(self) -> list[tuple[str, Key]]:
        """Return what to show for each key that is active now, by rank."""
        shown, known = [], []
        for active in self.screen.active_bindings.values():
            key = BY_ID.get(active.binding.id or "")
            if key is None or not key.footer or not active.enabled or key in known:
                continue
            known.append(key)
            unchanged = active.binding.key in key.keys.split(",")
            shown.append((key.show if unchanged else active.binding.key, key))
        return sorted(shown, key=lambda item: item[1].footer)

    def _label(self, key: Key) -> str:
        return "go on" if key.id == "pause" and self.view.board.paused else key.label

    async def on_click(self, event: Click) -> None:
        """Press the key under the pointer."""
        for end, action in self._ends:
            if event.x < end:
                await self.screen.run_action(action)
                return
