"""Full pages over the main screen: one trial, and help. Esc and `q` close them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.content import Content

from cockpit.tui import ink
from cockpit.tui.drawn import numbered_diff, split_diff
from cockpit.tui.ink import DIM
from cockpit.tui.keymap import BY_ID, DIALOG, shown
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.panes.detail import describe, log_tail
from cockpit.tui.panes.diff import WIDE
from cockpit.tui.screens.dialogs import Dialog
from cockpit.tui.view import View

Maker = Callable[[int], Sequence[Content]]
"""Returns the lines of a page for a width."""


class Sheet(Lines):
    """The scrolling text of a page."""

    def __init__(self, view: View, make: Maker) -> None:
        super().__init__(view, id="sheet")
        self._make = make

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the page's lines."""
        return self._make(width)


class Page(Dialog[None]):
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
        name_border(sheet, self._view, self._title, "Esc or q closes · j k scroll")
        yield sheet

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query(Sheet).focus()  # none, where one burst of keys opened and closed it

    def repaint(self) -> None:
        """Draw what changed since, once there is something."""
        for sheet in self.query(Sheet):
            sheet.repaint()

    def plain(self, width: int) -> str:
        """Return its text, for the clipboard."""
        return "\n".join(line.plain.rstrip() for line in self._make(width)) + "\n"

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()


def trial_page(view: View, number: int) -> Page:
    """Return the page of one trial: what is known of it, then its diff; it follows the trial."""

    def make(width: int) -> list[Content]:
        row = view.rows.get(number)
        if row is None:
            return [ink.ink((f"#{ink.number(number)} is no longer there", DIM))]
        draw = split_diff if width >= WIDE and view.split is not False else numbered_diff
        diff = draw(row.diff, width)
        head = ink.ink(("diff", "bold $primary"), (f"   {row.archived[:12]}", DIM))
        told = describe(row, view.board, width, log_tail(view, row))
        return [*told, *([Content(""), head, *diff] if diff else [])]

    return Page(view, f"Trial #{ink.number(number)}", make)


LEFT = ("replay", "session", "review", "ledger", "audit", "cockpit")
RIGHT = ("look", "moving")
ORDER = (*LEFT, *RIGHT)
COLUMNS = 100
"""Cells of a page from which its keys stand in two columns."""
NAMES = 14
"""Cells of the names of keys, and the space behind them."""
ELSEWHERE = ("super+c",)
"""Keys of other platforms, not worth a line."""


def help_page(view: View, active: Iterable[ActiveBinding], layout: str) -> Page:
    """Return the page of the keys that are active now, so that it cannot drift from them."""
    groups: dict[str, dict[str, list[str]]] = {name: {} for name in ORDER}
    for each in active:
        binding = each.binding
        if not binding.description or not each.enabled or binding.key in ELSEWHERE:
            continue
        key = BY_ID.get(binding.id or "")
        words = key.help if key else binding.description.lower()
        group = groups[key.group if key else "moving"]
        group.setdefault(words, []).append(shown(binding.key))

    def make(width: int) -> list[Content]:
        top = [*_pair("layout", layout, width, DIM), Content("")]
        if width < COLUMNS:
            blocks = [_block(name, groups[name], width) for name in ORDER if groups[name]]
            return [*top, *(line for block in blocks for line in block), *_notes(width)]
        half = width // 2
        left, right = (
            [line for name in names if groups[name] for line in _block(name, groups[name], half)]
            for names in (LEFT, RIGHT)
        )
        return [*top, *_beside(left, right, half), *_notes(width)]

    return Page(view, "Help", make)


def _block(name: str, keys: dict[str, list[str]], width: int) -> list[Content]:
    """Return a group's title and its keys, those that do the same on one line."""
    lines = [ink.ink((name, "bold $primary"))]
    for words, names in keys.items():
        lines += _pair(" ".join(names), words, width - 2, "bold $accent")
    return [*lines, Content("")]


def _pair(name: str, words: str, width: int, style: str) -> list[Content]:
    """Return a name and what it means, wrapped."""
    room = max(width - NAMES, 16)
    return [
        ink.ink((f"{'' if at else name:>{NAMES - 2}}  ", style), line)
        for at, line in enumerate(textwrap.wrap(words, room))
    ]


def _beside(left: list[Content], right: list[Content], at: int) -> list[Content]:
    """Put two columns of lines side by side."""
    rows = max(len(left), len(right))
    blank = [Content("")] * rows
    pairs = zip((left + blank)[:rows], (right + blank)[:rows], strict=True)
    return [a.truncate(at - 2, ellipsis=True, pad=True).pad_right(2) + b for a, b in pairs]


def _notes(width: int) -> list[Content]:
    """Return what the keys do not say."""
    notes = (
        ("verdicts", "▲ KEEP  ◆ simpler  ≈ discard within noise  ▽ discard  ✗ crash  ○ abandoned"),
        ("of keeps", "? waits for your approval  × refused by you; m has all of them"),
        ("Δ and σ", "value minus best; the same in units of the noise floor"),
        ("copying", "Shift and drag selects text past the mouse support; --no-mouse ends it"),
        ("in ASCII", "^ KEEP  * simpler  ~ v discard  x crash; d is Δ, z is σ"),
        ("remapping", "[keys] in cockpit.toml: id = key; docs/KEYS.md lists the ids"),
    )
    return [line for name, words in notes for line in _pair(name, words, width, DIM)]
