"""Where the hours of a session went, and the share of them in which something was trained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.engine.board import Board
from cockpit.engine.costs import Spent
from cockpit.engine.rows import Row
from cockpit.report.timeline import Track

SHOWN = 0.005
"""Share of the working time from which a part of it is told."""
OTHER, REHEARSAL, TRAINING = "other", "rehearsal", "training"
FIRST = (TRAINING, "examination", "model", "loading")
"""Parts that are told first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Seconds of a session between two moments, by what they were spent on.

    `work` is the wall clock less what the human made wait (`waited`) and less breaks (`away`):
    pauses, the GPU in the human's hands, nothing running. `parts` add up to it.
    """

    seconds: float
    waited: float
    away: float
    work: float
    parts: dict[str, float]

    @property
    def training(self) -> float:
        """Return the seconds in scoring runs, from the first line of `train.py` to hand-over."""
        return self.parts[TRAINING]

    @property
    def share(self) -> float | None:
        """Return the training share: seconds in scoring runs over the working time."""
        return min(1.0, self.training / self.work) if self.work > 0 else None

    def words(self) -> str:
        """Return it as `training 81 %, examination 6 %, model 9 %`."""
        order = [*FIRST, *(name for name in self.parts if name not in FIRST)]
        told = [
            f"{name} {100 * self.parts[name] / self.work:.0f} %"
            for name in order
            if self.work > 0 and (name == TRAINING or self.parts[name] >= SHOWN * self.work)
        ]
        return ", ".join(told)


def hours_of(board: Board, track: Track, *, since: float, until: float) -> Hours:
    """Return where the time between two moments (Unix time) went.

    A trial that began before them counts by the share of its time that lies between.
    """
    spent, waited = Spent(), 0.0
    for row in board.rows.values():
        share = _inside(row, since, until)
        spent.add(row.spent, share)
        waited += share * row.waited
    parts = spent.seconds() | {REHEARSAL: _rehearsed(board, since, until)}
    away = sum(
        max(0.0, min(pause.at + pause.seconds, until) - max(pause.at, since))
        for pause in track.breaks_until(until)
    )
    work = max(0.0, until - since - away - waited)
    parts[OTHER] = max(0.0, work - sum(parts.values()))
    return Hours(seconds=until - since, waited=waited, away=away, work=work, parts=parts)


def _inside(row: Row, since: float, until: float) -> float:
    """Return which share of a trial's time lies between two moments."""
    end = row.ended_at or until
    if row.started_at >= since:
        return 1.0
    return max(0.0, end - since) / (end - row.started_at) if end > row.started_at else 0.0


def _rehearsed(board: Board, since: float, until: float) -> float:
    rows: Iterable[tuple[float, float]] = (
        (row.started_at, row.ended_at or until) for row in board.rehearsals.values()
    )
    return sum(max(0.0, end - max(begun, since)) for begun, end in rows)
