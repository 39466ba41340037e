"""`P`: the GPU is the human's at once; the same proposal is run again when they give it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.desk import RELEASED, Desk, Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.ports import Watch
from cockpit.trial import Completed, RunRole, Stopped
from tests.engine_room import Room

GOOD = setting("a higher rate learns faster", LR=3e-3)
BAD = setting("a smaller batch takes more steps", BATCH=64)
AWAY = 600.0


class Human:
    """Takes the GPU when something happens, once, and gives it back after ten minutes."""

    def __init__(self, room: Room, when: Callable[[ev.Entry | ev.Sample], bool]) -> None:
        self._room, self._when = room, when
        self.asked_at = self.heard_at = 0.0
        self.back = "resume"
        room.listeners.append(self)

    def __call__(self, item: ev.Entry | ev.Sample) -> None:
        if not self.asked_at and self._when(item):
            self.asked_at = self._room.clock.now()
            self._room.control.release()
        if not isinstance(item, ev.Entry):
            return
        match item.event:
            case ev.RequestAcknowledged(request="release", state="pending"):
                self.heard_at = item.at
            case ev.RequestAcknowledged(request="release", state="done"):
                self._room.clock.advance(AWAY)
                getattr(self._room.control, self.back)()


def sail(room: Room, vacate: Callable[[Watch], str] = lambda _: "21.3 GiB freed") -> Desk:
    desk = room.desk()
    object.__setattr__(desk.opening, "vacate", vacate)
    run_session(desk)
    return desk


def room(*proposals: object, **changes: object) -> Room:
    plan = Plan(**{"experiments": 1, "review": "off", "rehearsals": 0, **changes})  # type: ignore[arg-type]
    return Room(agents=[ScriptedAgent(list(proposals))], plan=plan)  # type: ignore[arg-type]


def begins(role: RunRole, trial: int = 1) -> Callable[[object], bool]:
    return lambda item: (
        isinstance(item, ev.Entry)
        and isinstance(item.event, ev.RunStarted)
        and (item.event.role, item.event.trial) == (role, trial)
    )


@pytest.mark.parametrize("role", ["dry run", "scoring run", "repeat"])
@pytest.mark.parametrize("back", ["resume", "release"])
def test_the_same_proposal_is_run_again_with_a_fresh_seed(role: RunRole, back: str) -> None:
    made = room(GOOD)
    human = Human(made, begins(role))
    human.back = back
    sail(made)
    row = Fold(made.ledger.read()).board.rows[1]
    assert (row.state, row.word, row.attempts) == ("settled", "keep", 1)
    at = next(i for i, run in enumerate(row.runs) if isinstance(run.result, Stopped))
    ended, again = row.runs[at : at + 2]
    assert isinstance(ended.result, Stopped)
    assert ended.result.reason == RELEASED
    assert isinstance(again.result, Completed)
    assert (again.role, again.of, again.run) == (ended.role, ended.of, ended.run + 1)
    assert len({run.seed for run in row.runs}) == len(row.runs)
    assert sum(isinstance(run.result, Stopped) for run in row.runs) == 1
    funnel = Fold(made.ledger.read()).board.funnel
    assert (funnel.dry_run, funnel.trained, funnel.kept) == (1, 1, 1)


def test_the_request_is_acknowledged_at_once_and_then_with_what_was_freed() -> None:
    made = room(GOOD)
    human = Human(made, lambda item: isinstance(item, ev.StepLogged) and item.trial == 1)
    sail(made)
    said = [e.event for e in made.ledger.read() if isinstance(e.event, ev.RequestAcknowledged)]
    assert [(s.request, s.state, s.text) for s in said] == [
        ("release", "pending", "releasing the GPU; #1 goes on afterwards, as it is"),
        ("release", "done", "GPU released: 21.3 GiB freed; P goes on"),
        ("resume", "done", "going on"),
    ]
    assert human.heard_at - human.asked_at <= 300.0 / made.runner.steps, "its next look at most"


def test_the_board_is_paused_while_the_human_has_the_gpu() -> None:
    made = room(GOOD)
    Human(made, begins("scoring run"))
    seen: list[tuple[bool, bool]] = []

    def vacate(watch: Watch) -> str:
        assert watch.wait(0.1) is None, "the release halts runs, not what frees the memory"
        return "freed"

    def look(item: object) -> None:
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.RequestAcknowledged):
            board = Fold(made.ledger.read()).board
            seen.append((board.paused, board.released))

    made.listeners.append(look)
    sail(made, vacate)
    assert seen == [(False, False), (True, True), (False, False)]


def test_a_question_to_a_model_is_asked_again() -> None:
    made = room(GOOD)
    asked = 0

    def when(item: object) -> bool:
        nonlocal asked
        asked += isinstance(item, ev.Entry) and isinstance(item.event, ev.Asked)
        return asked == 1

    Human(made, when)
    sail(made)
    events = [e.event for e in made.ledger.read()]
    asks = [e for e in events if isinstance(e, ev.Asked)]
    assert asks[0] == asks[1]
    assert [e.reason for e in events if isinstance(e, ev.AgentDeclined)][:1] == [RELEASED]
    assert Fold(made.ledger.read()).board.rows[1].word == "keep"


def test_a_review_goes_on_with_the_time_it_had_left() -> None:
    made = room(GOOD, review="timed", review_seconds=60.0)
    Human(made, lambda i: isinstance(i, ev.StageReached) and i.stage == "review")
    sail(made)
    events = [e.event for e in made.ledger.read()]
    first, second = [e for e in events if isinstance(e, ev.ReviewOpened)][:2]
    assert first.until is not None
    assert second.until is not None
    assert second.until - first.until >= AWAY
    (reviewed,) = [e for e in events if isinstance(e, ev.Reviewed)]
    assert reviewed.decision == "unanswered"
    assert reviewed.waited <= 62.0, "the human's own time is no wait for a review"


def test_between_trials_and_while_paused() -> None:
    made = room(GOOD, BAD, experiments=2)
    paused = False

    def when(item: object) -> bool:
        nonlocal paused
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.TrialSettled) and not paused:
            paused = True
            made.control.pause()
        return (
            isinstance(item, ev.Entry)
            and isinstance(item.event, ev.RequestAcknowledged)
            and (item.event.text == "paused")
        )

    Human(made, when)
    sail(made)
    said = [e.event.text for e in made.ledger.read() if isinstance(e.event, ev.RequestAcknowledged)]
    assert said == [
        "pausing after this trial",
        "paused",
        "releasing the GPU",
        "GPU released: 21.3 GiB freed; P goes on",
        "going on",
    ]
    assert [r.word for r in Fold(made.ledger.read()).board.rows.values()] == [
        "keep",
        "keep",
        "discard",
    ]


def test_a_stop_while_the_human_has_the_gpu_abandons_the_trial() -> None:
    made = room(GOOD)
    human = Human(made, begins("scoring run"))
    human.back = "stop"
    sail(made)
    row = Fold(made.ledger.read()).board.rows[1]
    assert (row.state, row.reason) == ("abandoned", "stopped by the human")


def test_a_release_taken_back_before_it_was_done_loses_nothing() -> None:
    made = room(GOOD)
    when = begins("scoring run")

    def both(item: object) -> None:
        if when(item):
            made.control.release()
            made.control.release()

    made.listeners.append(both)
    sail(made, lambda _: pytest.fail("there was nothing to free any more"))
    assert Fold(made.ledger.read()).board.rows[1].word == "keep"


def test_a_run_whose_end_says_nothing_about_the_file_is_made_again() -> None:
    made = room(GOOD)
    blamed = [Stopped(reason="it ran out of memory beside the model", again=True)]
    made.runner.outcome = lambda order: blamed.pop() if order.trial == 1 and blamed else None
    sail(made)
    row = Fold(made.ledger.read()).board.rows[1]
    assert row.word == "keep"
    assert [type(run.result).__name__ for run in row.runs[:2]] == ["Stopped", "Completed"]
