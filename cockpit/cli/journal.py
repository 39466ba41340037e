"""Where the workspace and its journal are; light, for the commands that only look."""

from __future__ import annotations

import gc
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


def history(root: Path, after: int = -1) -> list[Entry]:
    """Return the journal above `after`, read beside a running session; empty without one."""
    path = root / LEDGER
    if not path.is_file():
        return []
    ledger = SqliteLedger(path, read_only=True)
    try:
        return everything(ledger, after)
    finally:
        ledger.close()


def everything(ledger: SqliteLedger, after: int = -1) -> list[Entry]:
    """Return the entries above `after`.

    A long journal is a million small objects and no garbage among them: looking for some while it
    is read takes a third of the time, and a tenth of a second again and again afterwards.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        return list(ledger.read(after))
    finally:
        if after < 0:
            gc.freeze()
        if looked:
            gc.enable()
