"""Loss curves as the screen saw them grow, each of a trial's own file."""

from __future__ import annotations

from collections.abc import Container, Sequence

from cockpit import events as ev
from cockpit.engine.board import Board

CURVE = 2000
"""Steps kept of one loss curve; beyond, every second one is dropped."""


class Curves:
    """The curve of each trial's newest run, dry runs left out."""

    def __init__(self) -> None:
        self._of: dict[int, list[ev.StepLogged]] = {}

    def of(self, trial: int) -> Sequence[ev.StepLogged]:
        """Return the curve of a trial's file, oldest step first; none where it was not seen."""
        return self._of.get(trial, ())

    def take(self, step: ev.StepLogged, board: Board, clock: ev.ClockStarted | None) -> None:
        """Take a step of the run that `clock` times, unless another file's: a repeat of the best
        stands among the runs of the trial that asked for it.
        """
        row = board.rows.get(step.trial)
        runs = () if row is None else row.runs
        foreign = any(run.run == step.run and run.of != step.trial for run in runs)
        if foreign or (clock is not None and clock.role == "dry run"):
            return
        curve = self._of.setdefault(step.trial, [])
        if curve and step.step <= curve[-1].step:
            curve.clear()  # a repeat began
        curve.append(step)
        if len(curve) > CURVE:
            del curve[::2]

    def keep(self, wanted: Container[int | None]) -> None:
        """Forget every curve but those of the wanted trials."""
        self._of = {trial: curve for trial, curve in self._of.items() if trial in wanted}
