"""The footer: the keys that do something now, from the bindings that are really active."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style

from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.keymap import BY_ID
from cockpit.tui.painted import Lines


class Footer(Lines, can_focus=False):
    """One line of keys, in order of rank; a click presses the key."""

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the line."""
        shown = []
        for active in self.screen.active_bindings.values():
            key = BY_ID.get(active.binding.id or "")
            if key is None or not key.footer or not active.enabled:
                continue
            display = key.show if active.binding.key in key.keys else active.binding.key
            shown.append((key.footer, display, key))
        shown.sort(key=lambda item: item[0])
        line = Content(" ")
        for _, display, key in shown:
            label = self._label(key.id, key.label)
            click = Style.from_meta({"@click": f"screen.{key.action}"})
            part = ink.ink((f" {display}", "bold $accent"), (f" {label} ", DIM)).stylize(click)
            if line.cell_length + part.cell_length > width:
                break
            line += part
        return [line]

    def _label(self, name: str, label: str) -> str:
        if name == "pause" and self.view.board.paused:
            return "go on"
        return label
