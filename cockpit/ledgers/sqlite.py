"""The durable ledger: one append-only SQLite table in WAL mode, every entry synced to disk."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from cockpit.errors import LedgerError
from cockpit.events import SCHEMA, Entry
from cockpit.ledgers.codec import decode_fields, dumps, encode, loads
from cockpit.ledgers.mounts import network_type

_APPLICATION = 0x61727063
"""PRAGMA application_id: "arpc", so that `file` and we tell the journal from other databases."""
_BATCH = 2000
_BUSY_SECONDS = 5.0
_TABLE = """
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY, at REAL NOT NULL, session TEXT NOT NULL, slot INTEGER NOT NULL,
  trial INTEGER, event TEXT NOT NULL, body TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
"""
_Row = tuple[int, float, str, int, str, str, int]


class SqliteLedger:
    """The journal in one file; one writer, any number of readers beside it.

    Usable from any thread. With `read_only` nothing is created or changed, and a running session
    is not disturbed; what it appends later is seen by the next `read`.

    Args:
        path: the database file; its folder must exist.
        read_only: open for `status`, report and replay.
        mounts: text like /proc/self/mounts; None reads that file.

    Raises:
        LedgerError: a network file system, a damaged file, a newer schema, or no access.
    """

    def __init__(self, path: Path, *, read_only: bool = False, mounts: str | None = None) -> None:
        self.path = path.absolute()
        self._lock = Lock()
        kind = network_type(self.path, mounts)
        if kind:
            raise LedgerError(
                f"{self.path} lies on a network file system ({kind}), where a journal is not safe",
                "move the workspace to a local disk",
            )
        try:
            self._connection = _connect(self.path, read_only=read_only)
        except sqlite3.Error as error:
            raise self._failure("cannot be opened", error) from error
        try:
            self._prepare(read_only=read_only)
        except sqlite3.Error as error:
            self.close()
            raise self._failure("cannot be opened", error) from error
        except LedgerError:
            self.close()
            raise

    def append(self, entry: Entry) -> None:
        """Record durably before returning; `entry.seq` must follow the last recorded one.

        Raises:
            LedgerError: another writer was here, the event cannot be encoded, or disk trouble.
        """
        fields = encode(entry.event)
        name = fields.pop("event")
        trial = fields.get("trial")
        body = dumps(fields)
        with self._lock:
            try:
                crc = _checksum(entry.seq, entry.at, entry.session, entry.slot, name, body)
                row = (entry.seq, entry.at, entry.session, entry.slot, trial, name, body, crc)
                self._insert(row)
            except (sqlite3.Error, OverflowError, UnicodeError) as error:
                raise self._failure(f"cannot record entry {entry.seq}", error) from error

    def read(self, after: int = -1) -> Iterator[Entry]:
        """Yield the entries with `seq` above `after`, oldest first, as recorded so far.

        Raises:
            LedgerError: an entry is missing, damaged, or from a newer cockpit; it is named.
        """
        last = max(after, -1)
        while rows := self._batch(last):
            for row in rows:
                if row[0] != last + 1:
                    raise LedgerError(f"entry {last + 1} is missing from {self.path}", _RESTORE)
                last = row[0]
                yield self._entry(row)

    def last(self) -> int:
        """Return the number of the newest entry, -1 when there is none.

        Raises:
            LedgerError: the file cannot be read.
        """
        rows = self._rows("SELECT coalesce(max(seq), -1) FROM entries")
        return int(rows[0][0]) if rows else -1

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> SqliteLedger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _prepare(self, *, read_only: bool) -> None:
        run = self._connection.execute
        version = run("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise LedgerError(
                f"{self.path} has schema {version}, this cockpit knows {SCHEMA}",
                "update the cockpit",
            )
        empty = run("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if not empty and run("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise LedgerError(f"{self.path} is a database, but not a ledger", "move it away")
        if read_only:
            return
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        if empty:
            self._connection.executescript(
                f"BEGIN IMMEDIATE; {_TABLE} PRAGMA application_id = {_APPLICATION};"
                f"PRAGMA user_version = {SCHEMA}; COMMIT;"
            )
        problem = run("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise LedgerError(f"{self.path} is damaged ({' '.join(problem.split())})", _RESTORE)

    def _insert(self, row: tuple[int | float | str | None, ...]) -> None:
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
            last = run("SELECT coalesce(max(seq), -1) FROM entries").fetchone()[0]
            if row[0] != last + 1:
                raise LedgerError(
                    f"entry {row[0]} cannot follow entry {last} in {self.path}",
                    "only one cockpit may write a ledger: quit the other one",
                )
            run("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            run("COMMIT")
        finally:
            if self._connection.in_transaction:
                run("ROLLBACK")

    def _batch(self, after: int) -> list[_Row]:
        # Batches, not one long cursor: an open read transaction would hold the log's checkpoint.
        return self._rows(
            "SELECT seq, at, session, slot, event, body, crc FROM entries"
            " WHERE seq > ? ORDER BY seq LIMIT ?",
            after,
            _BATCH,
        )

    def _rows(self, question: str, after: int = -1, *more: int) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(question, (after, *more) if more else ()).fetchall()
            except sqlite3.Error as error:
                if str(error) == _UNMADE:  # Its writer has made the file, and not yet the table.
                    return []
                raise self._failure(f"cannot be read after entry {after}", error) from error

    def _entry(self, row: _Row) -> Entry:
        seq, at, session, slot, name, body, crc = row
        if _checksum(seq, at, session, slot, name, body) != crc:
            raise LedgerError(f"entry {seq} of {self.path} is damaged", _RESTORE)
        try:
            event = decode_fields(name, loads(body))
        except LedgerError as error:
            raise LedgerError(f"entry {seq} of {self.path}: {error.what}", error.remedy) from error
        return Entry(seq=seq, at=at, session=session, slot=slot, event=event)

    def _failure(self, what: str, error: Exception) -> LedgerError:
        remedy = "check the file and its folder"
        text = str(error).lower()
        if "full" in text or "i/o" in text:
            remedy = "free some disk space and start again"
        elif "locked" in text or "busy" in text:
            remedy = "another program holds it: quit that first"
        elif "malformed" in text or "not a database" in text:
            remedy = _RESTORE
        return LedgerError(f"the ledger {self.path} {what}: {error}", remedy)


_UNMADE = "no such table: entries"
_RESTORE = "restore it from a copy, or move it away to begin a new one"


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _checksum(seq: int, at: float, session: str, slot: int, name: str, body: str) -> int:
    return zlib.crc32(f"{seq} {at!r} {session} {slot} {name} {body}".encode())
