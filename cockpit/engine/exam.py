"""What examinations cost, in seconds and against the budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.engine.rows import RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamCost:
    """What examinations cost: how many runs, their seconds of it in all, and their budgets."""

    runs: int
    seconds: float
    budget: float

    @property
    def mean(self) -> float:
        """Seconds a run."""
        return self.seconds / self.runs

    @property
    def share(self) -> float:
        """The cost as a share of the budgets; the bar is 2 %."""
        return self.seconds / self.budget


def exam_cost(runs: Iterable[RunRow]) -> ExamCost | None:
    """Return what the examinations of some runs cost, None where there was none."""
    known = [(run.examined, run.budget) for run in runs if run.examined is not None]
    if not known:
        return None
    seconds, budgets = (sum(column) for column in zip(*known, strict=True))
    return ExamCost(runs=len(known), seconds=seconds, budget=budgets)
