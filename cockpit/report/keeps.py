"""Which keeps are real: one word for each, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cockpit.engine.board import Board
from cockpit.engine.rows import Row
from cockpit.events import KeepVerified
from cockpit.trial import Lane

Standing = Literal["real", "provisional", "suspicious", "printed", "refused"]
STANDINGS: tuple[Standing, ...] = ("suspicious", "provisional", "real", "printed", "refused")
"""The doubtful first."""
WITHIN = 2.0
"""A gain of fewer sigma may be luck."""
LEAP = 0.1
"""A gain of more than this share of the value in one step is more often a fault than a find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """A kept trial: `gain` is positive when better, `sigmas` the gain in units of the noise floor.

    `runs` counts the runs of its file; `audit` is its value on the hidden split; `verified` is
    what `cockpit verify` found, empty where it was not asked.
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
    verified: str = ""


def keeps_of(
    board: Board, since: float = 0.0, verified: Mapping[str, KeepVerified] | None = None
) -> tuple[Keep, ...]:
    """Return the experiments kept after `since` (Unix time), newest first.

    `verified` holds what `cockpit verify` said of kept files, by their digests.
    """
    words = verified or {}
    kept = [r for _, r in sorted(board.rows.items()) if r.word in ("keep", "simpler")]
    found = [
        _keep(row, _replaced(row, board), board, words.get(row.digest))
        for row in kept
        if row.kind == "experiment" and (row.ended_at or row.started_at) >= since
    ]
    return tuple(reversed(found))


def _replaced(row: Row, board: Board) -> Row | None:
    """Return the trial that was the best when a keep took its place."""
    return None if row.replaced is None else board.rows.get(row.replaced)


def _keep(row: Row, before: Row | None, board: Board, said: KeepVerified | None) -> Keep:
    gain = None if row.delta is None else board.metric.gain(row.delta, over=0.0)
    sigmas = None if row.sigmas is None else board.metric.gain(row.sigmas, over=0.0)
    runs = len(board.values(row.number))
    standing, why = _standing(row, before, board, said, sigmas=sigmas, runs=runs)
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
        verified=said.word if said else "",
    )


def _standing(
    row: Row,
    before: Row | None,
    board: Board,
    said: KeepVerified | None,
    *,
    sigmas: float | None,
    runs: int,
) -> tuple[Standing, str]:
    if row.refused is not None:
        return "refused", row.refused or "refused by the human"
    verified = _verified(said, board)
    doubts = [*_doubts(row, before, board), *row.warnings]
    if said is None or said.word != "real":  # runs side by side outweigh those of the night
        doubts = [*_luck(row, board, sigmas), *doubts]
    if said is not None and said.word == "luck":
        doubts.insert(0, verified)
    waiting = ["waits for your approval"] if row.provisional else []
    if doubts:
        return "suspicious", "; ".join([*doubts, *waiting])
    if waiting:
        return "provisional", waiting[0]
    if board.imported:
        return "printed", "the word of its script, nobody examined it"
    words = f"{runs} run{'s' * (runs != 1)}"
    if row.word == "simpler":
        words = f"simpler, no measurable loss over {words}"
    elif sigmas is not None:
        words = f"{sigmas:+.1f} sigma over {words}"
    return "real", f"{words}; {verified}" if verified else words


def _verified(said: KeepVerified | None, board: Board) -> str:
    if said is None:
        return ""
    pairs = f"{said.pairs} pair{'s' * (said.pairs != 1)}"
    if said.gain is None or said.low is None or said.high is None:
        return f"verified: {said.word} over {pairs}"
    gain, low, high = (f"{x:+.{board.metric.decimals}f}" for x in (said.gain, said.low, said.high))
    return f"verified: {said.word}, {gain} ({low} to {high}) over {pairs}"


def _luck(row: Row, board: Board, sigmas: float | None) -> list[str]:
    """Return why the gain may be that of a lucky run."""
    doubts = []
    if row.word == "keep" and sigmas is not None and sigmas < WITHIN:
        doubts.append(f"{sigmas:+.1f} sigma is inside the noise")
    taken = board.measured.runs(row.number)
    if taken and all(run.contended for run in taken):
        doubts.append("other work shared the machine in all its runs")
    return doubts


def _doubts(row: Row, before: Row | None, board: Board) -> list[str]:
    """Return where the hidden split does not bear the gain out."""
    shown, hidden = board.metric.format, _audit_gain(before, row, board)
    gain = None if row.delta is None else board.metric.gain(row.delta, over=0.0)
    if gain is not None and row.value and gain > LEAP * abs(row.value):
        if hidden is None:
            return (
                []
                if board.imported
                else [f"a leap of {shown(gain)} that the audit split never saw"]
            )
        if hidden < gain / 2:
            return [f"a leap of {shown(gain)}, of {shown(hidden)} on the audit split"]
    elif row.word == "keep" and hidden is not None and hidden < -(board.sigma or 0.0):
        return [f"worse by {shown(-hidden)} on the audit split"]
    return []


def _audit_gain(before: Row | None, row: Row, board: Board) -> float | None:
    """Return how much better it is on the hidden split than the keep before; None if unknown."""
    if before is None or before.audit is None or row.audit is None:
        return None
    return board.metric.gain(row.audit, over=before.audit)
