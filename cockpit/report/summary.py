"""From folds to plain facts: what `status`, `ledger` and `show` say, as JSON-ready objects."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cockpit.engine.board import Board
from cockpit.engine.exam import exam_cost
from cockpit.engine.fold import Fold
from cockpit.engine.rows import Row, RunRow
from cockpit.report.hours import hours_of
from cockpit.report.keeps import Keep
from cockpit.report.lanes import lanes_of
from cockpit.report.timeline import Track
from cockpit.trial import Completed

Facts = dict[str, Any]


def status_facts(
    fold: Fold, pid: int | None, track: Track | None = None, now: float = 0.0
) -> Facts:
    """Return the state of the newest session; `pid` is the cockpit at work there, or None.

    `track` tells when it was at work; with it, the hours as of `now` (Unix time) are told too.
    """
    board = fold.board
    best = board.rows.get(board.incumbent) if board.incumbent is not None else None
    running = pid is not None and board.running
    return {
        "session": board.session_tag,
        "branch": board.branch,
        "sessions": len(fold.others) + bool(board.session_tag),
        "running": running,
        "pid": pid,
        "ended": None if running else board.ended or None,
        "phase": board.phase,
        "metric": board.metric.name,
        "budget": board.fingerprint.budget if board.fingerprint else None,
        "trial": _trial_number(board),
        "best": None if best is None else {**_identity(best), "value": board.incumbent_value},
        "baseline": board.baseline_value,
        "sigma": board.sigma,
        "counts": {w: board.counts.get(w, 0) for w in ("keep", "simpler", "discard", "crash")},
        "abandoned": board.counts.get("abandoned", 0),
        "funnel": board.funnel.as_dict(),
        "agent": board.agent,
        "lanes": _lanes(board),
        "pinned": board.steering.pinned or None,
        "isolation": asdict(board.isolation) if board.isolation else None,
        "trust": board.fingerprint.trust if board.fingerprint else None,
        "device": board.fingerprint.device if board.fingerprint else None,
        "data": board.data,
        "constraints": list(board.constraints),
        "paused": board.paused,
        "notices": [asdict(n) for n in board.notices.values()],
        "remeasured": asdict(board.remeasured) if board.remeasured else None,
        "examination": _examination(board),
        "hours": _hours(board, track, now if running else board.at),
        "next": next_event(board, pid),
        "updated": iso(board.at) if board.seq >= 0 else None,
    }


def _lanes(board: Board) -> list[Facts]:
    """Return what each lane tried, kept and gained, in how many hours of its trials."""
    rows = [row for row in board.rows.values() if row.kind == "experiment" and row.word]
    return [
        {"lane": e.lane, "trials": e.trials, "keeps": e.keeps, "gain": e.gain, "hours": e.hours}
        for e in lanes_of(board, rows)
        if e.lane is not None
    ]


def _examination(board: Board) -> Facts | None:
    """Return what the examinations of the session cost, by run and as a share of the budget."""
    cost = exam_cost(run for row in board.rows.values() for run in row.runs)
    if cost is None:
        return None
    return {"runs": cost.runs, "seconds": round(cost.mean, 3), "share": round(cost.share, 4)}


def _hours(board: Board, track: Track | None, until: float) -> Facts | None:
    """Return where the working time went, and the training share."""
    if track is None or track.began is None or board.imported:
        return None
    hours = hours_of(board, track, since=track.began, until=until)
    return {
        "work": round(hours.work, 1),
        "waited": round(hours.waited, 1),
        "away": round(hours.away, 1),
        "training_share": None if hours.share is None else round(hours.share, 4),
        "parts": {name: round(seconds, 1) for name, seconds in hours.parts.items()},
        "words": hours.words(),
    }


def next_event(board: Board, pid: int | None) -> str:
    """Say what comes next, in words; `pid` is the cockpit at work there, or None."""
    if pid is None:
        return "nothing runs; start it: cockpit"
    if not board.running:
        return f"process {pid} is at work here: it makes ready, or measures for another command"
    if board.paused:
        return "paused until resumed"
    row = board.open_trial
    if row is None:
        return "the next proposal"
    if row.in_review:
        return f"#{row.number} waits for review"
    run = row.runs[-1] if row.runs else None
    if run is not None and run.result is None:
        ends = datetime.fromtimestamp(run.started_at + run.budget)
        return f"the {run.role} of {_name(row)} ends about {ends:%H:%M}"
    return f"{_name(row)} is being proposed" if not row.summary else f"{_name(row)} goes on"


def trial_facts(row: Row, board: Board) -> Facts:
    """Return one trial as the ledger shows it."""
    return {
        **_identity(row),
        "session": board.session_tag,
        "kind": row.kind,
        "state": row.state,
        "verdict": row.word,
        "value": row.value,
        "delta": row.delta,
        "sigma": row.sigma,
        "sigmas": row.sigmas,
        "reason": row.reason,
        "provisional": row.provisional,
        "lane": row.lane,
        "model": row.model or None,
        "tier": row.tier or None,
        "seconds": round(row.seconds, 3),
        "proposal_seconds": round(row.proposal_seconds, 3),
        "spent": {name: round(seconds, 3) for name, seconds in row.spent.seconds().items()},
        "tokens": {"read": row.spent.read.total(), "written": row.spent.written.total()},
        "memory": row.memory,
        "runs": len([r for r in row.runs if r.role != "dry run" and r.of == row.number]),
        "attempts": row.attempts,
        "started": iso(row.started_at),
        "incumbent": row.number == board.incumbent,
    }


def show_facts(row: Row, board: Board, keep: Keep | None = None) -> Facts:
    """Return all of one trial; `keep` says how real it is, where it was kept."""
    return {
        **trial_facts(row, board),
        "standing": keep.standing if keep else None,
        "why": keep.why if keep else None,
        "verified": (keep.verified or None) if keep else None,
        "against": row.against,
        "archived": row.archived or None,
        "tree": row.tree,
        "nodes": row.nodes,
        "warnings": list(row.warnings),
        "decision": row.decision,
        "rejections": [asdict(r) for r in row.rejections],
        "made_at": row.made_at,
        "learned": next((x.said for x in board.lessons if x.said and x.trial == row.number), None),
        "executions": [_execution(run, board) for run in row.runs],
        "audit": row.audit,
        "sample": row.sample,
        "diff": row.diff,
        "log_tail": log_tail(row),
    }


def log_tail(row: Row) -> str:
    """Return the last lines of the last run that left some."""
    tails = (getattr(run.result, "log_tail", "") for run in reversed(row.runs))
    return next((tail for tail in tails if tail), "")


def iso(at: float) -> str:
    """Return Unix time as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _identity(row: Row) -> Facts:
    return {
        "trial": row.number,
        "summary": row.summary,
        "hypothesis": row.hypothesis,
        "commit": row.commit or None,
    }


def _execution(run: RunRow, board: Board) -> Facts:
    result = run.result
    value = result.value(board.metric.name) if isinstance(result, Completed) else None
    usage = getattr(result, "usage", None)
    return {
        "run": run.run,
        "role": run.role,
        "of": run.of,
        "seed": run.seed,
        "budget": run.budget,
        "why": run.why,
        "result": type(result).__name__ if result is not None else None,
        "value": value,
        "reason": getattr(result, "reason", ""),
        "usage": asdict(usage) if usage is not None else None,
        "probes": getattr(result, "probes", None),
        "trust": getattr(result, "trust", None),
    }


def _trial_number(board: Board) -> int | None:
    row = board.open_trial
    if row is not None:
        return row.number
    return max(board.rows, default=None)


def _name(row: Row) -> str:
    if row.kind == "baseline":
        return "the baseline"
    return f"rehearsal {-row.number}" if row.kind == "rehearsal" else f"#{row.number}"
