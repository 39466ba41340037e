"""The morning audit: what happened, whether it is real, what it cost; facts for every front end.

`audit_of` is pure: the same board gives the same facts on screen, in a report and on a replay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cockpit.engine.board import Board
from cockpit.engine.rows import Row
from cockpit.events import KeepVerified
from cockpit.metric import Metric
from cockpit.report.hours import Hours, hours_of
from cockpit.report.keeps import Keep, keeps_of
from cockpit.report.lanes import LaneCost, kwh_of, lanes_of
from cockpit.report.timeline import KILLED, Break, Track
from cockpit.trial import TimedOut

NO_SESSION = "no session began yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """Best before and now. `gain` is positive when better; `sigmas` the gain in noise floors.

    The audit values are those of the split that neither agents nor judge see.
    """

    before: int | None
    now: int | None
    value_before: float | None
    value: float | None
    gain: float | None
    sigmas: float | None
    audit_before: float | None
    audit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Best against baseline, run again in pairs: gain, half its 95 % interval, age in seconds."""

    best: int
    gain: float
    half_width: float | None
    sigmas: float | None
    pairs: int
    age: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What went wrong, how often, and the trials it happened to."""

    kind: str
    reason: str
    count: int
    trials: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The answers to the questions of the morning, about one session since a moment.

    `since` and `until` are Unix times; `seconds` lies between them, `away` of it in breaks and
    `trained` in scoring runs; `share` is trained / (seconds - breaks - human waits), and `hours`
    has what else the time went to. `first_tune`
    is the baseline's, `best_tune` that of the best. `ended` says why the session does not run.
    """

    session: str
    metric: Metric
    sigma: float | None
    device: str
    data: str
    trust: str
    since: float
    until: float
    seconds: float
    away: float
    trained: float
    share: float | None
    hours: Hours
    trials: int
    scored: int
    counts: dict[str, int]
    breaks: tuple[Break, ...]
    ended: str
    best: Best
    again: Again | None
    keeps: tuple[Keep, ...]
    troubles: tuple[Trouble, ...]
    lanes: tuple[LaneCost, ...]
    kwh: float | None
    first_tune: str
    best_tune: str


def audit_of(
    board: Board,
    track: Track,
    *,
    now: float,
    since: float = 0.0,
    alive: bool = True,
    verified: Mapping[str, KeepVerified] | None = None,
) -> Audit:
    """Return the audit of what ended after `since` (Unix time), as of `now`.

    `alive` says whether there is still a cockpit at work: one that was killed left no last word.
    `verified` holds what `cockpit verify` said of kept files, by their digests.
    """
    running = board.running and alive
    began = max(since, track.began if track.began is not None else now)
    until = now if running else max(board.at, began)
    rows = [r for r in board.rows.values() if (r.ended_at or now) >= since]
    experiments = [row for row in rows if row.kind == "experiment"]
    breaks = tuple(b for b in track.breaks_until(until) if b.seconds and b.at + b.seconds >= began)
    hours = hours_of(board, track, since=began, until=until)
    best = board.rows.get(board.incumbent) if board.incumbent is not None else None
    return Audit(
        session=board.session_tag,
        metric=board.metric,
        sigma=board.sigma,
        device=board.fingerprint.device if board.fingerprint else "",
        data=board.data,
        trust=board.fingerprint.trust if board.fingerprint else "",
        since=began,
        until=until,
        seconds=until - began,
        away=hours.away,
        trained=hours.training,
        share=hours.share,
        hours=hours,
        trials=len(experiments),
        scored=sum(row.scored for row in experiments),
        counts=_counts(experiments),
        breaks=breaks,
        ended="" if running else board.ended or (KILLED if board.session_tag else NO_SESSION),
        best=_best(board, since),
        again=_again(board, track, now),
        keeps=keeps_of(board, since, verified),
        troubles=_troubles(experiments),
        lanes=lanes_of(board, experiments),
        kwh=kwh_of(rows),
        first_tune=board.rows[0].sample if 0 in board.rows else "",
        best_tune=best.sample if best is not None else "",
    )


def _counts(rows: Iterable[Row]) -> dict[str, int]:
    found = Counter(row.word or row.state for row in rows)
    return {word: found[word] for word in ("keep", "simpler", "discard", "crash", "abandoned")}


def _best(board: Board, since: float) -> Best:
    kept = [r for _, r in sorted(board.rows.items()) if r.kept]
    earlier = [r for r in kept if r.ended_at is not None and r.ended_at < since]
    before = earlier[-1] if earlier else board.rows.get(0)
    now = board.rows.get(board.incumbent) if board.incumbent is not None else None
    old = None if before is None else board.mean(before.number)
    new = board.incumbent_value
    gain = None if old is None or new is None else board.metric.gain(new, over=old)
    return Best(
        before=None if before is None else before.number,
        now=None if now is None else now.number,
        value_before=old,
        value=new,
        gain=gain,
        sigmas=gain / board.sigma if gain is not None and board.sigma else None,
        audit_before=None if before is None else before.audit,
        audit=None if now is None else now.audit,
    )


def _again(board: Board, track: Track, now: float) -> Again | None:
    found = board.remeasured
    if found is None:
        return None
    at = track.remeasured_at
    return Again(
        best=found.best,
        gain=found.gain,
        half_width=found.half_width,
        sigmas=found.gain / board.sigma if board.sigma else None,
        pairs=len(found.best_values),
        age=None if at is None else max(0.0, now - at),
    )


def _troubles(rows: Iterable[Row]) -> tuple[Trouble, ...]:
    """Group crashes, time-outs, refusals and abandoned trials by kind and reason."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}

    def add(kind: str, reason: str, trial: int) -> None:
        alike = re.sub(r"\d+(\.\d+)?", "#", reason)
        found.setdefault((kind, alike), []).append((reason, trial))

    for row in rows:
        if row.word == "crash":
            add("crash", row.reason, row.number)
        elif any(isinstance(run.result, TimedOut) for run in row.runs):
            add("time-out", row.reason, row.number)
        elif row.state == "abandoned":
            add("abandoned", row.reason, row.number)
        for rejection in row.rejections:
            add(f"refused at {rejection.stage}", rejection.reason, row.number)
    troubles = [
        Trouble(
            kind=kind, reason=seen[0][0], count=len(seen), trials=tuple(trial for _, trial in seen)
        )
        for (kind, _), seen in found.items()
    ]
    return tuple(sorted(troubles, key=lambda t: (t.kind.startswith("refused"), -t.count)))
