"""A decision of the human is done to the proposal that they saw, or to none, and they are told."""

from __future__ import annotations

from collections.abc import Callable

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.control import Seen
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.ports import RunOrder
from cockpit.trial import Crashed, Proposal, Rejected, RunResult, Usage
from tests.engine_room import Room

RATE = setting("a higher rate learns faster", LR=3e-3)
BATCH = setting("a smaller batch takes more steps", BATCH=4)
DEPTH = setting("a deeper one", DEPTH=3)


def room_of(*proposals: Proposal, experiments: int = 2, review: str = "timed") -> Room:
    plan = Plan(experiments=experiments, review=review, rehearsals=0)
    return Room(agents=[ScriptedAgent(proposals)], plan=plan)


def when(room: Room, deed: Callable[[ev.Event], None]) -> None:
    room.listeners.append(lambda item: deed(item.event) if isinstance(item, ev.Entry) else None)


def said(room: Room) -> list[tuple[str, str, str]]:
    events = [entry.event for entry in room.ledger.read()]
    return [(e.request, e.state, e.text) for e in events if isinstance(e, ev.RequestAcknowledged)]


def falls(text: str) -> Callable[[RunOrder], RunResult | None]:
    """Return the fate of files that hold `text`: they die in the dry run."""

    def fate(order: RunOrder) -> RunResult | None:
        if order.role == "dry run" and text in order.text:
            return Crashed(reason="NameError: x, line 3", usage=Usage())
        return None

    return fate


def test_a_refusal_that_comes_late_does_not_reach_the_next_trial() -> None:
    room = room_of(RATE, BATCH)

    def human(event: ev.Event) -> None:
        if isinstance(event, ev.ReviewOpened):
            if event.trial == 2:
                room.control.refuse(Seen(trial=1), "too wide")
            room.control.accept(room.seen(event.trial))

    when(room, human)
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.rows[2].decision == "accepted" and not board.rows[2].rejections
    text = "#1 was decided meanwhile; it is too late to refuse the one that you saw"
    assert said(room) == [("refuse", "refused", text)]


def test_an_edit_of_what_the_gate_turned_back_does_not_reach_what_came_instead() -> None:
    room = room_of(BATCH, RATE, experiments=1)
    room.runner.outcome = falls("BATCH = 4")

    def human(event: ev.Event) -> None:
        if isinstance(event, ev.ReviewOpened) and room.seen(1).rejected:
            room.control.edit(Seen(trial=1), "an old file")
            room.control.accept(room.seen(1))

    when(room, human)
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.rows[1].decision == "accepted" and board.rows[1].hypothesis == RATE.hypothesis
    text = "#1 shows another proposal by now; it is too late to edit the one that you saw"
    assert said(room) == [("edit", "refused", text)]


def test_an_edit_is_tried_although_the_file_it_replaces_fell_in_its_dry_run() -> None:
    room = room_of(BATCH, RATE, experiments=1)
    room.runner.outcome = falls("BATCH = 4")

    def human(event: ev.Event) -> None:
        if isinstance(event, ev.RunStarted) and event.role == "dry run" and event.run == 1:
            text = room.workspace.text_of(1)
            room.control.edit(room.seen(1), text.replace("BATCH = 4", "BATCH = 5"))

    when(room, human)
    run_session(room.desk())
    scored = [o.text for o in room.runner.orders if o.role == "scoring run" and o.trial == 1]
    assert len(scored) == 1 and "BATCH = 5" in scored[0]


def test_an_edit_goes_with_the_proposal_that_it_was_made_of() -> None:
    room = room_of(RATE, BATCH, DEPTH)
    stage = room.workspace.stage

    def staged(proposal: Proposal, *others: object) -> object:
        again = proposal is BATCH and Fold(room.ledger.read()).board.incumbent == 1
        if again:  # it was drafted on the file that #1 replaced
            return Rejected(stage="apply", reason="it fits the best no more", advice="Again.")
        return stage(proposal, *others)  # type: ignore[arg-type]

    room.workspace.stage = staged  # type: ignore[assignment, method-assign]

    def human(event: ev.Event) -> None:
        match event:
            case ev.ReviewOpened(trial=2) if not room.seen(2).rejected:
                text = room.workspace.text_of(2)
                room.control.edit(room.seen(2), text.replace("BATCH = 4", "BATCH = 5"))
            case ev.ReviewOpened(trial=trial):
                room.control.accept(room.seen(trial))
            case _:
                pass

    when(room, human)
    run_session(room.desk())
    assert Fold(room.ledger.read()).board.rows[2].hypothesis == DEPTH.hypothesis
    scored = [o.text for o in room.runner.orders if o.role == "scoring run" and o.trial == 2]
    assert scored and all("DEPTH = 3" in text and "BATCH = 5" not in text for text in scored)
