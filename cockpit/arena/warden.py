"""The supervisor of one run: one thread, no torch, owner of the deadline and of the output file.

Started by the cockpit, with the job on its standard input. It spawns the launcher, starts the clock
when the walls are up, stamps the hand-over, and ends the whole tree at the deadline, on request, or
when the cockpit is gone. It never waits for the cockpit: one that is stopped changes nothing.
Its record (`warden.json`) is on disk before the last word is sent.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cockpit.arena import record, tree
from cockpit.arena.gauge import Gauge
from cockpit.arena.job import Job
from cockpit.arena.kernel import PR_SET_CHILD_SUBREAPER, prctl
from cockpit.arena.launcher import read_line
from cockpit.arena.messages import (
    ClockBegan,
    Ended,
    EndReason,
    HandedOver,
    Message,
    Started,
    encode,
)
from cockpit.arena.processors import Claim
from cockpit.arena.sink import CHUNK, Sink
from cockpit.arena.spawn import launch

TICK, LAST_TICK = 0.05, 0.005
"""Seconds between looks at the child and its hand-over: the precision of the stamp, and in the last
second of the budget, where a look too late would cost a hand-over in time."""
FLOOD_PAUSE = 0.05
"""Seconds between reads once the output is over its cap; a flood slows down its maker alone."""
LOW_DISK, LOW_FILES = 256 << 20, 10_000
"""Bytes and files that must still fit on the disk, so that the ledger can always be written."""
COMMANDS, REPORTS = 0, 1


def main() -> None:
    """Supervise the job on standard input; arguments are descriptors the child inherits."""
    if sys.platform == "linux":
        prctl(PR_SET_CHILD_SUBREAPER, 1)
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    line = read_line(COMMANDS)
    if not line:
        return
    warden = _Warden(Job.from_json(line), tuple(map(int, sys.argv[1:])))
    signal.signal(signal.SIGTERM, lambda *_: warden.end("cancelled"))
    warden.supervise()


class _Warden:
    def __init__(self, job: Job, pass_fds: tuple[int, ...]) -> None:
        self.job = job
        self._pass_fds = pass_fds
        self._sink = Sink(job.output, job.output_cap)
        self._reason: EndReason | None = None
        self._status: int | None = None
        self._began = time.monotonic()
        self._clock: float | None = None
        self._launched: float | None = None
        self._handed_over: float | None = None
        self._launch_error = ""
        self._next_read = self._next_look = 0.0
        self._pid = 0
        self._output = self._control = -1
        self._gauge = Gauge(0, job.threads)
        self._claim: Claim | None = None
        os.set_blocking(REPORTS, False)

    def end(self, reason: EndReason) -> None:
        """End the tree for this reason, unless it is ending already."""
        self._reason = self._reason or reason

    def supervise(self) -> None:
        """Run the job to its end and record it."""
        self._record(None)
        try:
            self._spawn()
        except OSError as error:
            self._launch_error = f"{self.job.python} could not be started: {error}"
            self.end("exit")
        while self._reason is None:
            self._wait()
            self._collect(tree.reap()[0])
            self._look(time.monotonic())
        ended_at = time.monotonic()
        survivors = tree.sweep(self._pid, self._collect) if self._pid else 0
        self._finish(ended_at, survivors)

    def _spawn(self) -> None:
        if self.job.hold and sys.platform == "linux":
            self._claim = Claim(self.job.threads)
        held = self._claim.processors if self._claim else ()
        job = replace(self.job, policy=replace(self.job.policy, processors=held))
        self._pid, self._output, self._control = launch(job, self._pass_fds)
        self._gauge = Gauge(self._pid, self.job.threads, held)
        self._report(Started(pid=self._pid))

    # --- the loop ----------------------------------------------------------------------------

    def _wait(self) -> None:
        now = time.monotonic()
        poll = select.poll()
        poll.register(COMMANDS, select.POLLIN)
        if self._output >= 0 and now >= self._next_read:
            poll.register(self._output, select.POLLIN)
        if self._control >= 0:
            poll.register(self._control, select.POLLIN)
        left = TICK if self._clock is None else self._deadline - now
        limit = TICK if left > 1 else LAST_TICK
        for fd, _ in poll.poll(max(0.0, min(limit, left)) * 1000):
            if fd == COMMANDS:
                self._read_command()
            elif fd == self._output:
                self._read_output()
            else:
                self._read_launcher()

    @property
    def _deadline(self) -> float:
        return (self._clock or self._began) + self.job.budget

    def _read_command(self) -> None:
        data = os.read(COMMANDS, 4096)
        self.end("cancelled" if data else "orphaned")

    def _read_output(self) -> None:
        data = os.read(self._output, CHUNK)
        if not data:
            os.close(self._output)
            self._output = -1
            return
        self._sink.feed(data)
        if self._sink.full:
            self._next_read = time.monotonic() + FLOOD_PAUSE

    def _read_launcher(self) -> None:
        line = read_line(self._control)
        words = json.loads(line) if line else {}
        if "walls" not in words:
            self._launch_error = words.get("error", self._launch_error)
            self._hang_up()
            return
        self._gauge.clock()
        self._clock = time.monotonic()
        self._launched = self._clock - self._began
        os.write(self._control, f"{self._deadline!r}\n".encode())
        self._hang_up()
        self._report(
            ClockBegan(
                monotonic=self._clock,
                budget=self.job.budget,
                launch_seconds=self._launched,
                **words,
            )
        )

    def _hang_up(self) -> None:
        os.close(self._control)
        self._control = -1

    def _collect(self, ended: list[tree.Reaped]) -> None:
        self._gauge.collect(ended)
        for process in ended:
            if process.pid == self._pid:
                self._status = process.status
                self.end("exit")

    def _look(self, now: float) -> None:
        if self._clock is None:
            if now >= self._began + self.job.launch_cap:
                self.end("launch cap")
            return
        self._look_for_handover(now)
        if now >= self._deadline:
            self.end("deadline")
        elif self._handed_over is not None and (
            now >= self._clock + self._handed_over + self.job.grace
        ):
            self.end("grace")
        if now >= self._next_look:
            self._next_look = now + 1.0
            self._gauge.tick()
            if _disk_is_full(self.job.cwd):
                self.end("disk full")

    def _look_for_handover(self, now: float) -> None:
        if self.job.handover is None or self._handed_over is not None or self._clock is None:
            return
        if now < self._deadline and os.path.lexists(self.job.handover):
            self._handed_over = now - self._clock
            self._report(HandedOver(seconds=self._handed_over))

    # --- the end -----------------------------------------------------------------------------

    def _finish(self, ended_at: float, survivors: int) -> None:
        if self._output >= 0:
            with suppress(BlockingIOError):
                for _ in range(16):
                    self._sink.feed(os.read(self._output, CHUNK))
        self._sink.close()
        seconds = None if self._clock is None else ended_at - self._clock
        status = self._status
        ended = Ended(
            reason=self._reason or "exit",
            exit_code=os.WEXITSTATUS(status)
            if status is not None and os.WIFEXITED(status)
            else None,
            signal=os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else None,
            seconds=seconds,
            launch_seconds=ended_at - self._began if self._launched is None else self._launched,
            handed_over=self._handed_over,
            survivors=survivors,
            cpu_seconds=self._gauge.cpu,
            cpu_share=self._gauge.share(seconds or 0.0),
            peak_rss=self._gauge.peak,
            contended=self._gauge.contended() if self._clock is not None else "",
            output_bytes=self._sink.total,
            launch_error=self._launch_error,
        )
        self._record(ended)
        self._report(ended)

    def _record(self, ended: Ended | None) -> None:
        with suppress(OSError):
            record.write(Path(self.job.folder), replace(record.mine(), ended=ended))

    def _report(self, message: Message) -> None:
        # All messages of a run are a few hundred bytes: they fit a pipe that nobody reads.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(REPORTS, encode(message))


def _disk_is_full(folder: str) -> bool:
    room = os.statvfs(folder)
    # Some file systems count no files: they report 0 of 0.
    few = room.f_files > 0 and room.f_favail < LOW_FILES
    return few or room.f_bavail * room.f_frsize < LOW_DISK
