"""Keeps that wait for the human: approved, refused, and what a refusal goes back to."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.board import Board
from cockpit.engine.control import Control
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.engine.rest import refuse_keep
from cockpit.ports import Listener
from cockpit.report.audit import audit_of
from cockpit.report.keeps import keeps_of
from cockpit.report.timeline import Timeline
from tests.engine_room import Room

GOOD = setting("a higher rate learns faster", LR=3e-3)
BETTER = setting("a third layer", DEPTH=3)
LUCK = "it looks like luck to me"


def night(*presses: tuple[type[ev.Event], int, str], trials: int = 2) -> tuple[Room, Board]:
    """Play a night of review mode `keeps`; press `name` after an event of a trial."""
    plan = Plan(experiments=trials, review="keeps", rehearsals=0)
    room = Room(agents=[ScriptedAgent([GOOD, BETTER])], plan=plan)
    room.listeners.append(pressing(room.control, presses))
    run_session(room.desk())
    return room, Fold(room.ledger.read()).board


def pressing(control: Control, presses: tuple[tuple[type[ev.Event], int, str], ...]) -> Listener:
    waiting = list(presses)

    def drive(item: object) -> None:
        event = item.event if isinstance(item, ev.Entry) else None
        for kind, trial, button in tuple(waiting):
            if isinstance(event, kind) and getattr(event, "trial", None) == trial:
                waiting.remove((kind, trial, button))
                match button:
                    case "approve":
                        control.approve_keep(trial)
                    case "refuse":
                        control.refuse_keep(trial, LUCK)
                    case "strike":
                        assert isinstance(event, ev.LessonLearned)
                        control.strike(trial, event.text)

    return drive


def answers(room: Room) -> list[tuple[str, str]]:
    asked = (entry.event for entry in room.ledger.read())
    return [(e.request, e.state) for e in asked if isinstance(e, ev.RequestAcknowledged)]


def test_a_keep_waits_until_it_is_approved() -> None:
    _, before = night()
    assert before.rows[1].provisional
    room, board = night((ev.TrialSettled, 1, "approve"))
    assert not board.rows[1].provisional and board.rows[1].kept
    assert board.incumbent == before.incumbent
    assert answers(room) == [("approve", "done")]


def test_what_does_not_wait_cannot_be_approved() -> None:
    room, _ = night((ev.TrialSettled, 0, "approve"))
    assert answers(room) == [("approve", "refused")]


def test_a_refused_best_gives_way_to_what_it_replaced() -> None:
    room, board = night((ev.TrialSettled, 1, "refuse"), trials=1)
    assert answers(room) == [("refuse", "pending"), ("refuse", "done")]
    assert board.incumbent == 0 and "LR = 3e-4" in room.workspace.tree
    assert board.best_value == board.rows[0].value
    row = board.rows[1]
    assert (row.word, row.refused, row.kept, row.provisional) == ("keep", LUCK, False, False)
    assert keeps_of(board)[0].standing == "refused" and LUCK in keeps_of(board)[0].why


def test_a_refused_keep_on_which_others_stand_is_marked_and_they_stay() -> None:
    room, board = night()
    first, second = board.rows[1], board.rows[2]
    assert (second.word, second.replaced, board.incumbent) == ("keep", 1, 2)
    done = refuse_keep(board, room.workspace, 1, LUCK)
    assert done == ev.KeepRefused(trial=1, reason=LUCK)
    first.apply(done, at=0.0)
    best = refuse_keep(board, room.workspace, 2, LUCK)
    assert isinstance(best, ev.KeepRefused) and best.back_to == 0, "what it replaced is refused"
    assert refuse_keep(board, room.workspace, 1, LUCK) == "#1 is no keep that could be refused"


def test_a_refused_keep_is_no_gain_of_the_night() -> None:
    _, board = night((ev.TrialSettled, 1, "refuse"), trials=1)
    found = audit_of(board, Timeline().of(""), now=board.at)
    assert (found.best.now, found.best.gain) == (0, 0.0)
    assert all(lane.gain == 0.0 and lane.keeps == 0 for lane in found.lanes)


def test_a_lesson_is_struck_once() -> None:
    room, board = night((ev.LessonLearned, 1, "strike"), (ev.LessonLearned, 2, "strike"))
    assert [(s.trial) for s in board.struck] == [1, 2]
    assert answers(room) == [("strike", "done")] * 2
    struck = board.struck[0]
    second = Room(ledger=room.ledger, workspace=room.workspace, plan=room.plan)
    second.control.strike(struck.trial, struck.text)
    second.control.strike(99, "nobody said so")
    run_session(second.desk())
    assert answers(room)[-2:] == [("strike", "refused")] * 2
