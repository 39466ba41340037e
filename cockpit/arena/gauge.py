"""What a run used and whether it had the machine to itself, from /proc; never from its output."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from cockpit.arena import processors
from cockpit.arena.tree import PROC, Reaped, stat_fields

WAIT_SHARE = 0.10
"""A run that waited for a processor longer than this share of the time it wanted one, or lost as
much to the hypervisor, is called contended: ten percent of the steps cost about two percent bpb."""

RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes of one unit of ru_maxrss (getrusage(2))."""


class Gauge:
    """Accumulates the use of one child; `tick` it about once a second while it runs.

    `held` are the processors it is held to, none when it may use all.
    """

    def __init__(self, pid: int, threads: int, held: tuple[int, ...] = ()) -> None:
        self._pid = pid
        self._held = held
        self._held_at_clock: processors.Ticks = {}
        self._threads = max(1, threads)
        self._tick = os.sysconf("SC_CLK_TCK")
        self._waited: dict[str, int] = {}
        self._ran: dict[str, int] = {}
        self._at_clock = 0.0
        self._waited_at_clock = 0
        self._ran_at_clock = 0
        self._steal_at_clock = (0, 0)
        self._slept_at_clock = 0.0
        self.cpu = 0.0
        self.peak: int | None = None

    def clock(self) -> None:
        """Mark the start of the budget: what was used before is the launch's."""
        fields = stat_fields(self._pid)
        self._at_clock = sum(map(int, fields[11:13])) / self._tick if fields else 0.0
        self.tick()
        self._waited_at_clock = sum(self._waited.values())
        self._ran_at_clock = sum(self._ran.values())
        self._steal_at_clock = _steal()
        self._slept_at_clock = _slept()
        self._held_at_clock = processors.ticks() if self._held else {}

    def tick(self) -> None:
        """Read how long each thread of the child ran and stood in line for a processor."""
        with suppress(OSError):
            for task in (PROC / str(self._pid) / "task").iterdir():
                with suppress(OSError, ValueError):
                    ran, waited, _ = (task / "schedstat").read_text().split()
                    self._ran[task.name], self._waited[task.name] = int(ran), int(waited)

    def collect(self, ended: list[Reaped]) -> None:
        """Add the use of processes that have ended."""
        for process in ended:
            self.cpu += process.usage.ru_utime + process.usage.ru_stime
            self.peak = max(self.peak or 0, process.usage.ru_maxrss * RSS_UNIT)

    def share(self, seconds: float) -> float | None:
        """Return CPU seconds since the clock over wall seconds and threads."""
        if seconds <= 0:
            return None
        return max(0.0, self.cpu - self._at_clock) / (seconds * self._threads)

    def contended(self) -> str:
        """Return a sentence when the run did not have the machine to itself, else nothing."""
        stolen, total = (n - then for n, then in zip(_steal(), self._steal_at_clock, strict=True))
        return contention(
            ran=sum(self._ran.values()) - self._ran_at_clock,
            waited=sum(self._waited.values()) - self._waited_at_clock,
            stolen=stolen,
            total=total,
            slept=_slept() - self._slept_at_clock,
            foreign=self._foreign(),
        )

    def _foreign(self) -> float | None:
        """Return the nanoseconds that others had its processors; None when it is not held to any.

        Known once it has ended: until then `cpu` is not counted.
        """
        busy = processors.busy_ticks(self._held_at_clock, processors.ticks(), self._held)
        if busy is None:
            return None
        own = self.cpu - self._at_clock
        return max(0.0, busy / self._tick - own) * 1e9


class Idle:
    """Counts the processors that nobody wanted since it was made."""

    def __init__(self) -> None:
        self._before = _idle()

    def processors(self) -> int:
        """Return how many, of those that we may use."""
        idle, total = (now - then for now, then in zip(_idle(), self._before, strict=True))
        return min(unwanted(idle, total, os.cpu_count() or 1), len(os.sched_getaffinity(0)))


def unwanted(idle: float, total: float, count: int) -> int:
    """Return how many of `count` processors idled; most of one counts as one; pure.

    Seven tenths, for the cockpit itself wants a little. A thread too many costs more than one too
    few: where two threads shared one processor, an examination took three times as long.
    """
    return int(idle / total * count + 0.3) if total > 0 else 0


def contention(
    *,
    ran: float,
    waited: float,
    stolen: float,
    total: float,
    slept: float,
    foreign: float | None = None,
) -> str:
    """Say who else had the machine: processors waited for or stolen, or the lid was shut; pure.

    `ran` and `waited` are times of the run's threads, `stolen` and `total` of all processors, in
    one unit each; `slept` is seconds. `foreign` is how long others had the processors that the run
    is held to, in the unit of `ran`: more threads than it has processors wait for each other, and
    that is nobody's doing but its own.
    """
    if foreign is not None:
        waited = min(waited, foreign)
    if slept > 1:
        return f"the machine slept for {slept:.0f} s during the run"
    if ran + waited > 0 and waited / (ran + waited) > WAIT_SHARE:
        return f"waited for a processor {waited / (ran + waited):.0%} of the time it wanted one"
    if total > 0 and stolen / total > WAIT_SHARE:
        return f"the hypervisor took {stolen / total:.0%} of the processors' time"
    return ""


def _slept() -> float:
    """Return the seconds this machine was suspended since it started."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boottime) - time.monotonic() if boottime is not None else 0.0


def _idle() -> tuple[int, int]:
    """Return the idle ticks of all processors, and all their ticks; proc_stat(5)."""
    with suppress(OSError, ValueError):
        fields = [int(f) for f in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return fields[3] + fields[4], sum(fields)
    return 0, 0


def _steal() -> tuple[int, int]:
    with suppress(OSError, ValueError):
        fields = [int(f) for f in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return fields[7], sum(fields)
    return 0, 0
