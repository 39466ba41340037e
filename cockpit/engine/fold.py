"""The fold of a whole journal: one Board for each session in it."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit import events as ev
from cockpit.engine.board import Board
from cockpit.engine.verification import Verifications


class Fold:
    """Follows a journal through its sessions; `board` is that of the newest entry.

    A session that was imported is only shown where there is none of our own. `others` are the
    other sessions, whose values are never compared with this one's; `verifications` stand beside
    them; `seq` is the number of the last entry, -1 before the first.
    """

    def __init__(self, entries: Iterable[ev.Entry] = ()) -> None:
        self._boards: dict[str, Board] = {}
        self._current = ""
        self.verifications = Verifications()
        self.seq = -1
        for entry in entries:
            self.apply(entry)

    @property
    def board(self) -> Board:
        """The board of the current session; an empty one before the first entry."""
        return self._boards.get(self._current) or Board()

    @property
    def others(self) -> tuple[Board, ...]:
        """The boards of the other sessions, oldest first."""
        return tuple(b for tag, b in self._boards.items() if tag != self._current)

    def find(self, fingerprint: ev.Fingerprint) -> Board | None:
        """Return the newest session under this fingerprint, or None."""
        found = (b for b in self._boards.values() if b.fingerprint == fingerprint)
        return max(found, key=lambda b: b.seq, default=None)

    def apply(self, entry: ev.Entry) -> None:
        """Advance by one entry, of whichever session."""
        self.seq = entry.seq
        if self.verifications.apply(entry):
            return
        board = self._boards.get(entry.session)
        if board is None:
            board = self._boards[entry.session] = Board()
        board.apply(entry)
        if entry.session == self._current:
            return
        if not board.imported or self.board.imported or not self._current:
            self._current = entry.session
