"""The loop: the product on one screen.

    recover -> open the session -> rehearse -> baseline -> trial after trial -> re-measure

One trial: an agent proposes, the workspace applies, the runner measures, the judge decides, the
ledger remembers; recorded before reverted, so a power cut anywhere loses nothing (`recover`).
"""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.desk import Desk
from cockpit.engine.draft import (
    Draft,
    first_draft,
    first_ten_over,
    open_review,
    pass_gate,
    rebased,
    record,
    reviewing,
    trusted,
)
from cockpit.engine.measure import judged, scoring_run
from cockpit.engine.opening import open_session
from cockpit.engine.rehearsal import rehearse
from cockpit.engine.release import stand_by
from cockpit.engine.remeasure import remeasure
from cockpit.engine.rest import heed, rest
from cockpit.engine.settling import learn, settle, unlearnt
from cockpit.errors import WorkspaceError
from cockpit.trial import Completed, Rejected, Stopped, Verdict, VerdictWord

IDLE = 30.0
"""Seconds to wait when no lane has a proposal, before asking again."""
IDLES = 3
"""Turns in a row without one that end a session of so many experiments, whatever the reason: a lane
whose server is away may never come back, and someone waits for the count."""


def run_session(desk: Desk) -> str:
    """Run until the human, the plan or the hour ends it; return the reason."""
    recover(desk)
    open_session(desk)
    rehearse(desk)
    ahead = measure_baseline(desk)
    advance_phase(desk)
    while (why := finished(desk)) is None:
        rest(desk)
        if finished(desk) is None:  # a pause may have lasted beyond the stop hour
            ahead = run_trial(desk, ahead)
    for row in desk.board.open_trials:
        desk.emit(ev.TrialAbandoned(trial=row.number, reason=why))
    heed(desk)
    if not desk.control.stopping:
        remeasure(desk)
    desk.emit(ev.SessionEnded(reason=why))
    return why


def run_trial(desk: Desk, ahead: Draft | None) -> Draft | None:
    """Run one trial from proposal to settlement; return the draft of the next, if made ahead."""
    if ahead is not None and desk.board.rows[ahead.trial].state == "abandoned":
        ahead = None  # skipped between two trials
    text = desk.workspace.text_of(desk.board.incumbent or 0)
    trial = ahead.trial if ahead else desk.board.next_number
    desk.begun += 1
    draft = rebased(desk, ahead, text) if ahead else first_draft(desk, trial, text)
    draft = pass_gate(desk, draft, text) if draft else None
    if draft is None:
        give_up(desk, trial)
        return None
    desk.idle = 0
    following = draft_ahead(desk, text)
    first = scoring_run(desk, trial, draft.candidate.text)
    outcome = judged(desk, trial, draft.candidate, first)
    desk.scored += desk.board.rows[trial].scored
    conclude(desk, trial, outcome)
    return following


def conclude(desk: Desk, trial: int, outcome: Verdict | Stopped) -> None:
    """Record a verdict and settle it, or abandon the trial; durable first."""
    match outcome:
        case Stopped(reason=reason):
            desk.emit(ev.TrialAbandoned(trial=trial, reason=reason))
            desk.skipping = False
        case Verdict():
            desk.emit(ev.TrialJudged(trial=trial, verdict=outcome))
            settle(desk, desk.board.rows[trial])
            learn(desk, desk.board.rows[trial])
    advance_phase(desk)


def give_up(desk: Desk, trial: int) -> None:
    """End a trial that has no candidate: halted, turned back by the gate, or nobody had an idea."""
    row = desk.board.rows[trial]
    halted = stand_by(desk)
    if halted is not None:
        conclude(desk, trial, Stopped(reason=halted))
    elif row.runs and isinstance(row.runs[-1].result, Stopped):
        conclude(desk, trial, row.runs[-1].result)
    elif row.rejections:
        last = row.rejections[-1]
        word: VerdictWord = "crash" if last.stage in ("compile", "dry run") else "discard"
        conclude(desk, trial, Verdict(word=word, reason=last.reason))
    else:
        reason = row.reason or "no lane had a proposal"
        conclude(desk, trial, Stopped(reason=reason))
        desk.idle += 1
        if finished(desk) is None:
            until = desk.clock.now() + IDLE
            desk.sample(ev.WaitingFor(text=f"a proposal: {reason}", until=until))
            desk.wait(IDLE)
            desk.sample(ev.WaitingFor(text=""))


