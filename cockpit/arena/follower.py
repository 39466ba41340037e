"""Follows the output of a run while it grows, and tells the watch: at most two batches a second."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from cockpit.arena.output import Lines, Step, parse_step
from cockpit.events import LinesLogged, StepLogged
from cockpit.ports import Watch

PERIOD = 0.5
BATCH_LINES = 200
"""Lines of one batch: of a flood the last are shown."""
CHUNK = 256 << 10
END = 96 << 10
"""Bytes of the log's end that are searched for a traceback."""


class Follower:
    """Reads the log of one run from where it stopped; `last` is its last progress line."""

    def __init__(
        self,
        path: Path,
        trial: int,
        run: int,
        watch: Watch,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._trial, self._run, self._watch, self._now = path, trial, run, watch, now
        self._lines = Lines()
        self._pending: deque[str] = deque(maxlen=BATCH_LINES)
        self._step: Step | None = None
        self._position = 0
        self._told = self._grew = now()
        self.last: Step | None = None
        self.clock: float | None = None

    @property
    def silent(self) -> float:
        """Seconds since the log last grew."""
        return self._now() - self._grew

    def look(self, *, final: bool = False) -> bool:
        """Read what is new; return whether it was time to tell the watch."""
        now = self._now()
        while self._read(now) and final:
            pass
        if not final and now - self._told < PERIOD:
            return False
        self._told = now
        if self._pending:
            self._watch.sample(LinesLogged(trial=self._trial, lines=tuple(self._pending)))
            self._pending.clear()
        if self._step is not None:
            self._watch.sample(self._logged(self._step, now))
            self._step = None
        return True

    def end(self) -> str:
        """Return the end of the log, undecoded bytes replaced."""
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - END))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _read(self, now: float) -> bool:
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                data = file.read(CHUNK)
        except OSError:
            return False
        if not data:
            return False
        self._position += len(data)
        self._grew = now
        for line in self._lines.feed(data):
            step = parse_step(line)
            self._pending.append(line)
            if step is not None:
                self._step = self.last = step
        return True

    def _logged(self, step: Step, now: float) -> StepLogged:
        return StepLogged(
            trial=self._trial,
            run=self._run,
            step=step.step,
            loss=step.loss,
            elapsed=0.0 if self.clock is None else now - self.clock,
            tokens_per_second=step.tokens_per_second,
        )
