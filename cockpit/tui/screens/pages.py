"""Full pages over the main screen: one trial, and help. Esc and `q` close them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from cockpit.engine.rows import Row
from cockpit.metric import Metric
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.keymap import BY_ID, DIALOG, SCROLL
from cockpit.tui.painted import Lines
from cockpit.tui.panes.detail import describe
from cockpit.tui.panes.diff import numbered_diff
from cockpit.tui.view import View

Maker = Callable[[int], Sequence[Content]]
"""Returns the lines of a page for a width."""


class Sheet(Lines):
    """The scrolling text of a page."""

    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL]

    def __init__(self, view: View, make: Maker) -> None:
        super().__init__(view, id="sheet")
        self._make = make

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the page's lines."""
        return self._make(width)


class Page(ModalScreen[None]):
    """A titled text that takes the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*DIALOG]

    def __init__(self, view: View, title: str, make: Maker) -> None:
        super().__init__()
        self._view = view
        self._title = title
        self._make = make

    def compose(self) -> ComposeResult:
        """Make the sheet."""
        sheet = Sheet(self._view, self._make)
        sheet.border_title = self._title
        sheet.border_subtitle = "Esc or q closes · j k scroll"
        yield sheet

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(Sheet).focus()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()


def trial_page(view: View, row: Row, metric: Metric) -> Page:
    """Return the page of one trial: what is known of it, then its diff."""

    def make(width: int) -> list[Content]:
        diff = numbered_diff(row.diff, width)
        head = ink.ink(("diff", "bold $primary"), (f"   {row.archived[:12]}", DIM))
        return [*describe(row, metric, width), *([Content(""), head, *diff] if diff else [])]

    return Page(view, f"Trial #{ink.number(row.number)}", make)


def help_page(view: View, active: Iterable[ActiveBinding], layout: str) -> Page:
    """Return the page of the keys that are active now, so that it cannot drift from them."""
    groups: dict[str, list[Content]] = {}
    for each in active:
        binding = each.binding
        if not binding.description or not each.enabled:
            continue
        key = BY_ID.get(binding.id or "")
        shown = key.show if key and binding.key in key.keys else binding.key
        words = key.help if key else binding.description
        line = ink.ink((f"{shown:>12}  ", "bold $accent"), words)
        group = groups.setdefault(key.group if key else "moving", [])
        if line not in group:
            group.append(line)

    def make(_width: int) -> list[Content]:
        lines: list[Content] = []
        for name, keys in groups.items():
            lines += [ink.ink((name, "bold $primary")), *keys, Content("")]
        return [*lines, *_notes(layout)]

    return Page(view, "Help", make)


def _notes(layout: str) -> list[Content]:
    """Return what the keys do not say."""
    notes = (
        ("layout", layout),
        ("verdicts", "▲ KEEP  ◆ simpler  ≈ discard within noise  ▽ discard  ✗ crash  ○ abandoned"),
        ("Δ and σ", "value minus best; the same in units of the noise floor"),
        ("copying", "Shift and drag selects text past the mouse support; --no-mouse ends it"),
        ("remapping", "[keys] in cockpit.toml: id = key"),
    )
    return [ink.ink((f"{name:>12}  ", DIM), text) for name, text in notes]
