"""What was measured in a session: the runs of each file, and when each was taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean

from cockpit import events as ev
from cockpit.orders import STRETCH, Measured
from cockpit.trial import Completed

BREAK = 2 * 3600.0
"""Seconds without a run after which the machine may have become another one."""


@dataclass(slots=True)
class Measurements:
    """The scoring runs and repeats of a session, by the trial whose file they ran.

    `tick` counts them, whatever file they ran and however they ended; a break counts as many.
    """

    tick: int = 0
    _ended_at: float | None = None
    _runs: dict[int, list[Measured]] = field(default_factory=dict)

    def runs(self, of: int) -> tuple[Measured, ...]:
        """Return the runs of the file that trial `of` proposed, in order."""
        return tuple(self._runs.get(of, ()))

    def mean(self, of: int) -> float | None:
        """Return the mean of the runs that had the machine to themselves, else of all, or None."""
        runs = self.runs(of)
        values = [run.value for run in runs if not run.contended] or [run.value for run in runs]
        return fmean(values) if values else None

    def spreads(self, besides: tuple[int, ...]) -> tuple[tuple[Measured, ...], ...]:
        """Return the uncontended runs of each file run twice, without the files of `besides`."""
        others = (runs for of, runs in self._runs.items() if of not in besides and len(runs) > 1)
        clean = (tuple(run for run in runs if not run.contended) for runs in others)
        return tuple(runs for runs in clean if len(runs) > 1)

    def forget(self, of: int) -> None:
        """Drop the runs of a trial that begins again, perhaps with another file."""
        self._runs.pop(of, None)

    def apply(self, event: ev.RunFinished, at: float, metric: str) -> None:
        """Take a run that ended at `at` (Unix time); a dry run is none."""
        if event.role == "dry run":
            return
        usage = getattr(event.result, "usage", None)
        seconds = usage.launch + usage.train + usage.examine if usage else 0.0
        idle = 0.0 if self._ended_at is None else at - self._ended_at - seconds
        self.tick += 1 + (STRETCH if idle > BREAK else 0)
        self._ended_at = at
        value = event.result.value(metric) if isinstance(event.result, Completed) else None
        if value is not None:
            contended = bool(usage and usage.contended)
            run = Measured(value=value, tick=self.tick, contended=contended)
            self._runs.setdefault(event.of, []).append(run)
