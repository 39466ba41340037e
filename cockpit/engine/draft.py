"""From an agent's turn to a candidate that may train: ask, stage, archive, review, dry run.

What the gate turns back goes to the same agent with the reason, at most `REPAIRS` times; then the
turn passes to another lane. Every step is an event, so the funnel adds up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from cockpit import events as ev
from cockpit.constraints import Bounds
from cockpit.digest import digest_of
from cockpit.engine.brief import brief, history
from cockpit.engine.desk import FIRST, REPAIRS, Desk
from cockpit.engine.measure import dry_run
from cockpit.engine.rejections import of_dry_run, refused, repeats
from cockpit.engine.release import answered, stand_by
from cockpit.engine.settling import refine
from cockpit.engine.steering import announce
from cockpit.ports import Agent
from cockpit.trial import (
    Candidate,
    Declined,
    Lane,
    Proposal,
    Rejected,
    Rewrite,
    Stopped,
    TrialKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A staged proposal, and the agent that stands for it."""

    trial: int
    attempt: int
    agent: Agent
    proposal: Proposal
    candidate: Candidate


def first_draft(desk: Desk, trial: int, text: str) -> Draft | None:
    """Begin a trial and ask lane after lane for a candidate on `text`; None: no lane has one."""
    announce(desk, history(desk))
    kind: TrialKind = "rehearsal" if trial < 0 else "experiment"
    desk.emit(ev.TrialStarted(trial=trial, kind=kind, against=desk.board.incumbent))
    return next_lane(desk, trial, text, frozenset())


def next_lane(desk: Desk, trial: int, text: str, failed: frozenset[Lane]) -> Draft | None:
    """Ask the lanes that have not failed in this trial, in the roster's order."""
    while stand_by(desk) is None:
        agent = desk.opening.roster.turn(history(desk), failed)
        if agent is None:
            return None
        draft = ask(desk, trial, text, agent, None, attempt=1)
        if draft is not None:
            return draft
        failed |= {agent.lane}
    return None


def ask(
    desk: Desk, trial: int, text: str, agent: Agent, rejection: Rejected | None, attempt: int
) -> Draft | None:
    """Ask one agent until it has a candidate that stages, or its repairs are used up."""
    for number in range(attempt, 2 + REPAIRS):
        desk.sample(ev.StageReached(trial=trial, stage="propose"))
        asked = ev.Asked(trial=trial, lane=agent.lane, model=agent.model, attempt=number)
        told = partial(brief, desk, trial, text, agent.lane)
        answer = answered(desk, asked, agent, told, rejection)
        match answer:
            case Declined():
                desk.emit(ev.AgentDeclined(trial=trial, lane=agent.lane, reason=answer.reason))
                if answer.kind in ("unavailable", "unusable"):
                    desk.notice("warning", agent.lane, answer.reason)
                return None
            case Rejected():
                rejection = answer
            case Proposal():
                if agent.lane in desk.board.notices:
                    desk.notice("info", agent.lane, "")
                desk.emit(ev.Proposed(trial=trial, attempt=number, proposal=answer))
                if answer.notice:
                    desk.notice("info", "model", answer.notice)
                refine(desk, answer)
                staged = stage(desk, trial, answer, text)
                if isinstance(staged, Candidate):
                    return Draft(
                        trial=trial,
                        attempt=number,
                        agent=agent,
                        proposal=answer,
                        candidate=staged,
                    )
                rejection = staged
        reject(desk, trial, number, agent, rejection)
    return None


def stage(desk: Desk, trial: int, proposal: Proposal, text: str) -> Candidate | Rejected:
    """Apply, compile, guard, hold against what was tried; archive what passes."""
    desk.sample(ev.StageReached(trial=trial, stage="stage"))
    baseline = desk.board.rows.get(0)
    bounds = Bounds(
        constraints=desk.plan.constraints, baseline_nodes=baseline.nodes if baseline else None
    )
    staged = desk.workspace.stage(proposal, text, bounds)
    if isinstance(staged, Rejected):
        return staged
    tried = desk.board.tried.get(staged.key)
    if trial > 0 and tried is not None and tried != trial and not proposal.replicate:
        return repeats(desk.board.rows[tried])
    archived = desk.workspace.archive(trial, staged, proposal.hypothesis)
    record(desk, trial, staged, archived)
    return staged


