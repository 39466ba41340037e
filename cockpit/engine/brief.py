"""What an agent is told: a Brief, drawn from the Board, the workspace and the human's notes."""

from __future__ import annotations

from cockpit.engine.board import Board
from cockpit.engine.desk import Desk
from cockpit.engine.rows import Row
from cockpit.ports import Brief, PastTrial

LEARNINGS_TOKENS = 1500
"""What learnings.md may take of an agent's window; above, it is condensed."""


def brief(desk: Desk, trial: int, text: str) -> Brief:
    """Return the brief for the proposal of `trial`, to be made on the incumbent's `text`."""
    board = desk.board
    rehearsing = trial < 0
    keys = dict(board.tried)
    if rehearsing:
        keys |= {r.key: r.number for r in board.rehearsals.values() if r.key}
    return Brief(
        trial=trial,
        metric=board.metric,
        budget=desk.plan.budget,
        text=text,
        incumbent=board.incumbent or 0,
        incumbent_value=board.incumbent_value,
        sigma=board.sigma,
        program=desk.workspace.program(),
        learnings=desk.scribe.for_agent(desk.workspace.learnings(), LEARNINGS_TOKENS),
        history=history(desk),
        tried=keys,
        notes=tuple(board.steering[-5:]),
        constraints=desk.plan.constraints,
    )


def history(desk: Desk) -> tuple[PastTrial, ...]:
    """Return every ended trial, oldest first; those under other fingerprints as hints."""
    hints = [
        _past(row, comparable=False)
        for board in desk.fold.others
        for row in _ended(board)
        if row.number > 0
    ]
    return (*hints, *(_past(row, comparable=True) for row in _ended(desk.board)))


def _ended(board: Board) -> list[Row]:
    ended = (row for _, row in sorted(board.rows.items()) if row.word is not None)
    return [row for row in ended if not row.forgiven]


def _past(row: Row, *, comparable: bool) -> PastTrial:
    return PastTrial(
        trial=row.number,
        lane=row.lane,
        hypothesis=row.hypothesis,
        summary=row.summary,
        word=row.word,
        reason=row.reason,
        value=row.value,
        delta=row.delta,
        sigmas=row.sigmas,
        constants=row.constants,
        base=row.base,
        comparable=comparable,
        seconds=row.seconds + row.proposal_seconds,
    )
