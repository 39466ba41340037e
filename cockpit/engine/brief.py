"""What an agent is told: a Brief, drawn from the Board, the workspace and the human's notes."""

from __future__ import annotations

from cockpit.engine.board import Board
from cockpit.engine.desk import SKIPPED, Desk
from cockpit.engine.fold import Fold
from cockpit.engine.rows import Row
from cockpit.ports import Brief, PastTrial, plateau
from cockpit.trial import Lane

LEARNINGS_TOKENS = 1500
"""What learnings.md may take of an agent's window; above, it is condensed."""


def brief(desk: Desk, trial: int, text: str, lane: Lane | None = None) -> Brief:
    """Return the brief for a proposal of `trial`, to be made on the incumbent's `text`."""
    board, past = desk.board, history(desk)
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
        history=past,
        tried=keys,
        skipped=_skipped(board),
        notes=board.steering.told(),
        constraints=desk.plan.constraints,
        pinned=board.steering.pinned,
        asked=board.steering.question,
        reflect=None if rehearsing else _unreflected(board, lane),
        plateau=0 if rehearsing else plateau(past),
    )


def history(desk: Desk) -> tuple[PastTrial, ...]:
    """Return every ended trial, oldest first; those under other fingerprints as hints."""
    return past_trials(desk.fold)


def past_trials(fold: Fold) -> tuple[PastTrial, ...]:
    """Return what agents are told of a journal; see `history`."""
    hints = [
        _past(row, comparable=False)
        for board in fold.others
        for row in _ended(board)
        if row.number > 0
    ]
    return (*hints, *(_past(row, comparable=True) for row in _ended(fold.board)))


def _unreflected(board: Board, lane: Lane | None) -> int | None:
    """Return the last trial of a lane that ran and was judged, if nothing was said of it yet.

    A lesson that the human struck is not asked for again.
    """
    own = (r for _, r in sorted(board.rows.items(), reverse=True) if r.kind == "experiment")
    judged = (r.number for r in own if r.lane == lane and r.word is not None and r.runs)
    last = next(judged, None)
    struck = {(strike.trial, strike.text) for strike in board.struck}
    open_ = (x for x in reversed(board.lessons) if x.trial == last)
    return next((x.trial for x in open_ if not x.said and (x.trial, x.text) not in struck), None)


def _skipped(board: Board) -> frozenset[str]:
    """Return the keys that of what the human skipped, not of what was abandoned otherwise."""
    ended = (r for r in board.rows.values() if r.state == "abandoned" and r.reason == SKIPPED)
    return frozenset(row.key for row in ended if row.key)


def _ended(board: Board) -> list[Row]:
    ended = (row for _, row in sorted(board.rows.items()) if row.word is not None)
    return [row for row in ended if not row.forgiven]


def _past(row: Row, *, comparable: bool) -> PastTrial:
    """Return a row as agents are told it; a keep that the human refused was none."""
    refused = row.refused is not None
    return PastTrial(
        trial=row.number,
        lane=row.lane,
        hypothesis=row.hypothesis,
        summary=row.summary,
        word="discard" if refused else row.word,
        reason=f"kept, then refused by the human: {row.refused}" if refused else row.reason,
        value=row.value,
        delta=row.delta,
        sigmas=row.sigmas,
        constants=row.constants,
        base=row.base,
        comparable=comparable,
        seconds=row.seconds + row.proposal_seconds,
        fallen=tuple(row.fallen),
        shared=row.shared,
    )
