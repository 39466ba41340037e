"""Killed after any journal entry and restarted: no row lost or doubled, the incumbent right."""

from __future__ import annotations

import pytest

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from tests.engine_room import Room

PLAN = Plan(experiments=3, review="off", rehearsals=1)
SCRIPT = (
    setting("rehearsed", DEPTH=4),
    setting("a higher rate", LR=3e-3),
    setting("a larger batch", BATCH=32),
    setting("a warm-down", WARMDOWN=0.5),
)


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


def length() -> int:
    room = Room(agents=[ScriptedAgent(SCRIPT)], plan=PLAN)
    run_session(room.desk())
    return sum(1 for _ in room.ledger.read())


@pytest.mark.parametrize("point", range(length()))
def test_killed_after_entry(point: int) -> None:
    room = Room(agents=[ScriptedAgent(SCRIPT)], plan=PLAN)

    def kill(item: object) -> None:
        if isinstance(item, ev.Entry) and item.seq == point:
            raise Killed

    room.listeners.append(kill)
    with pytest.raises(Killed):
        run_session(room.desk())
    room.listeners.clear()
    again = Room(
        agents=[ScriptedAgent(SCRIPT)],
        plan=PLAN,
        ledger=room.ledger,
        workspace=room.workspace,
        clock=room.clock,
    )
    run_session(again.desk())
    fold = Fold(room.ledger.read())
    board = fold.board
    assert not fold.others
    assert not board.open_trials
    assert [e.seq for e in room.ledger.read()] == list(range(board.seq + 1))
    judged = [e.event.trial for e in room.ledger.read() if isinstance(e.event, ev.TrialJudged)]
    assert len(judged) == len(set(judged))
    kept = [t for t, _ in room.workspace.keeps[board.session_tag]]
    assert len(kept) == len(set(kept))
    assert kept[-1] == board.incumbent
    assert room.workspace.tree == room.workspace.text_of(board.incumbent or 0)
