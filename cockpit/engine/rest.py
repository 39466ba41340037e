"""Between two trials: strikes are read, reverts are done, pauses are kept."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.desk import Desk


def rest(desk: Desk) -> None:
    """Do what waited for the end of the trial; stay while the human pauses."""
    desk.halted()
    desk.skipping = False
    read_strikes(desk)
    _revert(desk)
    if not desk.pausing:
        return
    desk.emit(ev.RequestAcknowledged(request="pause", state="done", text="paused"))
    desk.sample(ev.StageReached(trial=desk.board.next_number, stage="idle"))
    while desk.pausing and not desk.control.stopping:
        desk.wait(0.5)
        desk.skipping = False
        _revert(desk)


def read_strikes(desk: Desk) -> None:
    """Journal the lessons that the human struck in learnings.md since the last look."""
    struck = {(s.trial, s.text) for s in desk.board.struck}
    learnt = tuple(x for x in desk.board.lessons if (x.trial, x.text) not in struck)
    if learnt:
        for strike in desk.scribe.struck(learnt, desk.workspace.learnings()):
            desk.emit(strike)


def _revert(desk: Desk) -> None:
    while desk.reverts:
        trial = desk.reverts.pop(0)
        row = desk.board.rows.get(trial)
        if row is None or row.word not in ("keep", "simpler"):
            text = f"#{trial} was never kept; choose a kept trial or 0, the baseline"
            desk.emit(ev.RequestAcknowledged(request="revert", state="refused", text=text))
            continue
        if trial == desk.board.incumbent:
            text = f"#{trial} is the best already"
            desk.emit(ev.RequestAcknowledged(request="revert", state="refused", text=text))
            continue
        message = f"Revert to #{trial}: {row.summary or 'baseline'}\n\nAsked for by the human."
        done = desk.workspace.revert(trial, message)
        desk.emit(ev.IncumbentReverted(to=trial, commit=done.commit, tree=done.tree))
        text = f"#{trial} is the one to beat again (commit {done.commit[:7]})"
        desk.emit(ev.RequestAcknowledged(request="revert", state="done", text=text))
