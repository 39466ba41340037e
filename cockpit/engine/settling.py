"""Settling: make git and the tree agree with what was recorded."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.desk import Desk
from cockpit.engine.rows import Row
from cockpit.trial import Verdict


def settle(desk: Desk, trial: int) -> None:
    """Settle a judged trial and say so; safe to do again after a kill in between."""
    row = desk.board.rows[trial]
    verdict = verdict_of(row)
    done = desk.workspace.settle(trial, verdict, message(desk, row))
    desk.emit(ev.TrialSettled(trial=trial, commit=done.commit, tree=done.tree))


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
