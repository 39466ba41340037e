"""Settling: make git and the tree agree with what was recorded."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.board import Board
from cockpit.engine.brief import history
from cockpit.engine.desk import Desk
from cockpit.engine.rows import Row
from cockpit.engine.steering import announce
from cockpit.trial import Proposal, Verdict


def settle(desk: Desk, row: Row) -> None:
    """Settle a judged trial and say so; safe to do again after a kill in between."""
    done = desk.workspace.settle(row.number, verdict_of(row), message(desk, row))
    desk.emit(ev.TrialSettled(trial=row.number, commit=done.commit, tree=done.tree))


def learn(desk: Desk, row: Row) -> None:
    """Journal what the verdict of a settled trial taught."""
    verdict = verdict_of(row)
    desk.emit(desk.scribe.lesson(row.number, row.summary, row.hypothesis, verdict))
    announce(desk, history(desk))


def refine(desk: Desk, proposal: Proposal) -> None:
    """Journal what the maker of a proposal says of an earlier trial, if it says something new."""
    lessons = (x for x in reversed(desk.board.lessons) if x.trial == proposal.about)
    lesson = next(lessons, None)
    said = None if lesson is None or lesson.said else desk.scribe.refined(lesson, proposal)
    if said is not None:
        desk.emit(said)


def unlearnt(board: Board) -> tuple[Row, ...]:
    """Return the experiments that were settled, and whose lesson a kill prevented."""
    if board.imported:
        return ()
    learnt = {lesson.trial for lesson in board.lessons}
    settled = (r for r in board.rows.values() if r.state == "settled" and r.kind == "experiment")
    return tuple(row for row in settled if row.number not in learnt)


def restore(desk: Desk) -> None:
    """Let branch and tree show the incumbent of the ledger, if a kill left them elsewhere.

    A revert is done before it is recorded: one that was not recorded did not happen.
    """
    best = desk.board.incumbent
    if best is not None:
        desk.workspace.revert(best, f"Return to #{best}, which the ledger calls the best")


def verdict_of(row: Row) -> Verdict:
    """Return the verdict that a judged row holds.

    Raises:
        ValueError: the row has no verdict.
    """
    if row.word is None:
        raise ValueError(f"trial {row.number} has no verdict")
    return Verdict(
        word=row.word,
        reason=row.reason,
        value=row.value,
        delta=row.delta,
        sigma=row.sigma,
        sigmas=row.sigmas,
    )


def message(desk: Desk, row: Row) -> str:
    """Return the message of a keep's commit: what changed, why, and the numbers."""
    metric = desk.board.metric
    subject = f"{(row.word or 'keep').capitalize()} #{row.number}: {row.summary or 'baseline'}"
    numbers = [f"{metric.name}: {metric.format(row.value)}"]
    if row.delta is not None:
        numbers.append(f"delta: {metric.format_delta(row.delta)}")
    if row.sigmas is not None:
        numbers.append(f"sigma: {row.sigmas:+.1f}")
    return f"{subject[:100]}\n\n{row.hypothesis}\n\n{row.reason}\n\n" + "\n".join(numbers)
