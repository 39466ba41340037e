"""Pane 2, Diff: the candidate against the best while a trial is open, else the selected row's.

With a trial marked to compare with, it holds the selected trial's file against that one's.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cockpit.engine.rows import Row
from cockpit.tui import ink
from cockpit.tui.drawn import numbered_diff, render, split_diff
from cockpit.tui.hunks import DiffLine, totals
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.view import View

SIDES = 80
"""Columns from which a diff may stand side by side."""
WIDE = 120
"""Columns from which it does so unasked: whole lines of code fit on both sides."""


class DiffPane(Lines):
    """Line numbers, signs always, colours as a second channel; `[` and `]` step through hunks."""

    BORDER_TITLE = "2 Diff"

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(view, id=id)
        self._showing: tuple[int, int, int | None] | None = None

    @property
    def split(self) -> bool:
        """Say whether it stands side by side."""
        width = self.scrollable_content_region.width
        asked = self.view.split
        return width >= SIDES and (width >= WIDE if asked is None else asked)

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the head, then the diff."""
        row = self.view.shown
        if row is None:
            name_border(self, self.view, self.view.titled("diff", "2 Diff"))
            return [ink.ink(("no trial yet; the baseline comes first", DIM))]
        key = (row.number, row.attempts, self.view.base)
        if key != self._showing:
            self._showing = key
            self.call_later(self.scroll_to, y=0, animate=False)
        base = self._base(row)
        diff, trouble = self._diff(row, base)
        parsed = render(diff)[0] if diff else ()
        self._titles(row, base, parsed)
        head = [self._head(row, parsed, width), *([] if base is not None else self._asides(row))]
        if not diff:
            return [*head, ink.ink((trouble, DIM))]
        return [*head, *(split_diff if self.split else numbered_diff)(diff, width)]

    def hunk(self, step: int) -> None:
        """Scroll to the next hunk (`step` 1) or the previous one (-1)."""
        starts = [y for y, line in enumerate(self.lines) if line.plain.startswith("@@ ")]
        top = self.scroll_offset.y
        if step > 0:
            found = next((y for y in starts if y > top), None)
        else:
            found = next((y for y in reversed(starts) if y < top), 0)
        if found is not None:
            self.scroll_to(y=found, animate=False)

    def _base(self, row: Row) -> int | None:
        """Return the trial that the row is to be held against, if another than the best."""
        base = self.view.base
        return None if base is None or base == row.number or not row.archived else base

    def _diff(self, row: Row, base: int | None) -> tuple[str, str]:
        """Return the diff to show, and what to say when there is none."""
        if base is None:
            return row.diff, _nothing(row)
        found = self.view.shelf.difference(base, row.number)
        if found is None:
            return "", "reading both files…"
        return found.text, found.trouble or "the two files are the same"

    def _titles(self, row: Row, base: int | None, parsed: tuple[DiffLine, ...]) -> None:
        if base is not None:
            against = f" against #{ink.number(base)}"
        else:
            against = "" if row.against is None else f" against best #{row.against}"
        title = f"2 Diff · #{ink.number(row.number)}{against}"
        hunks = sum(1 for line in parsed if line.kind == "hunk")
        below = f"[ ] {hunks} hunks" if hunks > 1 else ""
        if base is not None:
            below = f"{below}   b ends comparing" if below else "b ends comparing"
        name_border(self, self.view, self.view.titled("diff", title), below)

    def _head(self, row: Row, parsed: tuple[DiffLine, ...], width: int) -> Content:
        added, removed = totals(parsed)
        tail = f"  {ink.author(row)}  +{added} -{removed}" if parsed else f"  {ink.author(row)}"
        name = f"#{ink.number(row.number)} "
        room = max(8, width - len(name) - len(tail))
        title = Content(row.hypothesis or row.summary or ink.what(row)).truncate(
            room, ellipsis=True
        )
        head = ink.ink((name, "bold"), title.stylize("italic"))
        return head.pad_right(max(0, width - len(tail) - head.cell_length)) + ink.ink((tail, DIM))

    def _asides(self, row: Row) -> list[Content]:
        lines = []
        if row.rejections and row.word is None and row.state == "open":
            last = row.rejections[-1]
            lines.append(ink.ink((f"turned back at {last.stage}: {last.reason}", "$warning")))
        lines += [ink.ink((f"! {text}", "$warning")) for text in row.warnings]
        if row.word is not None and row.reason:
            glyph, word, style = ink.verdict(row)
            lines.append(ink.ink((f"{glyph} {word} ", f"bold {style}"), (row.reason, DIM)))
        return lines


def _nothing(row: Row) -> str:
    if row.kind == "baseline":
        return "the unedited file: there is nothing to compare"
    if row.state in ("open", "judged"):
        return "the proposal is being made; its diff will stand here"
    return "nothing was staged"
