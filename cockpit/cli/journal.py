"""Where the workspace and its journal are; light, for the commands that only look."""

from __future__ import annotations

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
        return list(ledger.read(after))
    finally:
        ledger.close()
