"""What each lane contributed, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.engine.board import Board
from cockpit.engine.rows import Row
from cockpit.trial import Lane

JOULES = 3.6e6
"""Joules of a kilowatt-hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCost:
    """What a lane contributed, at what cost; `gain` is the sum over its keeps.

    `hours` holds proposing and every run; `kwh` is None where nothing measured energy.
    """

    lane: Lane | None
    models: tuple[str, ...]
    trials: int
    keeps: int
    gain: float
    hours: float
    kwh: float | None


def lanes_of(board: Board, rows: Iterable[Row]) -> tuple[LaneCost, ...]:
    """Return what each lane of these trials contributed, in order of appearance."""
    by_lane: dict[Lane | None, list[Row]] = {}
    for row in rows:
        by_lane.setdefault(row.lane, []).append(row)
    return tuple(_lane(board, lane, own) for lane, own in by_lane.items())


def _lane(board: Board, lane: Lane | None, rows: list[Row]) -> LaneCost:
    kept = [row for row in rows if row.kept]
    gains = [board.metric.gain(row.delta, over=0.0) for row in kept if row.delta is not None]
    return LaneCost(
        lane=lane,
        models=tuple(sorted({row.model for row in rows if row.model})),
        trials=len(rows),
        keeps=len(kept),
        gain=sum(gains),
        hours=sum(row.proposal_seconds + _run_seconds(row) for row in rows) / 3600,
        kwh=kwh_of(rows),
    )


def _run_seconds(row: Row) -> float:
    usages = [getattr(run.result, "usage", None) for run in row.runs]
    return float(sum(u.launch + u.train + u.examine for u in usages if u is not None))


def kwh_of(rows: Iterable[Row]) -> float | None:
    """Return the energy that the runs of these trials drew, None where nothing measured it."""
    usages = [getattr(run.result, "usage", None) for row in rows for run in row.runs]
    joules = [u.energy for u in usages if u is not None and u.energy is not None]
    return sum(joules) / JOULES if joules else None
