"""A table from elsewhere as entries of a session of its own, under the trust tier `printed`.

Its fingerprint equals no session's of ours, so its values are never compared with examined ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit import events as ev
from cockpit.ledgers.dialects import ForeignLedger, ForeignRow
from cockpit.trial import Completed, Crashed, Reading, TrialKind, Usage, Verdict

BUDGET = 300.0
"""Seconds of a run where the table does not tell: upstream's."""
AROUND = 22.0
"""Seconds between two runs where it does not tell: what upstream's start and evaluation took."""
UNKNOWN = "not recorded"


@dataclass(slots=True)
class _Writer:
    """Numbers the entries of one session."""

    tag: str
    seq: int
    at: float

    def entry(self, event: ev.Event) -> ev.Entry:
        entry = ev.Entry(seq=self.seq, at=self.at, session=self.tag, slot=0, event=event)
        self.seq += 1
        return entry


def imported(
    ledger: ForeignLedger, *, tag: str, source: str, ends_at: float, seq: int = 0
) -> Iterator[ev.Entry]:
    """Yield the entries of the session `tag`, from number `seq` on.

    Args:
        ledger: the table.
        tag: of the session; must be free.
        source: where the table came from, in words.
        ends_at: Unix time of its last row, where the rows carry no times.
        seq: number of the first entry.
    """
    ends = _times(ledger.rows, ends_at)
    begins = ends[0] - _seconds(ledger.rows[0]) - 1 if ends else ends_at
    out = _Writer(tag, seq, begins)
    yield out.entry(_started(ledger, tag, source))
    for topic, text in _said(ledger):
        yield out.entry(ev.Noticed(level="info", topic=topic, text=text))
    yield out.entry(ev.PhaseEntered(phase="autonomous", why="a night from elsewhere"))
    first = _first_number(ledger.rows)
    kept: ForeignRow | None = None
    against: int | None = None
    for number, (row, end) in enumerate(zip(ledger.rows, ends, strict=True), first):
        yield from _trial(out, ledger, row, number=number, against=against, kept=kept, end=end)
        if row.word == "keep":
            against, kept = number, row if row.value is not None else kept
    yield out.entry(ev.SessionEnded(reason="the table ends here"))


def _started(ledger: ForeignLedger, tag: str, source: str) -> ev.SessionStarted:
    fingerprint = ev.Fingerprint(
        metric=ledger.metric.name,
        budget=BUDGET,
        data=source,
        prepare=UNKNOWN,
        device=UNKNOWN,
        driver="",
        torch=UNKNOWN,
        threads=0,
        trust="printed",
    )
    return ev.SessionStarted(
        tag=tag,
        branch=UNKNOWN,
        base_commit=ledger.rows[0].commit if ledger.rows else "",
        digest="",
        fingerprint=fingerprint,
        direction=ledger.metric.direction.value,
        data=source,
        agent=UNKNOWN,
        review="off",
    )


def assumed(ledger: ForeignLedger) -> str:
    """Say which times are not the table's; empty when all are."""
    if _recorded(ledger.rows) is not None:
        return ""
    return f"when each row ended is not recorded: {BUDGET + AROUND:g} s a row are assumed"


def _said(ledger: ForeignLedger) -> Iterator[tuple[str, str]]:
    way = "less" if ledger.metric.direction == "minimize" else "more"
    yield "direction", f"{way} {ledger.metric.name} is better: {ledger.direction_why}"
    if ledger.marked:
        yield "marks", f"{len(ledger.marked)} of {len(ledger.rows)} rows are marked as odd"
    if assumed(ledger):
        yield "times", assumed(ledger)
    for at, note in enumerate(ledger.notes):
        yield f"note {at}", note


def _trial(
    out: _Writer,
    ledger: ForeignLedger,
    row: ForeignRow,
    *,
    number: int,
    against: int | None,
    kept: ForeignRow | None,
    end: float,
) -> Iterator[ev.Entry]:
    out.at = max(out.at, end - _seconds(row))
    kind: TrialKind = "baseline" if number == 0 else "experiment"
    yield out.entry(ev.TrialStarted(trial=number, kind=kind, against=against))
    yield out.entry(_staged(row, number))
    started = ev.RunStarted(
        trial=number, run=1, role="scoring run", of=number, seed=0, budget=_seconds(row)
    )
    yield out.entry(started)
    out.at = max(out.at, end)
    result = _result(row, ledger.metric.name)
    yield out.entry(
        ev.RunFinished(trial=number, run=1, role="scoring run", of=number, seed=0, result=result)
    )
    if row.word is None:
        reason = f"recorded as {row.status!r}, which is no verdict"
        yield out.entry(ev.TrialAbandoned(trial=number, reason=reason))
        return
    before = None if kept is None or row.value is None else kept.value
    verdict = Verdict(
        word=row.word,
        reason=_reason(row),
        value=row.value,
        delta=None if before is None or row.value is None else row.value - before,
        runs=0 if row.value is None else 1,
    )
    yield out.entry(ev.TrialJudged(trial=number, verdict=verdict))
    commit = row.commit if row.word == "keep" else ""
    yield out.entry(ev.TrialSettled(trial=number, commit=commit))


def _staged(row: ForeignRow, number: int) -> ev.Staged:
    return ev.Staged(
        trial=number,
        digest="",
        key="",
        base="",
        nodes=0,
        summary=" ".join(row.description.split()) or f"row {row.line}",
        diff="",
        commit=row.commit,
        warnings=tuple(f"line {row.line}: {mark}" for mark in row.marks),
    )


def _result(row: ForeignRow, metric: str) -> Completed | Crashed:
    usage = Usage(train=row.seconds or 0.0, memory=row.memory)
    if row.word == "crash":
        return Crashed(reason=_reason(row), usage=usage)
    value = () if row.value is None else (Reading(metric=metric, split="val", value=row.value),)
    return Completed(readings=value, usage=usage, trust="printed")


def _reason(row: ForeignRow) -> str:
    more = (f"{name}: {' '.join(text.split())}" for name, text in row.extra)
    return "; ".join((f"recorded as {row.status!r}", *more))


def _first_number(rows: Sequence[ForeignRow]) -> int:
    """Return 0 where the first row is the baseline, else 1: then there is none."""
    if not rows:
        return 1
    first = rows[0]
    words = f"{first.commit} {first.status} {first.description}".lower()
    return 0 if "baseline" in words or first.word == "keep" else 1


def _seconds(row: ForeignRow) -> float:
    return row.seconds or BUDGET


def _recorded(rows: Sequence[ForeignRow]) -> list[float] | None:
    """Return when each row ended, if all say so and in order."""
    known = [row.at for row in rows if row.at is not None]
    return known if len(known) == len(rows) and known == sorted(known) else None


def _times(rows: Sequence[ForeignRow], ends_at: float) -> list[float]:
    """Return when each row ended: as recorded, else evenly spread."""
    known = _recorded(rows)
    if known is not None:
        return known
    ends: list[float] = []
    for row in reversed(rows):
        ends.append(ends_at)
        ends_at -= _seconds(row) + AROUND
    return list(reversed(ends))
