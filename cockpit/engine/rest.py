"""Between two trials: strikes are read, reverts are done, pauses are kept."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.board import Board
from cockpit.engine.desk import SKIPPED, Desk
from cockpit.engine.hearing import acknowledge
from cockpit.engine.release import stand_by
from cockpit.ports import Workspace
from cockpit.trial import Candidate


def rest(desk: Desk) -> None:
    """Do what waited for the end of the trial; stay while the human pauses."""
    desk.skipping = False  # one that came too late for the trial it was meant for
    stand_by(desk)
    read_strikes(desk)
    _offer_hand_edit(desk)
    heed(desk)
    _skip_draft(desk)
    if not desk.pausing:
        return
    desk.emit(ev.RequestAcknowledged(request="pause", state="done", text="paused"))
    desk.sample(ev.StageReached(trial=desk.board.next_number, stage="idle"))
    while desk.pausing and not desk.control.stopping:
        desk.wait(0.5)
        stand_by(desk)
        heed(desk)
        _skip_draft(desk)


def heed(desk: Desk) -> None:
    """Do the reverts and refusals that waited for the end of the trial."""
    desk.halted()
    _revert(desk)
    _refuse(desk)


def _skip_draft(desk: Desk) -> None:
    """Abandon the draft made ahead, if that is what the human skipped between two trials."""
    row = desk.board.open_trial
    if desk.skipping and row is not None:
        desk.emit(ev.TrialAbandoned(trial=row.number, reason=SKIPPED))
    desk.skipping = False


def read_strikes(desk: Desk) -> None:
    """Journal the lessons that the human struck in learnings.md since the last look."""
    struck = {(s.trial, s.text) for s in desk.board.struck}
    learnt = tuple(x for x in desk.board.lessons if (x.trial, x.text) not in struck)
    if learnt:
        for strike in desk.scribe.struck(learnt, desk.workspace.learnings()):
            desk.emit(strike)


def _offer_hand_edit(desk: Desk) -> None:
    """Offer a file edited by hand as a human trial; one that was tried is only left alone.

    Tried is what the gate would refuse as a repeat, however its lines end; not what was abandoned.
    """
    text = desk.workspace.hand_edit()
    if text is None:
        return
    read, edited = desk.workspace.baseline(text), "sandbox/train.py was edited by hand"
    tried = desk.board.tried.get(read.key) if isinstance(read, Candidate) else None
    if tried is not None:
        desk.notice("info", "hand edit", f"{edited}: it is what #{tried} tried, and left as it is")
    elif desk.opening.offer(text):
        desk.notice("info", "hand edit", f"{edited}: it is left as it is, and tried next")


def revert_to(board: Board, workspace: Workspace, trial: int) -> ev.IncumbentReverted | str:
    """Commit a kept trial's file again; return the fact to journal, or why it cannot be."""
    row = board.rows.get(trial)
    if row is None or row.word not in ("keep", "simpler"):
        return f"#{trial} was never kept"
    if row.refused is not None:
        return f"#{trial} was refused; g on it runs its file again"
    if trial == board.incumbent:
        return f"#{trial} is the best already"
    message = f"Revert to #{trial}: {row.summary or 'baseline'}\n\nAsked for by the human."
    done = workspace.revert(trial, message)
    return ev.IncumbentReverted(to=trial, commit=done.commit, tree=done.tree)


def _revert(desk: Desk) -> None:
    while desk.reverts:
        done = revert_to(desk.board, desk.workspace, desk.reverts.pop(0))
        if isinstance(done, str):
            desk.emit(ev.RequestAcknowledged(request="revert", state="refused", text=done))
            continue
        desk.emit(done)
        text = f"#{done.to} is the one to beat again (commit {done.commit[:7]})"
        desk.emit(ev.RequestAcknowledged(request="revert", state="done", text=text))


def refuse_keep(
    board: Board, workspace: Workspace, trial: int, reason: str
) -> ev.KeepRefused | str:
    """Give a kept trial up; return the fact to journal, or why it cannot be.

    Where it is the incumbent, what it replaced is committed again. Where later keeps stand on it,
    they stay: each was measured against the one before.
    """
    row = board.rows.get(trial)
    if row is None or not row.kept or row.kind == "baseline":
        return f"#{trial} is no keep that could be refused"
    if trial != board.incumbent:
        return ev.KeepRefused(trial=trial, reason=reason)
    back = row.replaced or 0
    while not board.rows[back].kept:
        back = board.rows[back].replaced or 0
    summary = board.rows[back].summary or "baseline"
    message = f"Refuse #{trial}, return to #{back}: {summary}\n\n{reason or 'By the human.'}"
    done = workspace.revert(back, message)
    return ev.KeepRefused(
        trial=trial, reason=reason, back_to=back, commit=done.commit, tree=done.tree
    )


def _refuse(desk: Desk) -> None:
    while desk.refusals:
        trial, reason = desk.refusals.pop(0)
        done = refuse_keep(desk.board, desk.workspace, trial, reason)
        if isinstance(done, str):
            acknowledge(desk, "refuse", "refused", done)
            continue
        desk.emit(done)
        stays = "what was kept later stays"
        text = stays if done.back_to is None else f"#{done.back_to} is the one to beat again"
        acknowledge(desk, "refuse", "done", f"#{trial} is refused; {text}")
