"""The front end without a screen: a line for each event, plain or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from cockpit import events as ev
from cockpit.ledgers.codec import entry_to_dict
from cockpit.trial import Completed, RunResult


class JsonLines:
    """Writes each journal entry as one JSON object a line; samples are not written."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, item: ev.Entry | ev.Sample) -> None:
        """Write one entry."""
        if isinstance(item, ev.Entry):
            self._out.write(json.dumps(entry_to_dict(item), ensure_ascii=False) + "\n")
            self._out.flush()


class PlainLines:
    """Writes what a person in front of a log wants to know, one line each.

    Args:
        out: where to.
        local: turns Unix seconds into the local time of day; injected for tests.
    """

    def __init__(self, out: TextIO, local: Callable[[float], str] | None = None) -> None:
        self._out = out
        self._local = local or (lambda at: f"{datetime.fromtimestamp(at):%H:%M:%S}")
        self._progress = ""

    def __call__(self, item: ev.Entry | ev.Sample) -> None:
        """Write one line, or nothing."""
        if isinstance(item, ev.Entry):
            words = describe(item.event)
            if words:
                self._write(f"{self._local(item.at)}  {words}")
        elif isinstance(item, ev.Progress) and item.text and item.text != self._progress:
            self._progress = item.text
            self._write(item.text)

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def describe(event: ev.Event) -> str:
    """Return the line of an event; empty for those that the next one makes clear."""
    match event:
        case ev.SessionStarted(branch=branch, data=data):
            return f"session on {branch}, data: {data}"
        case ev.SessionResumed():
            return "session goes on"
        case ev.SessionEnded(reason=reason):
            return f"ended: {reason}"
        case ev.PhaseEntered(phase=phase, why=why):
            return f"{phase}: {why}"
        case ev.IsolationMeasured(level=level, blocked=blocked, attempts=attempts):
            return f"isolation {level}: {blocked} of {attempts} escape attempts blocked"
        case ev.Noticed(text=text) | ev.RequestAcknowledged(text=text):
            return text
        case _:
            return _describe_trial(event)


def _describe_trial(event: ev.Event) -> str:
    match event:
        case ev.Proposed(trial=trial, proposal=proposal) if trial > 0:
            return f"#{trial} {proposal.lane} proposes: {proposal.hypothesis}"
        case ev.ProposalRejected(trial=trial, rejection=rejection):
            return f"#{trial} turned back at {rejection.stage}: {rejection.reason}"
        case ev.AgentDeclined(trial=trial, lane=lane, reason=reason):
            return f"#{trial} {lane} has no proposal: {reason}"
        case ev.ReviewOpened(trial=trial, until=until):
            return f"#{trial} waits for review" + ("" if until else " as long as it takes")
        case ev.RunStarted(trial=trial, role=role, of=of, budget=budget) if role != "dry run":
            what = f"#{of} again beside #{trial}" if of != trial else f"#{trial} {role}"
            return f"{what}: {budget:g} s"
        case ev.RunFinished(trial=trial, role=role, of=of, result=result) if role != "dry run":
            return f"#{of if of != trial else trial} {_outcome(result)}"
        case ev.TrialJudged(trial=trial, verdict=verdict):
            return f"#{trial} {verdict.word}: {verdict.reason}"
        case ev.TrialAbandoned(trial=trial, reason=reason):
            return f"#{trial} abandoned: {reason}"
        case ev.RehearsalFinished(through=through, text=text):
            return f"rehearsal {'through' if through else 'failed'}: {text}"
        case ev.KeepApproved(trial=trial):
            return f"#{trial} approved"
        case ev.KeepRefused(trial=trial, reason=reason, back_to=back):
            best = "" if back is None else f"; #{back} is the one to beat again"
            return f"#{trial} refused{f': {reason}' if reason else ''}{best}"
        case ev.IncumbentReverted(to=to, commit=commit):
            return f"#{to} is the one to beat again ({commit[:7]})"
        case ev.BestRemeasured(best=best, gain=gain, half_width=half):
            width = "" if half is None else f" ± {half:.4f} (95 %)"
            return f"#{best} against the baseline, re-measured: better by {gain:.4f}{width}"
        case _:
            return ""


def _outcome(result: RunResult) -> str:
    if isinstance(result, Completed):
        shown = ", ".join(f"{r.metric} {r.value:.4f}" for r in result.readings if r.split == "val")
        return shown or "completed"
    return result.reason
