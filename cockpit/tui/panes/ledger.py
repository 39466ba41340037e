"""Pane 5, Ledger: every trial, newest first; only the rows in sight are ever drawn.

The selection is a trial's number, so that it survives an append, a sort and a filter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message

from cockpit.tui import ink
from cockpit.tui.keymap import move
from cockpit.tui.painted import Painted, name_border
from cockpit.tui.panes.columns import Column, cells, fitting, heading
from cockpit.tui.panes.order import SORTS, Order
from cockpit.tui.view import View

HEAD = 1
"""Lines above the first row."""


class LedgerPane(Painted, inherit_bindings=False):
    """A table over the board's rows."""

    BORDER_TITLE = "5 Ledger"
    BINDINGS: ClassVar[list[BindingType]] = [
        move("row-up", "move(-1)", "row up"),
        move("row-down", "move(1)", "row down"),
        move("page-up", "page(-1)", "page up"),
        move("page-down", "page(1)", "page down"),
        move("first-row", "edge(0)", "first row"),
        move("last-row", "edge(-1)", "last row"),
    ]

    class Moved(Message):
        """The cursor stands on another trial."""

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(view, id=id)
        self._order = Order()
        self._columns: tuple[Column, ...] = ()
        self._width = 0

    # --- drawing -------------------------------------------------------------------------------

    def prepare(self, width: int, height: int) -> int:
        """Work out columns and order; the rows themselves are drawn when seen."""
        self._width, self._columns = width, fitting(width)
        self._order.arrange(self.view.rows, self.view.board.metric, self.view.fold.seq)
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
        if row.number == self.view.base:
            content = ink.ink(("›", "bold $primary")) + content[1:]
        if row.number == self.cursor:
            return content.truncate(self._width, pad=True).stylize_before("bold on $cursor")
        return content

    def _titles(self) -> None:
        rows = self.view.rows
        total = len(rows) - (0 in rows)
        kind = "trial" if self.view.board.rows or not rows else "rehearsal"
        kind += "s" * (total != 1)
        words = " ".join(self._order.words)
        shown = f"{len(self.order):,} of {total:,}" if words else f"{total:,}"
        if self.view.reading is not None:
            word = "read to" if self.view.ended else "reading,"
            kind += f" · {word} {self.view.reading:.0%}"
        below = f"sort: {self._order.sort} · filter: {words or '-'}"
        if self.view.base is not None:
            below = f"compared with #{ink.number(self.view.base)} · {below}"
        name_border(self, self.view, f"5 Ledger · {shown} {kind}", below)

    # --- order -----------------------------------------------------------------------------------

    @property
    def order(self) -> list[int]:
        """The trials shown, in order."""
        return self._order.numbers

    def begin_filter(self) -> None:
        """Get ready to filter."""
        self._order.read(self.view.rows, self.view.fold.seq)

    def set_filter(self, text: str) -> None:
        """Show only the trials that contain every word of `text`."""
        self._order.words = tuple(text.lower().split())
        self.repaint()
        self.show_cursor()

    def next_sort(self) -> None:
        """Order by the next of time, value and sigma."""
        now = SORTS.index(self._order.sort)
        self._order.sort = SORTS[(now + 1) % len(SORTS)]
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
        if self.order:
            self._stand(at % len(self.order))

    def select(self, number: int | None) -> None:
        """Put the cursor on a trial; None lets it follow the trial in hand."""
        self.view.selected = number
        self.show_cursor()
        self.repaint()
        self.post_message(self.Moved())

    def show_cursor(self) -> None:
        """Scroll so that the cursor is in sight, below the titles."""
        cursor = self.cursor
        at = self._order.place(cursor)
        if at is None:
            return
        top = self.scroll_offset.y
        page = max(1, self.scrollable_content_region.height - HEAD)
        if at < top:
            self.scroll_to(y=at, animate=False)
        elif at >= top + page:
            self.scroll_to(y=at - page + 1, animate=False)

    def _go(self, move: Callable[[int], int]) -> None:
        at = self._order.place(self.cursor)
        self._stand(0 if at is None else move(at))  # what a filter hides has no place

    def _stand(self, at: int) -> None:
        if not self.order:
            return
        number = self.order[min(len(self.order) - 1, max(0, at))]
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
