"""The funnel: how many proposals got how far. Each step is an event and a count."""

from __future__ import annotations

from dataclasses import dataclass, fields

from cockpit import events as ev
from cockpit.trial import Completed, Stopped


@dataclass(slots=True, kw_only=True)
class Funnel:
    """Counts of proposals at each step, widest first."""

    asked: int = 0
    parsed: int = 0
    applied: int = 0
    compiled: int = 0
    novel: int = 0
    dry_run: int = 0
    trained: int = 0
    kept: int = 0

    def apply(self, event: ev.Event) -> None:
        """Count what an event of one trial shows to have been passed."""
        for step in _steps(event):
            setattr(self, step, getattr(self, step) + 1)

    def add(self, other: Funnel) -> None:
        """Add the counts of another funnel."""
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))

    def as_dict(self) -> dict[str, int]:
        """Return the counts by step, widest first."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def _steps(event: ev.Event) -> tuple[str, ...]:
    match event:
        case ev.Asked():
            return ("asked",)
        case ev.Proposed():
            return ("parsed",)
        case ev.ProposalRejected(rejection=rejection):
            return passed_before(rejection.stage)
        case ev.Staged():
            return ("applied", "compiled", "novel")
        case ev.RunFinished(role="dry run", result=Completed()):
            return ("dry_run",)
        case ev.RunFinished(role="scoring run", result=result) if not isinstance(result, Stopped):
            return ("trained",)
        case ev.TrialJudged(verdict=verdict) if verdict.kept:
            return ("kept",)
        case _:
            return ()


def passed_before(stage: str) -> tuple[str, ...]:
    """Return the steps that a proposal passed which was turned back at `stage`.

    A dry run is met only after `Staged`, which counted its own steps.
    """
    match stage:
        case "compile":
            return ("applied",)
        case "guard" | "novelty" | "constraints":
            return ("applied", "compiled")
        case _:
            return ()