def record(desk: Desk, trial: int, candidate: Candidate, commit: str) -> None:
    """Journal a candidate; its text is in the archive."""
    desk.emit(
        ev.Staged(
            trial=trial,
            digest=candidate.digest,
            key=candidate.key,
            base=candidate.base,
            nodes=candidate.nodes,
            summary=candidate.summary,
            diff=candidate.diff,
            commit=commit,
            constants=candidate.constants,
            warnings=candidate.warnings,
        )
    )


def reject(desk: Desk, trial: int, attempt: int, agent: Agent, rejection: Rejected) -> None:
    """Journal a proposal that was turned back; what the human made of it goes with it."""
    desk.edits.pop(trial, None)
    desk.emit(
        ev.ProposalRejected(trial=trial, attempt=attempt, lane=agent.lane, rejection=rejection)
    )


def pass_gate(desk: Desk, draft: Draft, text: str) -> Draft | None:
    """Review the draft while its dry run goes on; repair it as often as it may be.

    Returns the draft that may train, or None when it was given up or the work was halted.
    """
    while True:
        open_review(desk, draft)
        result = dry_run(desk, draft.trial, draft.candidate.text)
        if isinstance(result, Stopped):
            return None
        rejection = of_dry_run(result)
        edited = draft.trial in desk.edits  # the human mended it while its dry run fell
        if (edited or rejection is None) and stand_by(desk) is None:
            answer = _await_review(desk, draft, text)
            if not isinstance(answer, Rejected):
                if answer is None or answer is draft:
                    return answer
                draft = answer
                continue
            rejection = answer
        if rejection is None or stand_by(desk) is not None:
            return None
        reject(desk, draft.trial, draft.attempt, draft.agent, rejection)
        again = ask(desk, draft.trial, text, draft.agent, rejection, draft.attempt + 1)
        draft_or_none = again or next_lane(desk, draft.trial, text, frozenset({draft.agent.lane}))
        if draft_or_none is None:
            return None
        draft = draft_or_none


def reviewing(desk: Desk) -> bool:
    """Say whether proposals are shown to the human before they train."""
    match desk.plan.review:
        case "ask":
            return not trusted(desk)
        case "timed":
            return desk.board.phase != "autonomous"
        case _:
            return False


def trusted(desk: Desk) -> bool:
    """Say whether the human wants to see no more proposals."""
    return desk.board.trusted


def open_review(desk: Desk, draft: Draft) -> None:
    """Show the draft to the human, unless it was shown, or nothing is reviewed."""
    row = desk.board.rows.get(draft.trial)
    if row is None or row.review_open or not reviewing(desk) or draft.agent.lane == "human":
        return
    until = None if desk.plan.review == "ask" else desk.clock.now() + desk.plan.review_seconds
    desk.emit(ev.ReviewOpened(trial=draft.trial, until=until))


def rebased(desk: Desk, draft: Draft, text: str) -> Draft | None:
    """Hold a draft that was made ahead against the incumbent of now; stage it again if it moved."""
    if draft.candidate.base == digest_of(text):
        return draft
    staged = stage(desk, draft.trial, draft.proposal, text)
    if isinstance(staged, Candidate):
        return replace(draft, candidate=staged)
    reject(desk, draft.trial, draft.attempt, draft.agent, staged)
    again = ask(desk, draft.trial, text, draft.agent, staged, draft.attempt + 1)
    return again or next_lane(desk, draft.trial, text, frozenset({draft.agent.lane}))


def _await_review(desk: Desk, draft: Draft, text: str) -> Draft | Rejected | None:
    """Wait for the review; the same draft, an edited one, a refusal, or None when halted."""
    row = desk.board.rows.get(draft.trial)
    if row is None or not row.review_open:
        return draft
    desk.sample(ev.StageReached(trial=draft.trial, stage="review"))
    desk.waiting_since = desk.clock.now()
    while row.in_review and (desk.wait(0.25) is None or stand_by(desk) is None):
        pass
    desk.waiting_since = None
    if row.in_review:
        return None
    if row.decision == "refused":
        return refused(row.decision_reason or "no reason given")
    edited = desk.edits.pop(draft.trial, None)
    if edited is None:
        return draft
    proposal = replace(draft.proposal, edit=Rewrite(text=edited))
    staged = stage(desk, draft.trial, proposal, text)
    return (
        staged
        if isinstance(staged, Rejected)
        else replace(draft, proposal=proposal, candidate=staged)
    )


def first_ten_over(desk: Desk) -> bool:
    """Say whether enough experiments were judged for autonomy."""
    return sum(row.word is not None for n, row in desk.board.rows.items() if n > 0) >= FIRST
