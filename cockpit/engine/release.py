"""The human takes the GPU: what is on it ends, the proposal waits, and the work is made again."""

from __future__ import annotations

from collections.abc import Callable

from cockpit import events as ev
from cockpit.engine.desk import RELEASED, Desk
from cockpit.engine.hearing import acknowledge
from cockpit.ports import Agent, Brief
from cockpit.trial import Declined, Proposal, Rejected


def stand_by(desk: Desk) -> str | None:
    """Give the GPU to the human if they asked for it, and wait until they give it back.

    Call it where no run and no question is under way. Returns why the work in hand must end, or
    None, as `desk.halted` does.
    """
    reason = desk.halted()
    if reason != RELEASED:
        return reason
    since, desk.holding = desk.clock.now(), True
    freed = desk.opening.vacate(desk)
    if desk.releasing:
        acknowledge(desk, "release", "done", f"GPU released: {freed}; P goes on")
        trial = desk.board.open_trial
        number = trial.number if trial is not None else desk.board.next_number
        desk.sample(ev.StageReached(trial=number, stage="idle"))
    while desk.releasing and not desk.control.stopping:
        desk.wait(0.5)
    desk.releasing = desk.holding = False
    _take_up_review(desk, desk.clock.now() - since)
    return desk.halted()


def answered(
    desk: Desk, asked: ev.Asked, agent: Agent, told: Callable[[], Brief], rejection: Rejected | None
) -> Proposal | Rejected | Declined:
    """Ask an agent; ask again where its answer was cut off because the GPU was taken."""
    while True:
        desk.emit(asked)
        answer = agent.propose(told(), rejection, desk)
        if not isinstance(answer, Declined) or answer.reason != RELEASED:
            return answer
        desk.emit(ev.AgentDeclined(trial=asked.trial, lane=asked.lane, reason=answer.reason))
        stand_by(desk)


def _take_up_review(desk: Desk, seconds: float) -> None:
    """Leave `seconds` out of a review's countdown, and out of what it made the machine wait."""
    if desk.waiting_since is not None:
        desk.waiting_since += seconds
    row = desk.board.review
    if row is not None and row.review_until is not None and not desk.control.stopping:
        desk.emit(ev.ReviewOpened(trial=row.number, until=row.review_until + seconds))
