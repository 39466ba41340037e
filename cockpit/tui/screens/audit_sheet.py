"""The page of the morning audit: its parts in their order, and the kept trial that is opened."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar, Protocol

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message

from cockpit.report.keeps import Keep
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.keymap import move
from cockpit.tui.morning import Morning
from cockpit.tui.painted import Painted, name_border
from cockpit.tui.screens.audit_answers import answers, since_words
from cockpit.tui.screens.audit_below import (
    heading,
    keep_body,
    keep_head,
    keep_line,
    lesson_lines,
    stairs_lines,
    tune_lines,
)
from cockpit.tui.view import View

BESIDE = 112
"""Columns from which the staircase stands beside the answers."""
ANSWERS = 74
"""Columns of the answers, where something stands beside them."""
BELOW = "PgDn for staircase, keeps, tunes"
PAGING = "j k page through their diffs"


class Chosen(Protocol):
    """What a sheet asks its screen."""

    @property
    def morning(self) -> Morning | None:
        """The facts, None while they are worked out."""

    @property
    def trouble(self) -> str:
        """Why there are no facts, if they could not be worked out."""

    @property
    def at(self) -> int:
        """The place of the selected keep among the keeps."""

    @property
    def wide(self) -> bool:
        """Whether the keeps have a sheet of their own."""

    @property
    def left(self) -> float:
        """When the human left, Unix time; 0 when nothing is known of that."""


Part = Content | Keep
"""A line, or a keep whose line is drawn when it is seen."""


class AuditSheet(Painted, inherit_bindings=False):
    """A scrolling part of the audit: the answers, or the keeps where those stand apart."""

    class Clicked(Message):
        """A keep was clicked: its place among the keeps."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    BINDINGS: ClassVar[list[BindingType]] = [
        move("page-up", "page_up", "page up"),
        move("page-down", "page_down", "page down"),
        move("top", "scroll_home", "to the top"),
        move("end", "scroll_end", "to the end"),
    ]

    def __init__(self, view: View, chosen: Chosen, *, keeps: bool) -> None:
        super().__init__(view, id="audit-keeps" if keeps else "audit")
        self._chosen, self._keeps = chosen, keeps
        self._selected = self._width = 0
        self._parts: Sequence[Part] = ()
        self._above: Sequence[Content] = ()
        self._morning: Morning | None = None
        self._shape = (False, 0, 0)
        self._at = -1

    def prepare(self, width: int, height: int) -> int:
        """Make the lines of this part, unless nothing changed since."""
        morning = self._chosen.morning
        name_border(self, self.view, *self._titles(morning))
        shape, at = (self._chosen.wide, width, height), self._chosen.at
        if morning is not self._morning or shape != self._shape:
            self._morning, self._shape, self._width, self._at = morning, shape, width, -1
            self._above = () if morning is None else self._top(morning, width, height)
        if at != self._at or morning is None:
            self._at, self._parts = at, self._make(morning, width)
        return len(self._parts)

    def line(self, y: int) -> Content:
        """Return a line; that of a keep is drawn now."""
        part = self._parts[y] if y < len(self._parts) else Content("")
        morning = self._chosen.morning
        if isinstance(part, Content) or morning is None:
            return part if isinstance(part, Content) else Content("")
        best = part.trial == self.view.board.incumbent
        chosen = part is morning.keeps[self._chosen.at]
        return keep_line(part, morning, self._width, chosen=chosen, best=best)

    def on_click(self, event: Click) -> None:
        """Open the clicked keep."""
        offset = event.get_content_offset(self)
        at = -1 if offset is None else offset.y + self.scroll_offset.y
        part = self._parts[at] if 0 <= at < len(self._parts) else None
        morning = self._chosen.morning
        if isinstance(part, Keep) and morning is not None:
            self.post_message(self.Clicked(morning.keeps.index(part)))

    def _make(self, morning: Morning | None, width: int) -> Sequence[Part]:
        """Return this part's lines, or those of both where only one is shown."""
        if morning is None:
            return [ink.ink((self._chosen.trouble or "reading the night…", DIM))]
        if self._keeps:
            return self._kept(morning, width, 0)
        lines: list[Part] = [*self._above]
        if not self._chosen.wide:
            lines.append(heading("The keeps, newest first", PAGING))
            lines += [*self._kept(morning, width, len(lines)), Content("")]
        return [*lines, *self._end(morning, width)]

    def _end(self, morning: Morning, width: int) -> list[Content]:
        """Return the two tunes and the newest lessons, where there are any."""
        first, best = morning.audit.first_tune, morning.audit.best_tune
        lines: list[Content] = []
        if first or best:
            title = heading("The first tune and the best one")
            lines += [title, *tune_lines(first, best, width), Content("")]
        if morning.lessons:
            hint = "" if self.view.read_only else "x strikes a lesson"
            lines += [heading("What it learnt, newest first", hint)]
            lines += lesson_lines(morning, width)
        return lines

    def _titles(self, morning: Morning | None) -> tuple[str, str]:
        """Return title and subtitle."""
        if self._keeps:
            return "The keeps, newest first", PAGING
        title = f"Morning audit · {self.view.board.session_tag}"
        below = "" if self._chosen.wide else BELOW
        if morning is None or not self._chosen.left:
            return title, below
        window = f"since {since_words(morning.audit)}" if morning.since else "the whole session"
        return f"{title} · {window}", below

    def _top(self, morning: Morning, width: int, height: int) -> list[Content]:
        """Return the answers, and the staircase beside or below them."""
        ascii_only = self.view.ascii_only
        title = heading("The staircase", f"{morning.stairs.metric.name} by trial")
        if self._chosen.wide or width < BESIDE:
            told = answers(morning, width, height)
            left = height - len(told) - len(self._end(morning, width)) - 2
            tall = min(24, max(12, left)) if self._chosen.wide else 12
            chart = stairs_lines(morning.stairs, width, tall, ascii_only=ascii_only)
            return [*told, title, *chart, Content("")]
        told = answers(morning, ANSWERS, height)
        room, tall = width - ANSWERS - 3, max(8, len(told) - 2)
        right = [title, *stairs_lines(morning.stairs, room, tall, ascii_only=ascii_only)]
        blank = Content("")
        return [
            a.truncate(ANSWERS, ellipsis=True, pad=True).pad_right(3) + b
            for a, b in zip_longest(told, [*right, blank], fillvalue=blank)
        ]

    def _kept(self, morning: Morning, width: int, above: int) -> list[Part]:
        """Return the keeps, the selected one with its diff; remember where it stands."""
        if not morning.keeps:
            return [ink.ink(("nothing was kept yet", DIM))]
        at, keeps = self._chosen.at, morning.keeps
        row = self.view.rows.get(keeps[at].trial)
        body = keep_body(keeps[at], row, morning, width)
        self._selected = above + 1 + at
        return [keep_head(morning.audit.metric, width), *keeps[: at + 1], *body, *keeps[at + 1 :]]

    def show_selected(self) -> None:
        """Scroll so that the selected keep stands at the top, its diff below it."""
        self.repaint()
        self.scroll_to(y=max(0, self._selected - 1), animate=False)

    @property
    def selected_in_sight(self) -> bool:
        """Say whether the selected keep can be seen."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        return top <= self._selected < top + height
