"""What the human says reaches every agent in time, and what a model asks reaches the human."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cockpit import events as ev
from cockpit.demo import MemoryWorkspace, ScriptedAgent, setting
from cockpit.engine.control import Control
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.ledgers.codec import decode, encode
from tests.engine_room import Room

RATES = [setting(f"rate {n}", "ollama", LR=3e-4 + n * 1e-5) for n in range(1, 9)]
ASKING = replace(RATES[0], model="qwen:7b", question="May batches be shorter?")


def room_of(agent: ScriptedAgent, experiments: int, review: str = "off") -> Room:
    return Room(agents=[agent], plan=Plan(experiments=experiments, review=review, rehearsals=0))


def when(room: Room, kind: type, trial: int, deed: Callable[[Control], None]) -> None:
    """Press a button as soon as an event of a trial is recorded."""

    def drive(item: object) -> None:
        event = item.event if isinstance(item, ev.Entry) else None
        if isinstance(event, kind) and getattr(event, "trial", None) == trial:
            deed(room.control)

    room.listeners.append(drive)


def told(agent: ScriptedAgent) -> list[tuple[int, tuple[str, ...], str]]:
    return [(brief.trial, brief.notes, brief.pinned) for brief in agent.briefs]


def test_a_pinned_idea_is_told_every_time_until_it_is_taken_away() -> None:
    agent = ScriptedAgent(RATES)
    room = room_of(agent, 4)
    when(room, ev.TrialSettled, 1, lambda c: c.steer("mind the warm-up", pinned=True))
    when(room, ev.TrialSettled, 3, lambda c: c.steer("", pinned=True))
    run_session(room.desk())
    pinned = {trial: idea for trial, _, idea in told(agent)}
    assert pinned == {1: "", 2: "mind the warm-up", 3: "mind the warm-up", 4: ""}
    assert all(notes == () for _, notes, _ in told(agent))
    said = [e.event for e in room.ledger.read() if isinstance(e.event, ev.RequestAcknowledged)]
    assert [event.text for event in said] == [
        "the agent reads it before every proposal from now on",
        "nothing is pinned any more",
    ]


def test_a_question_is_shown_until_a_note_answers_it_and_is_not_asked_again() -> None:
    agent = ScriptedAgent([ASKING, RATES[1], replace(RATES[2], question=ASKING.question)])
    room = room_of(agent, 3)
    shown: list[str] = []

    def look(item: object) -> None:
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.Noticed):
            shown.append(f"{item.event.level}: {item.event.text}")

    room.listeners.append(look)
    when(room, ev.Staged, 2, lambda c: c.steer("yes, down to 64"))
    run_session(room.desk())
    assert [brief.asked for brief in agent.briefs] == ["", "May batches be shorter?", ""]
    answer = "you asked “May batches be shorter?”, the answer is: yes, down to 64"
    assert agent.briefs[2].notes == (answer,)
    assert shown == ["warning: qwen:7b asks: May batches be shorter? (i answers)", "warning: "]
    assert Fold(room.ledger.read()).board.steering.question == ""


def test_pin_and_question_outlive_a_restart() -> None:
    agent = ScriptedAgent([ASKING, RATES[1]])
    room = room_of(agent, 1)
    when(room, ev.TrialSettled, 1, lambda c: c.steer("mind the warm-up", pinned=True))
    run_session(room.desk())
    run_session(room.desk())
    assert agent.briefs[-1].pinned == "mind the warm-up"
    assert agent.briefs[-1].asked == "May batches be shorter?"
    assert "question" in Fold(room.ledger.read()).board.notices


def test_reasons_of_refusals_are_told_in_later_turns_too() -> None:
    agent = ScriptedAgent(RATES)
    room = room_of(agent, 2, review="ask")

    def drive(item: object) -> None:
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.ReviewOpened):
            if len(agent.briefs) == 1:
                room.control.refuse(room.seen(1), "tried last week")
            else:
                room.control.accept(room.seen(item.event.trial))

    room.listeners.append(drive)
    run_session(room.desk())
    assert agent.briefs[0].notes == ()
    assert {brief.notes for brief in agent.briefs[1:]} == {("I refused “rate 1”: tried last week",)}


def test_a_new_strategy_is_read_before_the_next_proposal() -> None:
    class Edited(MemoryWorkspace):
        words = "Be careful."

        def program(self) -> str:
            return self.words

    agent, workspace = ScriptedAgent(RATES), Edited()
    room = room_of(agent, 2)
    room.workspace = workspace
    when(room, ev.RunStarted, 1, lambda _: setattr(workspace, "words", "Be bold."))
    run_session(room.desk())
    assert [brief.program for brief in agent.briefs] == ["Be careful.", "Be bold."]


def test_journals_from_before_all_this_are_read() -> None:
    note = ev.Steered(text="go")
    lesson = ev.LessonLearned(trial=1, section="wins", text="x")
    for event, since in ((note, ("pinned", "answers")), (lesson, ("said", "tags", "model"))):
        data = encode(event)
        for name in since:
            del data[name]
        assert decode(data) == event
