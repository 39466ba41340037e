"""Runs and what went on beside them: from the runner's word to the verdict, and back."""

from __future__ import annotations

from dataclasses import replace

from bench.rejudge import faults
from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.engine.rejudge import rejudge
from cockpit.judges.sequential import Bounds, SequentialJudge
from cockpit.ports import RunOrder
from cockpit.trial import Completed, Reading, RunResult, Usage
from tests.engine_room import Room

GOOD = setting("a higher rate learns faster", LR=3e-3)
BAD = setting("a smaller batch takes more steps", BATCH=64)
WAITED = "waited for a processor 40% of the time it wanted one"


def night(*proposals: object, experiments: int) -> Room:
    plan = Plan(experiments=experiments, review="off", rehearsals=0)
    return Room(agents=[ScriptedAgent([*proposals])], plan=plan)  # type: ignore[list-item]


def shared(value: float) -> Completed:
    readings = (Reading(metric="val_bpb", split="val", value=value),)
    return Completed(readings=readings, usage=Usage(train=300.0, contended=WAITED))


def ran(room: Room) -> list[tuple[str, int, str]]:
    return [
        (e.event.role, e.event.of, e.event.why)
        for e in room.ledger.read()
        if isinstance(e.event, ev.RunStarted) and e.event.role != "dry run" and e.event.trial > 0
    ]


def test_a_run_that_shared_the_machine_is_repeated_and_does_not_count() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        return shared(9.0) if order.trial == 1 and order.role == "scoring run" else None

    room = night(BAD, experiments=1)
    room.runner.outcome = fate
    run_session(room.desk())
    assert ran(room)[1] == ("repeat", 1, "something else used the machine during its run")
    row = Fold(room.ledger.read()).board.rows[1]
    assert row.value is not None
    assert row.value < 3
    assert "1 more on a shared machine not counted" in row.reason


def test_after_many_runs_the_best_is_run_beside_the_next_candidate() -> None:
    worse = [setting(f"batch {n}", BATCH=64 + n) for n in range(30)]
    room = night(*worse, experiments=30)
    run_session(room.desk())
    beside = [why for _, of, why in ran(room) if of == 0]
    assert any(why.startswith("the best was last run 25 runs ago") for why in beside)


def test_a_pause_of_hours_makes_the_best_old_too() -> None:
    room = night(BAD, setting("larger still", BATCH=128), experiments=2)

    def pause(item: object) -> None:
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.LessonLearned):
            room.clock.advance(8 * 3600)

    room.listeners.append(pause)
    run_session(room.desk())
    assert [why for _, of, why in ran(room) if of == 0] == ["the best was last run 26 runs ago"]


def test_every_verdict_follows_from_the_runs_in_the_journal() -> None:
    room = night(GOOD, BAD, setting("warm down", WARMDOWN=0.5), experiments=3)
    run_session(room.desk())
    found = rejudge(room.ledger.read(), SequentialJudge())
    assert [each.recorded.word for each in found] == ["keep", "discard", "keep"]
    assert [faults(each, Bounds()) for each in found] == [[], [], []]


def test_a_verdict_that_does_not_follow_is_found() -> None:
    room = night(BAD, experiments=1)
    run_session(room.desk())
    entries = list(room.ledger.read())
    at = next(n for n, e in enumerate(entries) if isinstance(e.event, ev.TrialJudged) and n > 9)
    judged = entries[at].event
    assert isinstance(judged, ev.TrialJudged)
    forged = replace(judged, verdict=replace(judged.verdict, word="keep"))
    entries[at] = replace(entries[at], event=forged)
    (found,) = rejudge(entries, SequentialJudge())
    assert not found.agrees
    assert faults(found, Bounds())[1:] == ["the delta is not given in sigma"]


def test_once_the_noise_is_known_every_delta_is_shown_in_sigma() -> None:
    room = night(BAD, GOOD, experiments=2)
    run_session(room.desk())
    entries = list(room.ledger.read())
    verdicts = [e.event.verdict for e in entries if isinstance(e.event, ev.TrialJudged)]
    _, before, after = verdicts
    assert before.sigmas is None
    assert before.delta is not None
    assert after.sigma is not None
    assert Fold(entries).board.rows[1].sigmas == before.delta / after.sigma
