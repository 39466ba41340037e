"""What each lane contributed, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.engine.board import Board
from cockpit.engine.costs import Spent
from cockpit.engine.rows import Row
from cockpit.trial import Lane

JOULES = 3.6e6
"""Joules of a kilowatt-hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCost:
    """What a lane contributed, at what cost; `gain` is the sum over its keeps.

    A turn is a trial in which it was asked; `trials` are those that its proposal became. `hours`
    holds its answers, and every run of its trials; `read` and `written` are tokens; `kwh` is None
    where nothing measured energy.
    """

    lane: Lane | None
    models: tuple[str, ...]
    turns: int
    trials: int
    keeps: int
    gain: float
    hours: float
    read: int
    written: int
    kwh: float | None


def lanes_of(board: Board, rows: Iterable[Row]) -> tuple[LaneCost, ...]:
    """Return what each lane of these trials contributed, in order of appearance."""
    spent = Spent()
    by_lane: dict[Lane | None, list[Row]] = {}
    for row in rows:
        spent.add(row.spent)
        by_lane.setdefault(row.lane, []).append(row)
    lanes = dict.fromkeys((*by_lane, *spent.turns))
    return tuple(_lane(board, lane, by_lane.get(lane, []), spent) for lane in lanes)


def _lane(board: Board, lane: Lane | None, rows: list[Row], spent: Spent) -> LaneCost:
    """Return what a lane contributed by its `rows`; `spent` is what all trials cost."""
    kept = [row for row in rows if row.kept]
    gains = [board.metric.gain(row.delta, over=0.0) for row in kept if row.delta is not None]
    runs = sum(_run_seconds(row) for row in rows)
    answers = spent.asking.get(lane, 0.0) if lane is not None else 0.0
    return LaneCost(
        lane=lane,
        models=tuple(sorted({row.model for row in rows if row.model})),
        turns=spent.turns[lane] if lane is not None else 0,
        trials=len(rows),
        keeps=len(kept),
        gain=sum(gains),
        hours=(answers + runs) / 3600,
        read=spent.read[lane] if lane is not None else 0,
        written=spent.written[lane] if lane is not None else 0,
        kwh=kwh_of(rows),
    )


def _run_seconds(row: Row) -> float:
    spent = row.spent
    return spent.wait + spent.dry + spent.launch + spent.train + spent.examine


def kwh_of(rows: Iterable[Row]) -> float | None:
    """Return the energy that the runs of these trials drew, None where nothing measured it."""
    usages = [getattr(run.result, "usage", None) for row in rows for run in row.runs]
    joules = [u.energy for u in usages if u is not None and u.energy is not None]
    return sum(joules) / JOULES if joules else None
