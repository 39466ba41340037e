"""What a model gives beside one edit: a lesson, a question, ideas ahead; on the real lane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit import events as ev
from cockpit.agents.handover import Tenant
from cockpit.agents.ollama import OllamaAgent
from cockpit.agents.spares import SPARES
from cockpit.demo import TRAIN, FakeClock
from cockpit.ports import Brief
from cockpit.report.text import show_text
from cockpit.source import normal
from cockpit.source.constants import set_constants
from cockpit.trial import Proposal, Rejected, Replace
from tests.ollama.fixtures import Serve, TestWatch, brief
from tests.ollama.night import Terms, spend
from tests.ollama.scripted import MODEL, Trap, says

pytestmark = pytest.mark.e2e


def edit(old: str, new: str, before: str = "") -> Trap:
    """Reply with one block, and with what stands before its hypothesis."""
    block = f"<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"
    return says(f"{before}Hypothesis: {new} learns more in the time.\n\n{block}")


DEEPER = edit("DEPTH = 2        # blocks", "DEPTH = 4        # blocks")
FASTER = edit("LR = 3e-4        # peak", "LR = 1e-3        # peak")
SMALLER = edit("BATCH = 8        # sequences", "BATCH = 16       # sequences")


def test_what_a_trial_taught_comes_with_the_next_idea_and_a_question_waits_for_nobody(
    serve: Serve,
) -> None:
    said = (
        "**Lesson:** four blocks\x1b[2J leave too few steps in the time [depth, Steps]\n"
        "Question: May the batches be shorter than 256?\n"
    )
    talk = edit("LR = 3e-4        # peak", "LR = 1e-3        # peak", said)
    night = spend(serve(DEEPER, talk), Terms(experiments=2, partner=False))
    assert night.reason == "2 experiments done"
    first, refined = [lesson for lesson in night.of(ev.LessonLearned) if lesson.trial == 1]
    assert refined.text == first.text
    assert refined.said == "four blocks leave too few steps in the time"
    assert (refined.tags, refined.model) == (("depth", "steps"), MODEL)
    second = night.of(ev.Proposed)[1].proposal
    assert second.hypothesis.startswith("LR = 1e-3")
    asked = night.board.notices["question"]
    assert asked.text == f"{MODEL} asks: May the batches be shorter than 256? (i answers)"
    user = str(night.requests()[1]["messages"])
    assert "Your last trial has ended" in user
    assert "#1 DEPTH 2 -> 4" in user
    shown = show_text(night.board.rows[1], night.board)
    assert "\n  learned: four blocks leave too few steps in the time\n" in shown


def test_what_is_no_lesson_and_no_question_is_none(serve: Serve) -> None:
    talk = edit(
        "LR = 3e-4        # peak", "LR = 1e-3        # peak", "Lesson: None\nQuestion: n/a\n"
    )
    night = spend(serve(DEEPER, talk), Terms(experiments=2, partner=False))
    assert [lesson.said for lesson in night.of(ev.LessonLearned)] == ["", ""]
    assert "question" not in night.board.notices


def test_one_load_serves_three_turns_and_costs_are_told_once(serve: Serve) -> None:
    server = serve(DEEPER, FASTER, SMALLER, edit("QK_NORM = False", "QK_NORM = True"))
    night = spend(server, Terms(experiments=4, partner=False, agent={"loads": True}))
    made = [event.proposal for event in night.of(ev.Proposed)]
    assert [proposal.made_at for proposal in made] == [None, 1, 1, None]
    assert [proposal.seconds > 0 for proposal in made] == [True, False, False, True]
    assert night.trained() == dict.fromkeys((1, 2, 3, 4), "ollama")
    assert "attempt, made ahead at #1\n" in show_text(night.board.rows[3], night.board)
    ahead = str(night.requests()[1]["messages"])
    assert "You propose these already, make a different one" in ahead
    assert "DEPTH = 4" in ahead


def test_without_a_load_to_save_no_idea_is_made_ahead(serve: Serve) -> None:
    night = spend(serve(DEEPER, FASTER, SMALLER), Terms(experiments=1, partner=False))
    assert len(night.requests()) == 1


def now(trial: int = 1, **changes: object) -> Brief:
    return replace(brief(trial=trial, text=TRAIN), **changes)  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize(
    "changes",
    [
        {"notes": ("shorter schedules, please",)},
        {"pinned": "look at the optimiser"},
        {"program": "Another strategy."},
        {"plateau": 20},
    ],
)
def test_a_new_word_of_the_human_is_read_before_the_next_idea(
    serve: Serve, changes: dict[str, object]
) -> None:
    server = serve(DEEPER, FASTER, SMALLER)
    lane = OllamaAgent(MODEL, FakeClock(), host=server.url, loads=True)
    lane.propose(now(), None, TestWatch())
    assert len(server.record.bodies("/api/chat")) == 1 + SPARES
    lane.propose(now(2, **changes), None, TestWatch())
    assert len(server.record.bodies("/api/chat")) > 1 + SPARES


def test_ideas_made_ahead_are_held_against_the_file_and_the_past_of_now(serve: Serve) -> None:
    server = serve(DEEPER, FASTER, SMALLER)
    lane = OllamaAgent(MODEL, FakeClock(), host=server.url, loads=True)
    lane.propose(now(), None, TestWatch())
    assert not Tenant(lane).wanted, "no load is worth it while ideas wait"
    kept = set_constants(TRAIN, {"DEPTH": 4})
    repeat = normal.key(set_constants(kept, {"LR": 1e-3}))
    third = lane.propose(now(2, text=kept, tried={repeat: 1}), None, TestWatch())
    assert isinstance(third, Proposal)
    assert isinstance(third.edit, Replace)
    assert "BATCH = 16" in third.edit.blocks[0].replace, "the one that was tried is dropped"
    assert Tenant(lane).wanted
    assert len(server.record.bodies("/api/chat")) == 1 + SPARES


def test_a_spare_that_the_gate_turned_back_is_repaired_by_the_model(serve: Serve) -> None:
    server = serve(DEEPER, FASTER, SMALLER, edit("QK_NORM = False", "QK_NORM = True"))
    lane = OllamaAgent(MODEL, FakeClock(), host=server.url, loads=True)
    lane.propose(now(), None, TestWatch())
    spare = lane.propose(now(2), None, TestWatch())
    assert isinstance(spare, Proposal)
    assert spare.made_at == 1
    refusal = Rejected(stage="review", reason="refused by the human: not this")
    again = lane.propose(now(2), refusal, TestWatch())
    assert isinstance(again, Proposal)
    assert again.made_at is None
    assert "refused by the human: not this" in str(server.record.bodies("/api/chat")[-1])
