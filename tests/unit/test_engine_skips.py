"""`s`: what the human skips is over, and is not what comes next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit import events as ev
from cockpit.agents.sweep import SweepAgent
from cockpit.engine.board import Board
from cockpit.engine.control import Control
from cockpit.engine.desk import SKIPPED, Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.errors import ArenaError
from cockpit.ports import Case, RunOrder
from cockpit.trial import MoreRuns, RunResult, Verdict
from tests.engine_room import Killed, Mortal, Room

TWO = Plan(turns=2, review="off", rehearsals=0)


def when(room: Room, found: Callable[[ev.Event], bool], deed: Callable[[Control], None]) -> None:
    """Press a button as soon as an event is recorded."""

    def drive(item: object) -> None:
        if isinstance(item, ev.Entry) and found(item.event):
            deed(room.control)

    room.listeners.append(drive)


def trains(event: ev.Event) -> bool:
    return isinstance(event, ev.RunStarted) and (event.trial, event.role) == (1, "scoring run")


def board_of(room: Room) -> Board:
    return Fold(room.ledger.read()).board


def at_rest(event: ev.Event) -> bool:
    return isinstance(event, ev.RequestAcknowledged) and event.text == "paused"


def skipping(event: ev.Event) -> bool:
    return isinstance(event, ev.RequestAcknowledged) and event.request == "skip"


def settled(event: ev.Event) -> bool:
    return isinstance(event, ev.TrialSettled) and event.trial == 1


def judged(event: ev.Event) -> bool:
    return isinstance(event, ev.TrialJudged) and event.trial == 1


@pytest.mark.parametrize("pause", [True, False])
def test_a_draft_that_is_skipped_between_two_trials_is_abandoned(pause: bool) -> None:
    plan = Plan(turns=3, review="timed", review_seconds=1.0, rehearsals=0)
    room = Room(agents=[SweepAgent()], plan=plan)
    if pause:
        when(room, judged, Control.pause)
        when(room, at_rest, Control.skip)
        when(room, skipping, Control.resume)
    else:
        when(room, settled, Control.skip)
    run_session(room.desk())
    rows = board_of(room).rows
    said = [e.event for e in room.ledger.read() if isinstance(e.event, ev.RequestAcknowledged)]
    assert "skipping #2" in [event.text for event in said]
    assert (rows[2].state, rows[2].reason, rows[2].runs) == ("abandoned", SKIPPED, [])
    assert not rows[2].in_review
    assert rows[3].word is not None


def test_a_skip_that_comes_too_late_does_not_reach_the_next_draft() -> None:
    plan = Plan(turns=3, review="timed", review_seconds=1.0, rehearsals=0)
    room = Room(agents=[SweepAgent()], plan=plan)

    desk = room.desk()
    judge = desk.judge

    class Slow:
        def decide(self, case: Case) -> Verdict | MoreRuns:
            decision = judge.decide(case)
            if isinstance(decision, Verdict) and not board_of(room).counts:
                room.control.skip()
                desk.halted()
            return decision

    desk.judge = Slow()
    run_session(desk)
    rows = board_of(room).rows
    said = [e.event.text for e in room.ledger.read() if isinstance(e.event, ev.RequestAcknowledged)]
    assert said == ["skipping #1"]
    assert [row.word is None for row in rows.values()] == [False] * 4


def test_the_sweep_does_not_come_back_to_what_was_skipped() -> None:
    room = Room(agents=[SweepAgent()], plan=TWO)
    when(room, trains, Control.skip)
    run_session(room.desk())
    first, second = board_of(room).rows[1], board_of(room).rows[2]
    assert first.state == "abandoned"
    assert second.word is not None
    assert second.key != first.key
    again = Room(
        agents=[SweepAgent()],
        plan=TWO,
        ledger=room.ledger,
        workspace=room.workspace,
        clock=room.clock,
    )
    run_session(again.desk())
    later = [row.key for number, row in board_of(again).rows.items() if number > 1]
    assert len(later) == 3
    assert first.key not in later


def test_the_sweep_comes_back_to_what_our_own_side_failed() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        if order.trial == 1:
            raise ArenaError("the warden did not start", "look at the disk")
        return None

    room = Room(agents=[SweepAgent()], plan=TWO)
    room.runner.outcome = fate
    run_session(room.desk())
    first, second = board_of(room).rows[1], board_of(room).rows[2]
    assert first.state == "abandoned"
    assert second.key == first.key


def test_the_sweep_comes_back_to_what_a_kill_interrupted() -> None:
    room = Room(agents=[SweepAgent()], plan=TWO, ledger=Mortal(lambda e: trains(e.event)))
    with pytest.raises(Killed):
        run_session(room.desk())
    again = Room(agents=[SweepAgent()], plan=TWO, ledger=room.ledger, workspace=room.workspace)
    run_session(again.desk())
    first, second = board_of(again).rows[1], board_of(again).rows[2]
    assert first.reason == "interrupted"
    assert second.key == first.key
