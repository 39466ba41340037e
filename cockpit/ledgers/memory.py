"""A ledger that forgets: same contract as the durable one, for tests, demo and replay."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from cockpit.errors import LedgerError
from cockpit.events import Entry
from cockpit.ledgers.codec import decode, encode


class MemoryLedger:
    """Keeps entries in a list. Appended by one thread, read by many.

    Args:
        entries: what it already holds, in order.
    """

    def __init__(self, entries: tuple[Entry, ...] = ()) -> None:
        self._entries: list[Entry] = []
        self._lock = Lock()
        for entry in entries:
            self.append(entry)

    def append(self, entry: Entry) -> None:
        """Record; holds exactly what the durable ledger would give back.

        Raises:
            LedgerError: the entry is not the next one, or its event cannot be recorded.
        """
        # The round trip refuses here what SQLite would refuse on the user's machine.
        event = decode(encode(entry.event))
        with self._lock:
            if entry.seq != len(self._entries):
                raise LedgerError(
                    f"entry {entry.seq} cannot follow entry {len(self._entries) - 1}",
                    "only one cockpit may write a ledger",
                )
            self._entries.append(
                Entry(
                    seq=entry.seq,
                    at=entry.at,
                    session=entry.session,
                    slot=entry.slot,
                    event=event,
                )
            )

    def read(self, after: int = -1) -> Iterator[Entry]:
        """Yield the entries with `seq` above `after`, oldest first."""
        position = max(after + 1, 0)
        while position < len(self._entries):
            yield self._entries[position]
            position += 1

    def close(self) -> None:
        """Do nothing; there is nothing to close."""
