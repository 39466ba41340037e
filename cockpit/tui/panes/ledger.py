"""Pane 5, Ledger: every trial, newest first; only the rows in sight are ever drawn.

The selection is a trial's number, so that it survives an append, a sort and a filter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message

from cockpit.engine.rows import Row
from cockpit.metric import Direction
from cockpit.tui import ink
from cockpit.tui.painted import Painted, name_border
from cockpit.tui.panes.columns import Column, cells, fitting, heading
from cockpit.tui.view import View

Sort = Literal["when", "value", "sigma"]
SORTS: tuple[Sort, ...] = ("when", "value", "sigma")
HEAD = 1
"""Lines above the first row."""


class LedgerPane(Painted, inherit_bindings=False):
    """A table over the board's rows."""

    BORDER_TITLE = "5 Ledger"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "row up", show=False, id="row-up"),
        Binding("down,j", "move(1)", "row down", show=False, id="row-down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="page-up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="page-down"),
        Binding("home", "edge(0)", "first row", show=False, id="first-row"),
        Binding("end", "edge(-1)", "last row", show=False, id="last-row"),
    ]

    class Moved(Message):
        """The cursor stands on another trial."""

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(view, id=id)
        self.order: list[int] = []
        self.sort: Sort = "when"
        self.filter = ""
        self._columns: tuple[Column, ...] = ()
        self._width = 0
        self._haystacks: dict[tuple[int, str, str | None], str] = {}

    # --- drawing -------------------------------------------------------------------------------

    def prepare(self, width: int, height: int) -> int:
        """Work out columns and order; the rows themselves are drawn when seen."""
        self._width, self._columns = width, fitting(width)
        self.order = self._ordered()
        self._titles()
        return HEAD + len(self.order)

    def line(self, y: int) -> Content:
        """Return the titles, which stay on top, or a row."""
        metric = self.view.board.metric
        if y == self.scroll_offset.y:
            return heading(self._columns, self._width, metric)
        at = y - HEAD
        if not 0 <= at < len(self.order):
            return Content("")
        row = self.view.rows.get(self.order[at])
        if row is None:
            return Content("")
        content = cells(self._columns, row, self._width, metric)
        if row.number == self.cursor:
            return content.truncate(self._width, pad=True).stylize_before("bold on $cursor")
        return content

    def _titles(self) -> None:
        rows = self.view.rows
        total = sum(1 for number in rows if number != 0)
        kind = "trial" if self.view.board.rows or not rows else "rehearsal"
        kind += "s" * (total != 1)
        shown = f"{len(self.order)} of {total}" if self.filter else str(total)
        order = f"sort: {self.sort} · filter: {self.filter or '-'}"
        name_border(self, self.view, f"5 Ledger · {shown} {kind}", order)

    # --- order -----------------------------------------------------------------------------------

    def _ordered(self) -> list[int]:
        rows = self.view.rows
        numbers = [r.number for r in rows.values() if not self.filter or self._matches(r)]
        if self.sort == "when":
            return sorted(numbers, key=abs, reverse=True)
        key = self._value if self.sort == "value" else self._sigmas
        known = [n for n in numbers if key(rows[n]) is not None]
        rest = [n for n in numbers if key(rows[n]) is None]
        return sorted(known, key=lambda n: key(rows[n]) or 0.0) + sorted(rest, reverse=True)

    def _value(self, row: Row) -> float | None:
        sign = 1.0 if self.view.board.metric.direction is Direction.MINIMIZE else -1.0
        return None if row.value is None else sign * row.value

    def _sigmas(self, row: Row) -> float | None:
        sign = 1.0 if self.view.board.metric.direction is Direction.MINIMIZE else -1.0
        return None if row.sigmas is None else sign * row.sigmas

    def _matches(self, row: Row) -> bool:
        key = (row.number, row.state, row.word)
        text = self._haystacks.get(key)
        if text is None:
            words = (row.hypothesis, row.summary, row.reason, row.word, ink.author(row), row.model)
            text = " ".join([f"#{row.number}", row.state, *(w or "" for w in words)]).lower()
            self._haystacks[key] = text
        return self.filter in text

    def set_filter(self, text: str) -> None:
        """Show only the trials that contain `text`."""
        self.filter = text.strip().lower()
        self.repaint()
        self.show_cursor()

    def next_sort(self) -> None:
        """Order by the next of time, value and sigma."""
        self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]
        self.repaint()
        self.show_cursor()

    # --- the cursor ------------------------------------------------------------------------------

    @property
    def cursor(self) -> int | None:
        """Number of the trial under the cursor: the selected one, else the newest."""
        shown = self.view.shown
        return shown.number if shown is not None else None

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self._go(lambda at: at + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by what is in sight."""
        page = max(1, self.scrollable_content_region.height - HEAD)
        self._go(lambda at: at + step * page)

    def action_edge(self, at: int) -> None:
        """Move the cursor to the first (0) or last (-1) row."""
        self._go(lambda _: at % len(self.order))

    def select(self, number: int | None) -> None:
        """Put the cursor on a trial; None lets it follow the trial in hand."""
        self.view.selected = number
        self.show_cursor()
        self.repaint()
        self.post_message(self.Moved())

    def show_cursor(self) -> None:
        """Scroll so that the cursor is in sight, below the titles."""
        cursor = self.cursor
        if cursor is None or cursor not in self.order:
            return
        at, top = self.order.index(cursor), self.scroll_offset.y
        page = max(1, self.scrollable_content_region.height - HEAD)
        if at < top:
            self.scroll_to(y=at, animate=False)
        elif at >= top + page:
            self.scroll_to(y=at - page + 1, animate=False)

    def _go(self, move: Callable[[int], int]) -> None:
        if not self.order:
            return
        at = self.order.index(self.cursor) if self.cursor in self.order else 0
        number = self.order[min(len(self.order) - 1, max(0, move(at)))]
        newest = next(reversed(self.view.rows))
        self.select(None if number == newest else number)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw anew: the titles stand on top of other rows now."""
        self._drawn.clear()
        super().watch_scroll_y(old_value, new_value)

    def on_click(self, event: Click) -> None:
        """Select the clicked row."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < HEAD:
            return
        at = offset.y + self.scroll_offset.y - HEAD
        if 0 <= at < len(self.order):
            self.select(self.order[at])
