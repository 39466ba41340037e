"""A train.py edited by hand is tried, once, however often the cockpit starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit import events as ev
from cockpit.agents.human import HumanAgent
from cockpit.demo import TRAIN, MemoryWorkspace
from cockpit.engine.board import Board
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.errors import ArenaError
from cockpit.ports import RunOrder
from cockpit.trial import RunResult
from tests.engine_room import Room

EDITED = TRAIN.replace("LR = 3e-4", "LR = 3e-3")


class Edited(MemoryWorkspace):
    """A tree that a human edited, and left so."""

    text = EDITED

    def hand_edit(self) -> str | None:
        return self.text


Fate = Callable[[RunOrder], RunResult | None]


def start(room: Room, fate: Fate = lambda _: None) -> tuple[Room, Board]:
    """Start the cockpit on what the room holds, for one turn; return a room to start again in."""
    human = HumanAgent()
    plan = Plan(turns=1, review="off", rehearsals=0)
    again = Room(
        agents=[human], plan=plan, ledger=room.ledger, workspace=room.workspace, clock=room.clock
    )
    again.runner.outcome = fate
    desk = again.desk()
    object.__setattr__(desk.opening, "offer", human.offer)
    run_session(desk)
    return again, Fold(again.ledger.read()).board


def test_a_file_whose_trial_was_abandoned_is_tried_at_the_next_start() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        if order.trial == 1:
            raise ArenaError("the warden did not start", "look at the disk")
        return None

    room, board = start(Room(workspace=Edited()), fate)
    assert board.rows[1].state == "abandoned"
    _, board = start(room)
    assert board.rows[2].word == "keep"


@pytest.mark.parametrize(
    "text",
    [EDITED, EDITED.replace("\n", "\r\n"), EDITED.rstrip()],
    ids=["as it is", "CRLF", "no end"],
)
def test_a_file_that_was_tried_is_left_alone_at_the_next_start(text: str) -> None:
    workspace = Edited()
    workspace.text = text
    room, board = start(Room(workspace=workspace))
    assert board.rows[1].word == "keep"
    room, board = start(room)
    told = [e.event.text for e in room.ledger.read() if isinstance(e.event, ev.Noticed)]
    assert [words.endswith("and tried next") for words in told].count(True) == 1
    assert board.notices["hand edit"].text.endswith("it is what #1 tried, and left as it is")
    assert not board.rows[2].rejections
