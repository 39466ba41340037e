"""Rehearsal: the whole loop in seconds, agent included, while the human is still there.

Nothing is kept and nothing counts as tried. An iteration is through when a proposal was staged,
trained on a few tokens, handed over and examined.
"""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.desk import Desk
from cockpit.engine.draft import ask, first_draft, next_lane, reject
from cockpit.engine.measure import dry_run
from cockpit.engine.rejections import of_failed_run
from cockpit.engine.release import stand_by
from cockpit.trial import Completed, Crashed, Rejected, Stopped, TimedOut

PATIENCE = 5
"""Iterations in a row that may fail before the human is told and the session goes on."""


def rehearse(desk: Desk) -> None:
    """Rehearse until enough iterations came through; a restart goes on counting."""
    plan = desk.plan
    needed = desk.opening.rehearsals if plan.rehearsals is None else plan.rehearsals
    if desk.board.phase not in ("setup", "rehearsal") or needed <= 0:
        return
    if desk.board.phase == "setup":
        why = f"{needed} iterations on {plan.rehearsal_tokens:,} tokens, nothing is kept"
        desk.emit(ev.PhaseEntered(phase="rehearsal", why=why, needed=needed))
    text, failures = desk.workspace.train(), 0
    while desk.board.rehearsal.through < needed and not desk.control.stopping:
        before = desk.board.rehearsal.through
        _iterate(desk, text)
        failures = 0 if desk.board.rehearsal.through > before else failures + 1
        if failures == PATIENCE:
            last = desk.board.rehearsal.text
            words = f"{PATIENCE} rehearsals in a row failed, going on without: {last}"
            desk.notice("needs human", "rehearsal", words)
            return


def _iterate(desk: Desk, text: str) -> None:
    trial = desk.board.next_rehearsal
    draft = first_draft(desk, trial, text)
    repaired = 0
    while draft is not None:
        result = dry_run(desk, trial, draft.candidate.text, examine="brief")
        match result:
            case Completed():
                repaired += draft.attempt - 1
                words = f"{draft.proposal.lane}: {draft.candidate.summary}"
                _finish(desk, trial, through=True, repaired=int(repaired > 0), text=words)
                return
            case Stopped():
                break
            case Crashed() | TimedOut() | Rejected():
                rejection = of_failed_run(result)
                reject(desk, trial, draft.attempt, draft.agent, rejection)
                again = ask(desk, trial, text, draft.agent, rejection, draft.attempt + 1)
                draft = again or next_lane(desk, trial, text, frozenset({draft.agent.lane}))
    halted = stand_by(desk)
    if halted is not None:
        desk.emit(ev.TrialAbandoned(trial=trial, reason=halted))
        desk.skipping = False
        return
    row = desk.board.rehearsals[trial]
    words = row.rejections[-1].reason if row.rejections else row.reason or "no proposal"
    _finish(desk, trial, through=False, repaired=0, text=words)


def _finish(desk: Desk, trial: int, *, through: bool, repaired: int, text: str) -> None:
    desk.emit(ev.RehearsalFinished(trial=trial, through=through, repaired=repaired, text=text))
