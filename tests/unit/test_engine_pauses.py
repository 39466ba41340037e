"""Between two trials: what a pause outlasts, and what is asked for during it."""

from __future__ import annotations

from collections.abc import Callable

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.loop import run_session
from tests.engine_room import Room

GOOD = setting("a higher rate learns faster", LR=3e-3)
BAD = setting("a smaller batch takes more steps", BATCH=64)
DEEP = setting("deeper", DEPTH=3)
HOUR = 3600.0


def paused(room: Room, deed: Callable[[], None]) -> None:
    """Pause in the first trial; do something once the loop rests."""

    def drive(item: object) -> None:
        match item.event if isinstance(item, ev.Entry) else None:
            case ev.TrialJudged(trial=1):
                room.control.pause()
            case ev.RequestAcknowledged(request="pause", state="done"):
                deed()

    room.listeners.append(drive)


def room_of(**changes: object) -> Room:
    plan = Plan(**{"review": "off", "rehearsals": 0, **changes})  # type: ignore[arg-type]
    return Room(agents=[ScriptedAgent([GOOD, BAD, DEEP])], plan=plan)


def begun(room: Room) -> list[int]:
    events = (entry.event for entry in room.ledger.read())
    return [event.trial for event in events if isinstance(event, ev.TrialStarted)]


def test_a_stop_during_a_pause_begins_no_further_trial() -> None:
    room = room_of(experiments=2)
    paused(room, room.control.stop)
    assert run_session(room.desk()) == "stopped by the human"
    assert begun(room) == [0, 1]


def test_a_pause_beyond_the_stop_hour_begins_no_further_trial() -> None:
    room = room_of()
    room.plan = Plan(review="off", rehearsals=0, until=room.clock.now() + HOUR)

    def sleep() -> None:
        room.clock.advance(2 * HOUR)
        room.control.resume()

    paused(room, sleep)
    assert run_session(room.desk()) == "no further trial fits before the stop hour"
    assert begun(room) == [0, 1]
