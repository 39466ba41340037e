"""What an earlier cockpit left behind: wardens that still run, folders that were not closed."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cockpit.arena import record
from cockpit.arena.runfolder import RunFolder
from cockpit.arena.tree import PROC, SWEEP_SECONDS

CLOSED = "interrupted"


def close_leftovers(runs: Path) -> int:
    """End every warden that a dead cockpit left, with its tree, and close the folders.

    A process id alone names nobody after a restart: start time and boot are compared as well.

    Returns:
        How many runs had been cut off.
    """
    folders = [p for p in runs.glob("*/*") if p.is_dir() and not p.is_symlink()]
    return sum(_close(RunFolder(path)) for path in folders)


def _close(folder: RunFolder) -> bool:
    found = record.read(folder.path)
    open_still = os.path.lexists(folder.work) or os.path.lexists(folder.exam)
    if found is not None and found.running():
        _end(found)
        found = record.read(folder.path) or found
    elif not open_still:
        return False
    if found is not None:
        _end_strays(folder.work)
        with suppress(OSError):
            record.write(folder.path, replace(found, closed=CLOSED))
    folder.close(keep_weights=False)
    return True


def _end(warden: record.Record) -> None:
    """Ask the warden to end its tree; kill it when it does not (its child then dies with it)."""
    for order, patience in ((signal.SIGTERM, SWEEP_SECONDS + 1), (signal.SIGKILL, 1.0)):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(warden.pid, order)
            os.kill(warden.pid, signal.SIGCONT)
        until = time.monotonic() + patience
        while warden.running() and time.monotonic() < until:
            time.sleep(0.02)
        if not warden.running():
            return


def _end_strays(work: Path) -> None:
    """Kill processes that still carry the run's folder in their environment.

    Only needed when the warden itself was killed, and best effort: a process can change what its
    environment shows, but not, on a CPU, start another.
    """
    tag = f"COCKPIT_RUN={work}".encode()
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if tag in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
