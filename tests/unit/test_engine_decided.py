"""What the human decides on a proposal holds, whatever becomes of the proposal meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.desk import Desk, Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.ports import RunOrder
from cockpit.trial import Crashed, RunResult, Usage
from tests.engine_room import Room

GOOD = setting("a higher rate learns faster", LR=3e-3)
BAD = setting("a smaller batch takes more steps", BATCH=64)
DEEP = setting("deeper", DEPTH=3)
ASK = Plan(experiments=1, review="ask", rehearsals=0)


def crashing(line: str) -> Callable[[RunOrder], RunResult | None]:
    """Return the fate of files: whatever holds `line` falls in its dry run."""

    def fate(order: RunOrder) -> RunResult | None:
        if order.role == "dry run" and line in order.text:
            return Crashed(reason="NameError: x, line 3", usage=Usage(), log_tail="Traceback")
        return None

    return fate


def shown(room: Room, desk: Desk, decide: Callable[[Desk, int, int], None]) -> list[int]:
    """Decide on each proposal as soon as it is shown; return the trials of those that were."""
    seen: list[int] = []

    def look(item: object) -> None:
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.ReviewOpened):
            seen.append(item.event.trial)
            decide(desk, item.event.trial, len(seen))

    room.listeners.append(look)
    return seen


def test_trust_given_to_a_proposal_that_falls_is_trust_from_then_on() -> None:
    room = Room(agents=[ScriptedAgent([BAD, GOOD, DEEP])], plan=ASK)
    room.runner.outcome = crashing("BATCH = 64")
    desk = room.desk()

    def decide(desk: Desk, trial: int, times: int) -> None:
        if times == 1:
            desk.reviewed(trial, "trusted")
        else:
            room.control.stop("asked again")

    seen = shown(room, desk, decide)
    assert run_session(desk) == "1 experiments done"
    assert seen == [1]
    board = Fold(room.ledger.read()).board
    assert (board.trusted, board.phase) == (True, "autonomous")
    assert board.rows[1].hypothesis == GOOD.hypothesis
