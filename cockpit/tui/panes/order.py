"""The order of the ledger's rows: sorted and filtered once, until the journal moves on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cockpit.engine.rows import Row
from cockpit.metric import Direction, Metric
from cockpit.tui import ink

Sort = Literal["when", "value", "sigma"]
SORTS: tuple[Sort, ...] = ("when", "value", "sigma")


class Order:
    """Trial numbers in the order of the screen; the best first where it is sorted by merit.

    Attributes:
        sort: by what.
        words: all of them must stand in a trial that is shown; lower case.
        numbers: the trials shown.
    """

    def __init__(self) -> None:
        self.sort: Sort = "when"
        self.words: tuple[str, ...] = ()
        self.numbers: list[int] = []
        self._places: dict[int, int] = {}
        self._state: tuple[object, ...] = ()
        self._sought: tuple[str, ...] = ()
        self._found: list[Row] = []
        self._read: tuple[int, ...] = ()
        self._texts: dict[int, tuple[tuple[object, ...], str]] = {}

    def arrange(self, rows: Mapping[int, Row], metric: Metric, seq: int) -> None:
        """Put the rows in order, unless nothing changed; `seq` is the journal's last entry."""
        state = (seq, len(rows), id(rows), self.sort, self.words)
        if state == self._state:
            return
        self._found = self._matching(rows, seq)
        self._state = state
        self.numbers = _arranged(self._found, self.sort, metric)
        self._places = {number: at for at, number in enumerate(self.numbers)}

    def read(self, rows: Mapping[int, Row], seq: int) -> None:
        """Read what the filter looks through, so that the first letter typed need not."""
        state = (seq, len(rows), id(rows))
        if state == self._read:
            return
        if self._read[2:] != state[2:]:  # another session's rows
            self._texts.clear()
        self._read = state
        for row in rows.values():
            self._take(row)

    def place(self, number: int | None) -> int | None:
        """Return where a trial stands, or None when it is not shown."""
        return None if number is None else self._places.get(number)

    def _matching(self, rows: Mapping[int, Row], seq: int) -> list[Row]:
        # Each letter typed makes a word longer: only what the shorter one left can have it.
        longer = all(any(old in new for new in self.words) for old in self._sought)
        same = self._state[:3] == (seq, len(rows), id(rows))
        found = self._found if same and longer else list(rows.values())
        if self.words:
            self.read(rows, seq)
        for word in self.words:
            found = [row for row in found if word in self._texts[row.number][1]]
        self._sought = self.words
        return found

    def _take(self, row: Row) -> None:
        # A row changes by few of its fields once it has a text; these tell when.
        state = (row.state, row.word, row.attempts, len(row.runs), row.provisional, row.refused)
        known = self._texts.get(row.number)
        if known is None or known[0] != state:
            self._texts[row.number] = (state, _text(row))


def _text(row: Row) -> str:
    """Return what the filter looks through: all that the line says, and the reason."""
    parts = (
        f"#{ink.number(row.number)}",
        row.state,
        "provisional" if row.provisional else "",
        row.word,
        ink.verdict(row)[1],
        ink.author(row),
        row.model,
        row.hypothesis,
        row.summary,
        row.reason,
        row.commit[:12],
    )
    return " ".join(part for part in parts if part).lower()


def _arranged(rows: list[Row], sort: Sort, metric: Metric) -> list[int]:
    """Return the numbers of the rows; those without a value come last, newest first."""
    if sort == "when":
        return sorted((row.number for row in rows), key=abs, reverse=True)
    sign = 1.0 if metric.direction is Direction.MINIMIZE else -1.0
    known: list[tuple[float, int]] = []
    rest: list[int] = []
    for row in rows:
        value = row.value if sort == "value" else row.sigmas
        if value is None:
            rest.append(row.number)
        else:
            known.append((sign * value, row.number))
    return [number for _, number in sorted(known)] + sorted(rest, reverse=True)
