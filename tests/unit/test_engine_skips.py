"""`s`: what the human skips is over, and is not what comes next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit import events as ev
from cockpit.agents.sweep import SweepAgent
from cockpit.engine.board import Board
from cockpit.engine.control import Control
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.errors import ArenaError
from cockpit.ports import RunOrder
from cockpit.trial import RunResult
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
