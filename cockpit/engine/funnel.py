"""The funnel: how many proposals got how far. Each step is an event and a count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


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

    def count(self, steps: Iterable[str]) -> None:
        """Add one to each of the named steps."""
        for step in steps:
            setattr(self, step, getattr(self, step) + 1)

    def add(self, other: Funnel) -> None:
        """Add the counts of another funnel."""
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))

    def as_dict(self) -> dict[str, int]:
        """Return the counts by step, widest first."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


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