def draft_ahead(desk: Desk, text: str) -> Draft | None:
    """While proposals are reviewed, show the next one now: the human reads it during the run."""
    if not reviewing(desk) or stand_by(desk) is not None or finished(desk, ahead=1) is not None:
        return None
    trial = desk.board.next_number
    draft = first_draft(desk, trial, text)
    if draft is None:
        desk.emit(ev.TrialAbandoned(trial=trial, reason="no lane had a proposal yet"))
        return None
    open_review(desk, draft)
    return draft


def measure_baseline(desk: Desk) -> Draft | None:
    """Run trial 0, the unedited file, unless the session has it; return a draft made ahead."""
    if desk.board.phase == "baseline" and desk.board.incumbent is not None:
        enter_first_ten(desk)
    if desk.board.incumbent is not None or desk.control.stopping:
        return None
    enter(desk, "baseline", "the unedited file is measured first")
    text = desk.workspace.train()
    desk.emit(ev.TrialStarted(trial=0, kind="baseline"))
    candidate = desk.workspace.baseline(text)
    if isinstance(candidate, Rejected):
        raise WorkspaceError(
            f"sandbox/train.py cannot be a baseline: {candidate.reason}", "mend the file"
        )
    record(desk, 0, candidate, desk.workspace.archive(0, candidate, "baseline"))
    following = draft_ahead(desk, text)
    result = scoring_run(desk, 0, text, audit=True)
    if isinstance(result, Stopped):
        desk.emit(ev.TrialAbandoned(trial=0, reason=result.reason))
        return following
    if not isinstance(result, Completed):
        desk.emit(ev.TrialAbandoned(trial=0, reason=result.reason))
        raise WorkspaceError(
            f"the baseline did not come through: {result.reason}", "mend sandbox/train.py"
        )
    value = result.value(desk.board.metric.name)
    shown = desk.board.metric.format(value)
    verdict = Verdict(word="keep", reason=f"baseline: {shown}", value=value, runs=1)
    desk.emit(ev.TrialJudged(trial=0, verdict=verdict))
    settle(desk, desk.board.rows[0])
    enter_first_ten(desk)
    return following


def recover(desk: Desk) -> None:
    """Mend what a kill or a power cut left: settle what was judged, abandon what was not."""
    ended = desk.opening.runner.recover()
    for board in (*desk.fold.others, desk.board):
        for row in board.open_trials:
            desk.tag = board.session_tag
            if row.state == "judged":
                desk.workspace.resume_session(desk.tag)
                settle(desk, row)
            else:
                desk.emit(ev.TrialAbandoned(trial=row.number, reason="interrupted"))
        for row in unlearnt(board):
            desk.tag = board.session_tag
            learn(desk, row)
    if ended and desk.tag:
        text = f"ended {ended} leftover run{'s' * (ended > 1)} of an interrupted session"
        desk.notice("info", "recover", text)


def finished(desk: Desk, ahead: int = 0) -> str | None:
    """Return why no further trial is to begin, or None; `ahead` trials are already under way."""
    plan = desk.plan
    if desk.control.stopping:
        return desk.control.stopping
    if plan.experiments is not None and desk.scored + ahead >= plan.experiments:
        return f"{plan.experiments} experiments done"
    if plan.turns is not None and desk.begun + ahead >= plan.turns:
        return "the trial is over"
    if desk.idle >= IDLES and plan.experiments is not None:
        return "nothing left to try"
    if plan.until is not None:
        runs = 1 + ahead + (2 * plan.remeasure_pairs if desk.board.incumbent else 0)
        if desk.clock.now() + plan.budget * runs > plan.until:
            return "no further trial fits before the stop hour"
    return None


def enter(desk: Desk, phase: ev.Phase, why: str) -> None:
    """Enter a phase, once."""
    if desk.board.phase != phase:
        desk.emit(ev.PhaseEntered(phase=phase, why=why))


def enter_first_ten(desk: Desk) -> None:
    """Go on to the experiments, after the baseline."""
    shown = "proposals are shown before they train" if reviewing(desk) else "nobody reviews them"
    enter(desk, "first ten", shown)


def advance_phase(desk: Desk) -> None:
    """Go autonomous when the human says so, or after the first ten."""
    if desk.board.phase != "first ten":
        return
    why = "trusted by the human" if trusted(desk) else "ten experiments judged"
    if trusted(desk) or first_ten_over(desk):
        enter(desk, "autonomous", why)
