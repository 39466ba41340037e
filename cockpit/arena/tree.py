"""Processes below this one: found, ended, counted. Linux reads /proc; elsewhere the group is all.

A process that left its group and its session still has a parent: with this process a subreaper,
that is always one of ours, so that nothing below gets away.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
SWEEP_SECONDS = 5.0


class Reaped(NamedTuple):
    """A process that ended: its wait status and what it used, its own reaped children included."""

    pid: int
    status: int
    usage: resource.struct_rusage


def reap() -> tuple[list[Reaped], bool]:
    """Collect children that have ended; the flag says whether any child is left."""
    ended: list[Reaped] = []
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return ended, False
        if pid == 0:
            return ended, True
        ended.append(Reaped(pid, status, usage))


def stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the command name; empty when there is none.

    Index 0 is the state (field 3 of proc(5)), 1 the parent, 11 and 12 user and system ticks,
    19 the start time.
    """
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def start_time(pid: int) -> str:
    """Return when the process started, in ticks since boot; empty when it is not there.

    With the boot id it names a process for good, where a bare id is used again.
    """
    fields = stat_fields(pid)
    return fields[19] if len(fields) > 19 and fields[0] not in "ZX" else ""


def boot_id() -> str:
    """Return the id of this boot of the machine; empty where the kernel has none."""
    with suppress(OSError):
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return ""


def descendants(root: int) -> list[int]:
    """Return the ids of all living processes below `root`, however deep."""
    parents: dict[int, int] = {}
    if not PROC.is_dir():
        return []
    for entry in (path.name for path in PROC.iterdir()):
        if entry.isdigit() and (fields := stat_fields(int(entry))) and fields[0] not in "ZX":
            parents[int(entry)] = int(fields[1])
    below = {root}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return sorted(below - {root})


def sweep(child: int, collect: Callable[[list[Reaped]], None]) -> int:
    """Kill everything below this process until nothing is left; return how many would not go.

    `collect` is given what was reaped on the way. Bounded by `SWEEP_SECONDS`: a process stuck in
    the kernel cannot be killed, and that has to be said rather than waited for.
    """
    until = time.monotonic() + SWEEP_SECONDS
    pause = 0.001
    while True:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        living = descendants(os.getpid())
        for pid in living:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        ended, more = reap()
        collect(ended)
        if not more and not living:
            return 0
        if time.monotonic() > until:
            return len(descendants(os.getpid()))
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
