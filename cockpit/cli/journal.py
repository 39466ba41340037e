"""Where the workspace and its journal are; light, for the commands that only look."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cockpit.errors import UsageError
from cockpit.events import Entry
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.setup import find_workspace

LEDGER = ".cockpit/ledger.db"


def workspace_root(folder: str) -> Path:
    """Return the workspace that `folder` is or lies in.

    Raises:
        UsageError: it is none.
    """
    found = find_workspace(Path(folder))
    if found is None:
        here = Path(folder).resolve()
        raise UsageError(f"{here} is no workspace", f"make one: cockpit init {here}")
    return found


def open_journal(root: Path) -> SqliteLedger:
    """Open the journal to write; the caller holds the workspace's lock."""
    return SqliteLedger(root / LEDGER)


def journal_beside(root: Path) -> SqliteLedger | None:
    """Open the journal to read, beside a running session; None without one."""
    path = root / LEDGER
    return SqliteLedger(path, read_only=True) if path.is_file() else None


def history(root: Path, after: int = -1) -> list[Entry]:
    """Return the journal above `after`, read beside a running session; empty without one."""
    ledger = journal_beside(root)
    if ledger is None:
        return []
    try:
        return everything(ledger, after)
    finally:
        ledger.close()


def everything(ledger: SqliteLedger, after: int = -1) -> list[Entry]:
    """Return the entries above `after`."""
    if after >= 0:
        return list(ledger.read(after))
    with undisturbed():
        return list(ledger.read())


@contextmanager
def undisturbed() -> Iterator[None]:
    """Read a whole journal without looking for garbage meanwhile, nor ever among what was read.

    It is a million small objects and no garbage: looking takes a third of the time of reading,
    and a tenth of a second again and again afterwards.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if looked:
            gc.enable()
