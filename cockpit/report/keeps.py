"""Which keeps are real: one word for each, and the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cockpit.engine.board import Board
from cockpit.engine.rows import Row
from cockpit.trial import Lane

Standing = Literal["real", "provisional", "suspicious"]
WITHIN = 2.0
"""A gain of fewer sigma may be luck."""
LEAP = 0.1
"""A gain of more than this share of the value in one step is more often a fault than a find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """A kept trial: `gain` is positive when better, `sigmas` the gain in units of the noise floor.

    `runs` counts the runs of its file; `audit` is its value on the hidden split.
    """

    trial: int
    word: str
    standing: Standing
    why: str
    summary: str
    hypothesis: str
    lane: Lane | None
    model: str
    commit: str
    at: float
    value: float | None
    gain: float | None
    sigmas: float | None
    runs: int
    audit: float | None


def keeps_of(board: Board, since: float = 0.0) -> tuple[Keep, ...]:
    """Return the experiments kept after `since` (Unix time), newest first."""
    kept = [r for _, r in sorted(board.rows.items()) if r.word in ("keep", "simpler")]
    found = [
        _keep(row, before, board)
        for before, row in zip([None, *kept[:-1]], kept, strict=True)
        if row.kind == "experiment" and (row.ended_at or row.started_at) >= since
    ]
    return tuple(reversed(found))


def _keep(row: Row, before: Row | None, board: Board) -> Keep:
    gain = None if row.delta is None else board.metric.gain(row.delta, over=0.0)
    sigmas = None if row.sigmas is None else board.metric.gain(row.sigmas, over=0.0)
    runs = len(board.values(row.number))
    standing, why = _standing(row, before, board, gain=gain, sigmas=sigmas, runs=runs)
    return Keep(
        trial=row.number,
        word=row.word or "",
        standing=standing,
        why=why,
        summary=row.summary,
        hypothesis=row.hypothesis,
        lane=row.lane,
        model=row.model,
        commit=row.commit,
        at=row.ended_at or row.started_at,
        value=board.mean(row.number) if runs else row.value,
        gain=gain,
        sigmas=sigmas,
        runs=runs,
        audit=row.audit,
    )


def _standing(
    row: Row,
    before: Row | None,
    board: Board,
    *,
    gain: float | None,
    sigmas: float | None,
    runs: int,
) -> tuple[Standing, str]:
    doubts = []
    if board.fingerprint is not None and board.fingerprint.trust == "printed":
        doubts.append("printed by its script, nobody examined it")
    if row.word == "keep" and sigmas is not None and sigmas < WITHIN:
        doubts.append(f"{sigmas:+.1f} sigma is inside the noise")
    hidden = _audit_gain(before, row, board)
    if gain is not None and row.value and gain > LEAP * abs(row.value):
        if hidden is None:
            doubts.append(f"a leap of {board.metric.format(gain)} that the audit split never saw")
        elif hidden < gain / 2:
            shown = board.metric.format
            doubts.append(f"a leap of {shown(gain)}, of {shown(hidden)} on the audit split")
    elif row.word == "keep" and hidden is not None and hidden < -(board.sigma or 0.0):
        doubts.append(f"worse by {board.metric.format(-hidden)} on the audit split")
    taken = board.measured.runs(row.number)
    if taken and all(run.contended for run in taken):
        doubts.append("other work shared the machine in all its runs")
    doubts += row.warnings
    if doubts:
        return "suspicious", "; ".join(doubts)
    if row.provisional:
        return "provisional", "waits for your approval"
    words = f"{runs} run{'s' * (runs != 1)}"
    if row.word == "simpler":
        return "real", f"simpler, no measurable loss over {words}"
    return "real", words if sigmas is None else f"{sigmas:+.1f} sigma over {words}"


def _audit_gain(before: Row | None, row: Row, board: Board) -> float | None:
    """Return how much better it is on the hidden split than the keep before; None if unknown."""
    if before is None or before.audit is None or row.audit is None:
        return None
    return board.metric.gain(row.audit, over=before.audit)
