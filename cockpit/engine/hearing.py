"""What the desk does with each request of the human: acknowledge it, and act or queue it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from cockpit import events as ev
from cockpit.engine import control as asked

if TYPE_CHECKING:
    from cockpit.engine.desk import Desk


def hear(desk: Desk, request: asked.Request) -> None:
    """Acknowledge a request with an event; what must wait for the end of the trial is queued."""
    match request:
        case asked.Pause():
            desk.pausing = True
            acknowledge(desk, "pause", "pending", "pausing after this trial")
        case asked.Resume():
            _resume(desk)
        case asked.Release():
            _release(desk)
        case asked.Skip():
            _skip(desk)
        case asked.Stop(why=why):
            acknowledge(desk, "stop", "pending", f"stopping: {why}")
        case asked.Revert(trial=trial):
            desk.reverts.append(trial)
            acknowledge(desk, "revert", "pending", f"going back to #{trial} after this trial")
        case asked.Steer():
            _steer(desk, request)
        case asked.Review():
            _review(desk, request)
        case asked.ApproveKeep(trial=trial):
            _approve(desk, trial)
        case asked.RefuseKeep(trial=trial, reason=reason):
            desk.refusals.append((trial, reason))
            acknowledge(desk, "refuse", "pending", f"giving #{trial} up after this trial")
        case asked.Strike(trial=trial, text=text):
            _strike(desk, trial, text)
        case asked.Report(topic=topic, text=text, level=level):
            desk.notice(level, topic, text)
        case _:
            assert_never(request)


def _steer(desk: Desk, request: asked.Steer) -> None:
    question = "" if request.pinned else desk.board.steering.question
    desk.emit(ev.Steered(text=request.text, pinned=request.pinned, answers=question))
    if question:
        desk.notice("warning", "question", "")
    when = "before every proposal from now on" if request.pinned else "before its next proposal"
    text = f"the agent reads it {when}" if request.text else "nothing is pinned any more"
    acknowledge(desk, "steer", "done", text)


def acknowledge(desk: Desk, request: ev.Requested, state: ev.RequestState, text: str) -> None:
    """Say what became of a request."""
    desk.emit(ev.RequestAcknowledged(request=request, state=state, text=text))


def _resume(desk: Desk) -> None:
    desk.pausing = desk.releasing = False
    acknowledge(desk, "resume", "done", "going on")


def _release(desk: Desk) -> None:
    """End what is on the GPU; asked for a second time, give it back."""
    if desk.releasing:
        _resume(desk)
        return
    desk.releasing = True
    row = desk.board.open_trial
    kept = "" if row is None else f"; #{row.number} goes on afterwards, as it is"
    acknowledge(desk, "release", "pending", f"releasing the GPU{kept}")


def _skip(desk: Desk) -> None:
    row = desk.board.open_trial
    if row is None or row.kind == "baseline":
        text = "nothing to skip" if row is None else "the baseline is needed; q quits"
        acknowledge(desk, "skip", "refused", text)
        return
    desk.skipping = True
    acknowledge(desk, "skip", "pending", f"skipping #{row.number}")


def _review(desk: Desk, request: asked.Review) -> None:
    row = desk.board.review
    if row is None or asked.seen(row) != request.of:
        _late(desk, request)
        return
    match request.word:
        case "hold":
            desk.emit(ev.ReviewOpened(trial=row.number, until=None))
            return
        case "accept":
            decision: ev.Decision = "accepted"
        case "refuse":
            decision = "refused"
        case "edit":
            decision = "edited"
            desk.edits[row.number] = request.text
        case "trust":
            decision = "trusted"
        case _:
            assert_never(request.word)
    reason = request.text if request.word == "refuse" else ""
    desk.reviewed(row.number, decision, reason)
    if decision == "trusted":
        acknowledge(desk, "trust", "done", "no more reviews")


def _late(desk: Desk, request: asked.Review) -> None:
    """Refuse to do to one proposal what was meant for another."""
    row, name = desk.board.review, f"#{request.of.trial}"
    again = row is not None and row.number == request.of.trial
    what = "shows another proposal by now" if again else "was decided meanwhile"
    text = f"{name} {what}; it is too late to {request.word} the one that you saw"
    acknowledge(desk, request.word, "refused", text)


def _approve(desk: Desk, trial: int) -> None:
    row = desk.board.rows.get(trial)
    if row is None or not row.provisional:
        acknowledge(desk, "approve", "refused", f"#{trial} does not wait for approval")
        return
    desk.emit(ev.KeepApproved(trial=trial))
    acknowledge(desk, "approve", "done", f"#{trial} is approved")


def _strike(desk: Desk, trial: int, text: str) -> None:
    board = desk.board
    known = any((x.trial, x.text) == (trial, text) for x in board.lessons)
    if not known or any((x.trial, x.text) == (trial, text) for x in board.struck):
        acknowledge(desk, "strike", "refused", f"#{trial} has no such lesson, or it is struck")
        return
    desk.emit(ev.LessonStruck(trial=trial, text=text))
    acknowledge(desk, "strike", "done", f"the lesson of #{trial} is struck")
