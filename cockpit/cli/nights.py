"""`cockpit import`, and any ledger as entries: ours, or a table from elsewhere."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from cockpit.cli.journal import LEDGER, history, open_journal, workspace_root
from cockpit.digest import digest_of_file
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.errors import CockpitError, LedgerError, UsageError
from cockpit.events import VERIFY, Entry
from cockpit.ledgers.dialects import ForeignLedger, read_dialect
from cockpit.ledgers.imported import assumed, imported
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.lock import WorkspaceLock
from cockpit.metric import Direction

SHOWN = 5
"""Marked rows that are told one by one."""


def import_file(arguments: argparse.Namespace) -> int:
    """`cockpit import FILE [DIR]`: a table from elsewhere becomes a session of the journal."""
    root, path = workspace_root(arguments.dir), Path(arguments.file)
    table = read_table(path, direction_of(arguments))
    with WorkspaceLock(root):
        journal = open_journal(root)
        try:
            fold = Fold(journal.read())
            boards = (*fold.others, fold.board)
            source = source_of(path)
            twice = next((b for b in boards if b.imported and b.data == source), None)
            if twice is not None:
                raise UsageError(
                    f"{path} was imported before, as session {twice.session_tag}",
                    "see it: cockpit ledger --all",
                )
            tag = free_tag(path, {board.session_tag for board in boards})
            for entry in entries_of(table, path, tag, seq=fold.seq + 1):
                journal.append(entry)
        finally:
            journal.close()
    print(imported_text(table, path, tag), end="")
    return 0


def night(place: Path, *, session: str = "", direction: Direction | None = None) -> list[Entry]:
    """Return the entries of one session of a workspace, a journal or a table.

    What `cockpit verify` found stands among them, for it is about the files of all sessions.

    Args:
        place: a folder, a ledger.db, or a table in any dialect.
        session: its tag; the newest one without.
        direction: of a table, where it is not to be inferred.

    Raises:
        CockpitError: there is nothing to be read.
    """
    if place.is_file() and not _is_journal(place):
        return list(entries_of(read_table(place, direction), place, free_tag(place, set())))
    entries = _journal(place) if place.is_file() else history(workspace_root(str(place)))
    fold = Fold(entries)
    tag = session or fold.board.session_tag
    if not any(entry.session == tag for entry in entries):
        known = ", ".join(b.session_tag for b in (*fold.others, fold.board) if b.session_tag)
        what = f"{place} has no session {session}" if session else f"{place} has no session yet"
        raise UsageError(what, f"there are {known}" if known else "start one: cockpit")
    return [entry for entry in entries if entry.session in (tag, VERIFY)]


def direction_of(arguments: argparse.Namespace) -> Direction | None:
    """Return the direction that the flags ask for, or None."""
    if arguments.maximize:
        return Direction.MAXIMIZE
    return Direction.MINIMIZE if arguments.minimize else None


def read_table(path: Path, direction: Direction | None = None) -> ForeignLedger:
    """Read a table in any dialect.

    Raises:
        LedgerError: it cannot be read, or holds no row.
    """
    try:
        table = read_dialect(path.read_bytes(), direction)
    except OSError as error:
        raise LedgerError(f"{path} cannot be read ({error.strerror})", "name a table") from error
    if not table.rows:
        raise LedgerError(f"{path} holds no row", "name a results.tsv")
    return table


def entries_of(table: ForeignLedger, path: Path, tag: str, seq: int = 0) -> list[Entry]:
    """Return a table as the entries of session `tag`; rows without times end at the file's."""
    ends_at = path.stat().st_mtime
    return list(imported(table, tag=tag, source=source_of(path), ends_at=ends_at, seq=seq))


def source_of(path: Path) -> str:
    """Name a file by its name and content."""
    return f"{path.name}, sha256 {digest_of_file(path)[:12]}"


def free_tag(path: Path, used: set[str]) -> str:
    """Return the first of `import-mar8`, `import-mar8-2`, ... that is not in `used`."""
    first = "import-" + (re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "table")
    tag, count = first, 1
    while tag in used:
        count += 1
        tag = f"{first}-{count}"
    return tag


def imported_text(table: ForeignLedger, path: Path, tag: str) -> str:
    """Say what was imported, and what was odd about it."""
    board = Fold(entries_of(table, path, tag)).board
    way = "less" if table.metric.direction is Direction.MINIMIZE else "more"
    lines = [
        f"{path}: {len(table.rows)} rows are now session {tag}",
        f"  {counts_text(board)}",
        f"  {way} {table.metric.name} is better: {table.direction_why}",
        *(f"  {note}" for note in (*table.notes, assumed(table)) if note),
    ]
    if table.marked:
        lines.append(f"  {len(table.marked)} rows are marked:")
        lines += [f"    line {r.line}: {'; '.join(r.marks)}" for r in table.marked[:SHOWN]]
        more = len(table.marked) - SHOWN
        lines += [f"    and {more} more"] if more > 0 else []
    lines.append("  values are the word of their scripts; they are never compared with ours")
    return "\n".join(lines) + "\n"


def counts_text(board: Board) -> str:
    """Return keeps (the baseline with them), other verdicts and the best, in a line."""
    baseline = board.rows.get(0)
    keeps = sum(row.word in ("keep", "simpler") for row in board.rows.values())
    words = f"{keeps} keep{'s' * (keeps != 1)}"
    words += " (the baseline with them)" if baseline and baseline.word == "keep" else ""
    others = [f"{n} {word}" for word, n in board.counts.items() if word not in ("keep", "simpler")]
    best = board.incumbent_value
    tail = "" if best is None else f"; best {best:.6f} at #{board.incumbent}"
    return ", ".join([words, *others]) + tail


def _is_journal(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError as error:
        raise LedgerError(f"{path} cannot be read ({error.strerror})", "name a ledger") from error


def _journal(path: Path) -> list[Entry]:
    if path.name != Path(LEDGER).name:
        raise CockpitError(f"{path} is a database, but no {LEDGER}", "name the workspace")
    ledger = SqliteLedger(path, read_only=True)
    try:
        return list(ledger.read())
    finally:
        ledger.close()
