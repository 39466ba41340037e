"""Where the hours went: parts that add up, the training share, and what is no work."""

from __future__ import annotations

import pytest

from cockpit import events as ev
from cockpit.demo import FakeClock, ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.ports import Brief, RunOrder
from cockpit.report.audit import audit_of
from cockpit.report.hours import Hours, hours_of
from cockpit.report.lanes import lanes_of
from cockpit.report.morning import sections
from cockpit.report.summary import show_facts, status_facts
from cockpit.report.text import show_text, status_text
from cockpit.report.timeline import Timeline
from cockpit.trial import Declined, Proposal, Rejected, RunResult
from tests.arithmetic import training_seconds, working_seconds
from tests.engine_room import Room

BUDGET = 100.0


def thinking(room: Room, seconds: float, answer: Proposal | Rejected | Declined) -> object:
    """Return an answer that takes its time."""

    def answered(_: Brief) -> Proposal | Rejected | Declined:
        room.clock.advance(seconds)
        return answer

    return answered


def idea(load: float = 0.0, tokens: int = 0, **changes: float) -> Proposal:
    made = setting("an idea", lane="ollama", **changes)
    edit = made.edit
    return Proposal(
        hypothesis="an idea",
        edit=edit,
        lane="ollama",
        model="qwen",
        load=load,
        prompt_tokens=10 * tokens,
        reply_tokens=tokens,
    )


def night(**plan: object) -> Room:
    """Prepare a session in which launch and examination take the time they say they took."""
    settings = {"budget": BUDGET, "experiments": 2, "review": "off", "rehearsals": 0, **plan}
    room = Room(plan=Plan(**settings), clock=FakeClock())  # type: ignore[arg-type]

    def pass_time(order: RunOrder) -> RunResult | None:
        room.clock.advance(5.0)
        return None

    room.runner.outcome = pass_time
    room.agents = (
        ScriptedAgent(
            [
                thinking(room, 30.0, Rejected(stage="parse", reason="prose")),  # type: ignore[list-item]
                thinking(room, 20.0, idea(load=8.0, tokens=50, BATCH=64)),  # type: ignore[list-item]
                thinking(room, 10.0, Declined(reason="away", kind="unavailable")),  # type: ignore[list-item]
            ],
            lane="ollama",
            model="qwen",
        ),
        ScriptedAgent([setting("a partner's idea", LR=1e-5)]),
    )
    return room


def told(room: Room) -> tuple[list[ev.Entry], Hours]:
    entries = list(room.ledger.read())
    fold = Fold(entries)
    track = Timeline(entries).of(fold.board.session_tag)
    return entries, hours_of(fold.board, track, since=entries[0].at, until=entries[-1].at)


def test_every_second_of_the_journal_is_in_one_part() -> None:
    room = night()
    run_session(room.desk())
    entries, hours = told(room)
    assert hours.work == pytest.approx(entries[-1].at - entries[0].at)
    assert sum(hours.parts.values()) == pytest.approx(hours.work)
    parts = hours.parts
    assert parts["loading"] == 8.0
    assert parts["model"] == pytest.approx(52.0)
    runs = [o for o in room.runner.orders if o.role != "dry run"]
    assert parts["training"] == BUDGET * len(runs)
    assert parts["examination"] == 3.0 * len(runs)
    assert parts["other"] < 0.01 * hours.work
    assert hours.share == pytest.approx(training_seconds(entries) / working_seconds(entries), 0.01)


def test_pauses_and_the_gpu_in_the_humans_hands_are_no_work() -> None:
    room = night()

    def human(item: object) -> None:
        match item:
            case ev.Entry(event=ev.TrialSettled(trial=0)):
                room.control.pause()
            case ev.Entry(event=ev.RunStarted(trial=1, role="scoring run", run=2)):
                room.control.release()
            case ev.Entry(event=ev.RequestAcknowledged(request="pause" | "release", state="done")):
                room.clock.advance(1000.0)
                room.control.resume()
            case _:
                pass

    room.listeners.append(human)
    run_session(room.desk())
    entries, hours = told(room)
    assert hours.away == pytest.approx(2000.0, rel=0.01)
    assert hours.work == pytest.approx(working_seconds(entries))
    assert hours.share == pytest.approx(training_seconds(entries) / working_seconds(entries), 0.01)


def test_a_break_that_goes_on_is_no_work_either() -> None:
    room = night()
    run_session(room.desk())
    entries = list(room.ledger.read())
    at = entries[-1].at
    pause = ev.RequestAcknowledged(request="pause", state="done", text="paused")
    open_ = [e for e in entries if not isinstance(e.event, ev.SessionEnded)]
    late = [
        *open_,
        ev.Entry(seq=len(open_), at=at, session=entries[0].session, slot=0, event=pause),
    ]
    fold = Fold(late)
    track = Timeline(late).of(fold.board.session_tag)
    then = hours_of(fold.board, track, since=late[0].at, until=at)
    later = hours_of(fold.board, track, since=late[0].at, until=at + 3600.0)
    assert later.work == pytest.approx(then.work)
    assert later.away == pytest.approx(then.away + 3600.0)


def test_of_a_trial_that_began_before_only_the_share_inside_counts() -> None:
    room = night()
    run_session(room.desk())
    entries = list(room.ledger.read())
    board, until = Fold(entries).board, entries[-1].at
    track = Timeline(entries).of(board.session_tag)
    whole = hours_of(board, track, since=entries[0].at, until=until)
    for seconds in (10.0, 100.0, 300.0):
        hours = hours_of(board, track, since=until - seconds, until=until)
        assert sum(hours.parts.values()) <= hours.work * 1.01
        assert hours.training < whole.training


def test_status_report_and_trial_tell_it_in_words() -> None:
    room = night()
    run_session(room.desk())
    entries = list(room.ledger.read())
    fold = Fold(entries)
    board, now = fold.board, entries[-1].at
    track = Timeline(entries).of(board.session_tag)
    facts = status_facts(fold, None, track, now)
    words = facts["hours"]["words"]
    assert words.startswith("training ")
    assert "examination " in words
    assert "model " in words
    assert f"hours    {facts['hours']['work'] / 60:.0f} min at work: {words}\n" in status_text(
        facts
    )
    short = next(s for s in sections(audit_of(board, track, now=now)) if s.title == "In short")
    assert any(words in line for line in short.lines)
    spent = show_facts(board.rows[1], board)["spent"]
    assert spent["loading"] == 8.0
    assert spent["model"] == pytest.approx(42.0)
    assert "seconds: model 42.0, loading 8.0, dry runs " in show_text(board.rows[1], board)


def test_a_lane_has_its_turns_hours_and_tokens_whatever_came_of_them() -> None:
    room = night()
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    rows = [row for row in board.rows.values() if row.kind == "experiment"]
    lanes = {lane.lane: lane for lane in lanes_of(board, rows)}
    model, sweep = lanes["ollama"], lanes["sweep"]
    assert (model.turns, model.trials) == (2, 1)
    assert (sweep.turns, sweep.trials) == (1, 1)
    assert (model.read, model.written) == (500, 50)
    assert model.hours * 3600 > 60.0 + BUDGET
    assert model.hours + sweep.hours <= (board.at - (board.started_at or 0.0)) / 3600
