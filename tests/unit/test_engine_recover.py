"""What a start mends after a kill; tests/property/test_engine_kill.py kills at every entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.board import Board
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from tests.engine_room import Killed, Moment, Mortal, Room

GOOD = setting("a higher rate", LR=3e-3)
OFF = Plan(experiments=1, review="off", rehearsals=0)
LONG = Plan(experiments=2, review="off", rehearsals=0)
TIMED = Plan(experiments=1, review="timed", review_seconds=1, rehearsals=0)
Ask = Callable[[Room, ev.Entry], None]


def leave(room: Room, item: ev.Entry) -> None:
    """Ask for nothing."""


def restarted(
    doomed: Callable[[ev.Event], bool], moment: Moment, plan: Plan = OFF, ask: Ask = leave
) -> tuple[Room, Board]:
    """Kill a session at an entry, start again to look only; return the room and its board."""
    ledger = Mortal(lambda entry: doomed(entry.event), moment)
    room = Room(agents=[ScriptedAgent([GOOD])], plan=plan, ledger=ledger)
    room.listeners.append(lambda item: ask(room, item) if isinstance(item, ev.Entry) else None)
    try:
        run_session(room.desk())
    except Killed:
        looking = Plan(experiments=0, review=plan.review, rehearsals=0)
        again = Room(plan=looking, ledger=ledger, workspace=room.workspace, clock=room.clock)
        run_session(again.desk())
        return again, Fold(ledger.read()).board
    raise AssertionError("nothing was doomed")


def test_a_lesson_that_a_kill_prevented_is_learnt_at_the_next_start() -> None:
    for moment in get_args(Moment):
        _, board = restarted(lambda e: isinstance(e, ev.TrialSettled) and e.trial == 1, moment)
        assert [lesson.trial for lesson in board.lessons] == [1]
        assert board.rows[1].summary in board.lessons[0].text


def test_a_baseline_that_was_judged_is_followed_by_the_first_ten() -> None:
    for moment in get_args(Moment):
        _, board = restarted(lambda e: isinstance(e, ev.TrialSettled), moment, TIMED)
        assert board.phase == "first ten"
        assert board.incumbent == 0


def test_trust_outlives_the_cockpit_that_it_was_given_to() -> None:
    def trust(room: Room, item: ev.Entry) -> None:
        if isinstance(item.event, ev.ReviewOpened):
            room.control.trust(room.seen(item.event.trial))

    _, board = restarted(lambda e: isinstance(e, ev.Reviewed), "after", TIMED, trust)
    assert board.rows[1].decision == "trusted"
    assert board.phase == "autonomous"


def revert(room: Room, item: ev.Entry) -> None:
    """Ask for the baseline back once the first trial is judged."""
    if isinstance(item.event, ev.TrialJudged) and item.event.trial == 1:
        room.control.revert(0)
        room.control.pause()


def test_a_revert_that_was_not_recorded_did_not_happen() -> None:
    room, board = restarted(lambda e: isinstance(e, ev.IncumbentReverted), "before", LONG, revert)
    assert board.incumbent == 1
    assert room.workspace.branch == room.workspace.tree == room.workspace.text_of(1)


def test_a_revert_that_was_recorded_holds() -> None:
    room, board = restarted(lambda e: isinstance(e, ev.IncumbentReverted), "after", LONG, revert)
    assert board.incumbent == 0
    assert room.workspace.branch == room.workspace.tree == room.workspace.text_of(0)
