"""What the judge is shown of a trial."""

from __future__ import annotations

from cockpit.engine.board import Board
from cockpit.ports import Case


def case_of(board: Board, trial: int) -> Case:
    """Return what the judge is to look at: the trial's runs so far, and the incumbent's."""
    incumbent = board.incumbent or 0
    return Case(
        metric=board.metric,
        candidate=board.measured.runs(trial),
        incumbent=board.measured.runs(incumbent),
        spreads=board.measured.spreads(besides=(trial, incumbent)),
        candidate_nodes=board.rows[trial].nodes,
        incumbent_nodes=board.rows[incumbent].nodes,
        best_value=board.best_value,
        lately=lately(board, trial),
    )


def lately(board: Board, trial: int) -> tuple[float, ...]:
    """Return the gains in sigma of the trials before this one, since the best last ran."""
    best = board.measured.runs(board.incumbent or 0)
    gains: list[float] = []
    for number in range(trial - 1, 0, -1):
        row, runs = board.rows.get(number), board.measured.runs(number)
        if runs and best and runs[-1].tick <= best[-1].tick:
            break
        if row is not None and row.delta is not None and row.sigma is not None:
            gains.append(board.metric.gain(row.delta, over=0.0) / row.sigma)
    return tuple(reversed(gains))
