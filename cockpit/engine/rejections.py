"""Why the engine turns a proposal back: for the ledger in a sentence, for the agent as advice."""

from __future__ import annotations

from cockpit.engine.rows import Row
from cockpit.trial import Completed, Crashed, Rejected, TimedOut


def of_dry_run(result: Completed | Crashed | TimedOut | Rejected) -> Rejected | None:
    """Turn a failed dry run into what the agent is told; None for one that came through."""
    return None if isinstance(result, Completed) else of_failed_run(result)


def of_failed_run(result: Crashed | TimedOut | Rejected) -> Rejected:
    """Turn a run that failed before training into what the agent is told, traceback and all."""
    if isinstance(result, Rejected):
        return result
    tail = f"\nLast lines:\n{result.log_tail}" if result.log_tail else ""
    return Rejected(
        stage="dry run",
        reason=f"did not survive the dry run: {result.reason}",
        advice=f"The edit applied, but a dry run failed: {result.reason}. "
        f"Send it again, mended, or make another.{tail}",
    )


def repeats(row: Row) -> Rejected:
    """Say which trial an experiment repeats, and how that one ended."""
    if row.number == 0:
        how = "it is the baseline"
    elif row.word is None:
        how = "it is still running"
    else:
        how = f"it ended as {row.word}" + (f" at {row.sigmas:+.1f} sigma" if row.sigmas else "")
    what = row.summary or "the unedited file"
    return Rejected(
        stage="novelty",
        reason=f"repeats #{row.number} ({what}): {how}",
        advice=f"This is the same experiment as trial {row.number} ({what}): {how}. "
        "Propose something that was not tried.",
        repeats=row.number,
    )


def refused(reason: str) -> Rejected:
    """Say that the human refused a proposal in review."""
    return Rejected(
        stage="review",
        reason=f"refused by the human: {reason}",
        advice=f"The human refused this proposal: {reason}. Propose something else.",
    )
