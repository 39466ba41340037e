"""The journal so far: read at once where that is quick, else piece by piece under the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from cockpit.cli.journal import undisturbed
from cockpit.errors import CockpitError
from cockpit.events import Entry
from cockpit.ledgers.sqlite import SqliteLedger

SHORT = 2000
"""Entries, of some two hundred trials, that are read before there is a screen."""
PIECE = 500
"""Entries told at once: the screen folds them between two keys."""

Tell = Callable[[Sequence[Entry], float], None]
"""Hears a piece of the past, and the share of the journal that is read by now."""


class Recall:
    """The journal as it was found; whoever goes through it first reads it, in their own thread.

    Attributes:
        entries: what was read so far.
        waiting: whether it is still to be read; a short journal is read when this is made.

    Args:
        ledger: the journal; None where there is none.
        tell: hears each piece of what is read later; None when nobody can, so all is read at once.
        halted: why to stop reading, or nothing.
        then: is called with all of it when it was read.

    Raises:
        LedgerError: an entry of a short journal is missing or damaged.
    """

    def __init__(
        self,
        ledger: SqliteLedger | None,
        tell: Tell | None = None,
        *,
        halted: Callable[[], str] = str,
        then: Callable[[list[Entry]], None] = lambda _: None,
    ) -> None:
        self.entries: list[Entry] = []
        self._ledger, self._tell, self._halted, self._then = ledger, tell, halted, then
        self.waiting = True
        if ledger is None or tell is None or ledger.last() < SHORT:
            self._tell = None
            self._read()

    def __iter__(self) -> Iterator[Entry]:
        """Go through the past, oldest first; read it before that.

        Raises:
            LedgerError: an entry is missing or damaged; it is named.
            CockpitError: it was halted.
        """
        if self.waiting:
            self._read()
        return iter(self.entries)

    def _read(self) -> None:
        with undisturbed():
            for piece in self._pieces():
                if why := self._halted():
                    raise CockpitError(f"{why} while the journal was read", "start again")
                self.entries += piece
                self._say(piece)
        self.waiting = False
        self._then(self.entries)
        if self._tell is not None:
            self._tell((), 1.0)

    def _pieces(self) -> Iterator[list[Entry]]:
        entries = iter(()) if self._ledger is None else self._ledger.read()
        while piece := list(islice(entries, PIECE)):
            yield piece

    def _say(self, piece: list[Entry]) -> None:
        if self._tell is not None and self._ledger is not None:
            self._tell(piece, min(0.99, (piece[-1].seq + 1) / (self._ledger.last() + 1)))
