"""The hours of a session, worked out from nothing but the times at which its entries were made."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit import events as ev
from cockpit.trial import Usage


def working_seconds(entries: Sequence[ev.Entry]) -> float:
    """Return the wall clock from first to last entry, less what the human made wait, and pauses."""
    waited = sum(e.event.waited for e in entries if isinstance(e.event, ev.Reviewed))
    away, since = 0.0, None
    for entry in entries:
        match entry.event:
            case ev.RequestAcknowledged(request="pause" | "release", state="done"):
                since = entry.at if since is None else since
            case ev.RequestAcknowledged(request="resume") if since is not None:
                away, since = away + entry.at - since, None
            case _:
                pass
    return entries[-1].at - entries[0].at - waited - away


def training_seconds(entries: Sequence[ev.Entry]) -> float:
    """Return the time between the entries around each scoring run, less launch and examination."""
    total, begun = 0.0, dict[tuple[int, int], float]()
    for entry in entries:
        match entry.event:
            case ev.RunStarted(trial=trial, run=run):
                begun[trial, run] = entry.at
            case ev.RunFinished(trial=trial, run=run, role=role, result=result):
                if role != "dry run":
                    used: Usage = getattr(result, "usage", Usage())
                    around = used.wait + used.launch + used.examine
                    total += entry.at - begun[trial, run] - around
            case _:
                pass
    return total


def trained_seconds(entries: Sequence[ev.Entry]) -> float:
    """Return what the warden's clock said of the same runs."""
    runs = [e.event for e in entries if isinstance(e.event, ev.RunFinished)]
    used = [getattr(run.result, "usage", Usage()) for run in runs if run.role != "dry run"]
    return sum(one.train for one in used)


def funnel(entries: Sequence[ev.Entry]) -> dict[str, int]:
    """Count the steps of the experiments, event by event."""
    events = [e.event for e in entries if getattr(e.event, "trial", 0) > 0]
    passed = [e for e in events if isinstance(e, ev.ProposalRejected)]
    compiled = sum(e.rejection.stage in ("guard", "novelty", "constraints") for e in passed)
    applied = compiled + sum(e.rejection.stage == "compile" for e in passed)
    staged = sum(isinstance(e, ev.Staged) for e in events)
    through = [e for e in events if isinstance(e, ev.RunFinished)]
    names = [(e.role, type(e.result).__name__) for e in through]
    return {
        "asked": sum(isinstance(e, ev.Asked) for e in events),
        "parsed": sum(isinstance(e, ev.Proposed) for e in events),
        "applied": staged + applied,
        "compiled": staged + compiled,
        "novel": staged,
        "dry_run": names.count(("dry run", "Completed")),
        "trained": sum(role == "scoring run" and name != "Stopped" for role, name in names),
        "kept": sum(isinstance(e, ev.TrialJudged) and e.verdict.kept for e in events),
    }
