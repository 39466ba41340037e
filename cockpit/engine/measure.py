"""Runs: dry runs, the scoring run, and the repeats that the judge asks for."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from cockpit import events as ev
from cockpit.constraints import FREE
from cockpit.engine.bounds import tell_of_bounds
from cockpit.engine.case import case_of
from cockpit.engine.desk import RELEASED, Desk
from cockpit.engine.release import stand_by
from cockpit.errors import ArenaError
from cockpit.ports import RunOrder
from cockpit.trial import (
    Candidate,
    Completed,
    Crashed,
    MoreRuns,
    Rejected,
    RunResult,
    RunRole,
    Stopped,
    TimedOut,
    Verdict,
)

DRY_BUDGET = 60.0
"""Seconds a dry run may take at most; it ends by itself after `rehearsal_tokens`."""
PATIENCE = 3
"""Failures of the arena in a row that stop the session."""
LOST_INCUMBENT_RUNS = 2
"""Repeats of the incumbent that may fail before a candidate is discarded unreferenced."""


def seed_of(tag: str, trial: int, run: int) -> int:
    """Return the seed of a run: fresh for each, the harness's own, the same after a restart."""
    digest = hashlib.sha256(f"{tag}/{trial}/{run}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def execute(desk: Desk, order: RunOrder, of: int, why: str = "") -> RunResult:
    """Run one order; once more, with a fresh seed, where its end says nothing about the file."""
    while True:
        result = _execute(desk, order, of, why)
        if not isinstance(result, Stopped) or not (result.again or result.reason == RELEASED):
            return result
        halted = stand_by(desk)
        if halted is not None:
            return Stopped(reason=halted)
        run = order.run + 1
        order = replace(order, run=run, seed=seed_of(desk.tag, order.trial, run))


def _execute(desk: Desk, order: RunOrder, of: int, why: str) -> RunResult:
    """Run one order between its two events."""
    started = ev.RunStarted(
        trial=order.trial,
        run=order.run,
        role=order.role,
        of=of,
        seed=order.seed,
        budget=order.budget,
        why=why,
    )
    desk.emit(started)
    stage: ev.Stage = "dry run" if order.role == "dry run" else "train"
    desk.sample(ev.StageReached(trial=order.trial, stage=stage))
    result = _run(desk, order)
    desk.emit(
        ev.RunFinished(
            trial=order.trial,
            run=order.run,
            role=order.role,
            of=of,
            seed=order.seed,
            result=result,
        )
    )
    return result


def _run(desk: Desk, order: RunOrder) -> RunResult:
    """Run one order; a failure of our own side is nobody's crash, but the third in a row stops."""
    try:
        result = desk.opening.runner.run(order, desk)
    except ArenaError as error:
        desk.faults += 1
        if desk.faults >= PATIENCE:
            raise
        desk.notice("warning", "arena", str(error))
        return Stopped(reason=str(error))
    desk.faults = 0
    return result


def order_of(desk: Desk, trial: int, role: RunRole, text: str) -> RunOrder:
    """Return the order of the next run of a trial, with the plan's budget and a fresh seed."""
    row = desk.board.rows.get(trial) or desk.board.rehearsals[trial]
    run, best = len(row.runs) + 1, desk.board.rows.get(desk.board.incumbent or 0)
    return RunOrder(
        trial=trial,
        run=run,
        role=role,
        text=text,
        seed=seed_of(desk.tag, trial, run),
        budget=desk.plan.budget,
        room=best.memory if best is not None else None,
    )


def dry_run(desk: Desk, trial: int, text: str, examine: str = "none") -> RunResult:
    """Run the whole path on `rehearsal_tokens` tokens."""
    order = replace(
        order_of(desk, trial, "dry run", text),
        budget=DRY_BUDGET,
        tokens=desk.plan.rehearsal_tokens,
        examine=examine,
        constraints=desk.plan.constraints,
    )
    return execute(desk, order, of=trial)


def scoring_run(desk: Desk, trial: int, text: str, *, audit: bool = False) -> RunResult:
    """Run the candidate for the whole budget and examine it."""
    base = order_of(desk, trial, "scoring run", text)
    held = FREE if trial == 0 else desk.plan.constraints
    order = replace(base, examine="full", audit=audit, constraints=held)
    result = execute(desk, order, of=trial)
    if trial == 0:
        tell_of_bounds(desk, trial)
    return result


def judged(desk: Desk, trial: int, candidate: Candidate, first: RunResult) -> Verdict | Stopped:
    """Turn a first result into a verdict, repeating both files as the judge asks."""
    result, lost = first, 0
    while True:
        match result:
            case Stopped():
                return result
            case Crashed():
                return Verdict(word="crash", reason=result.reason)
            case TimedOut() | Rejected():
                return Verdict(word="discard", reason=result.reason)
            case Completed():
                decision = _decide(desk, trial)
        while isinstance(decision, MoreRuns) and decision.of == "incumbent":
            again = _incumbent_run(desk, trial, decision.why)
            if isinstance(again, Stopped):
                return again
            lost += not isinstance(again, Completed)
            if lost >= LOST_INCUMBENT_RUNS:
                reason = f"the best could not be run again to compare with: {_words(again)}"
                return Verdict(word="discard", reason=reason)
            decision = _decide(desk, trial)
        if isinstance(decision, Verdict):
            return decision
        base = order_of(desk, trial, "repeat", candidate.text)
        base = replace(base, constraints=desk.plan.constraints)
        result = execute(
            desk, replace(base, examine="thorough", audit=True), of=trial, why=decision.why
        )


def _decide(desk: Desk, trial: int) -> Verdict | MoreRuns:
    board = desk.board
    desk.sample(ev.StageReached(trial=trial, stage="judge"))
    incumbent = board.incumbent or 0
    if _seedless(desk, trial):
        return Verdict(word="discard", reason="two seeds gave the same weights")
    if _seedless(desk, incumbent):
        reason = f"two seeds gave the best (#{incumbent}) the same weights: its noise is not known"
        desk.notice("needs human", "seed", f"{reason}; take every seed from prepare.seed()")
        return Verdict(word="discard", reason=reason)
    return desk.judge.decide(case_of(board, trial))


def _seedless(desk: Desk, of: int) -> bool:
    """Say whether two runs of the file that trial `of` proposed handed over equal weights.

    Every run has a seed of its own; a file that pays it no heed has no noise to be held against,
    and may have been shopped for.
    """
    digests = [
        run.result.weights_digest
        for row in desk.board.rows.values()
        for run in row.runs
        if run.of == of and run.role != "dry run" and isinstance(run.result, Completed)
    ]
    known = [digest for digest in digests if digest]
    return len(set(known)) < len(known)


def _incumbent_run(desk: Desk, trial: int, why: str) -> RunResult:
    of = desk.board.incumbent or 0
    base = order_of(desk, trial, "repeat", desk.workspace.text_of(of))
    return execute(desk, base, of=of, why=why)


def _words(result: RunResult) -> str:
    return "it completed" if isinstance(result, Completed) else result.reason
