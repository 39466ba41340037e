"""What changes between two turns is said after train.py: lessons, questions, pins, plateaus."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.agents.composer import Composer, Sampling, Turn
from cockpit.agents.ladder import TIERS
from cockpit.agents.models import Facts
from cockpit.agents.rules import load
from cockpit.ports import Brief, PastTrial
from cockpit.trial import Proposal, Rejected, SetConstants, Tier
from tests.ollama.fixtures import brief

PAST = PastTrial(
    trial=7,
    lane="ollama",
    hypothesis="a deeper model composes more",
    summary="DEPTH 2 -> 12",
    word="crash",
    reason="ran out of memory while training",
    value=None,
    delta=None,
    sigmas=None,
    constants={},
    base="",
)


def composer(billions: float, tier: Tier = "") -> Composer:
    facts = Facts(parameters=billions, context=32768)
    return Composer("tester", facts, load(), Sampling(), tier=tier)


def asked(of: Composer, told: Brief, rejection: Rejected | None = None) -> Turn:
    turn = of.compose(told, rejection)
    assert isinstance(turn, Turn)
    return turn


def eventful() -> list[Brief]:
    """Return briefs between which nothing changes but the past and what the human said."""
    calm = brief(trial=8)
    past = replace(PAST, constants={"DEPTH": 12})
    return [
        calm,
        replace(calm, trial=9, history=(PAST,), learnings="- DEPTH up: it crashed (#7)"),
        replace(calm, trial=10, history=(past,), reflect=7, asked="Is longer data allowed?"),
        replace(calm, trial=11, history=(past,), plateau=23, pinned="look at the optimiser"),
        replace(calm, trial=12, notes=("you asked “why?”, the answer is: because",), plateau=24),
    ]


@pytest.mark.parametrize("billions", [1.5, 7.0, 32.0])
@pytest.mark.parametrize("tier", TIERS)
def test_consecutive_prompts_are_equal_to_the_byte_through_the_end_of_train_py(
    billions: float, tier: Tier
) -> None:
    of = composer(billions, tier)
    turns = [asked(of, told) for told in eventful()]
    turns.append(asked(of, eventful()[-1], Rejected(stage="apply", reason="no", advice="look")))
    systems = {turn.ask.system for turn in turns}
    small = billions < 3 and tier == "A"  # such a model is not shown the file
    if billions >= 3:
        (system,) = systems
        assert system.endswith(f"```python\n{brief().text.rstrip()}\n```")
    assert len({turn.ask.system for turn in turns if turn.tier == tier}) == 1
    assert small or brief().text.rstrip() in turns[0].ask.system
    assert len({turn.ask.user for turn in turns}) == len(turns)


def test_learnings_are_told_whole_or_not_at_all() -> None:
    numbers = " ".join(f"#{n}" for n in range(1, 6000, 2))
    told = replace(brief(trial=8), learnings=f"## Wins\n- also {numbers}")
    assert f"- also {numbers}\n" in asked(composer(7.0), told).ask.user
    tight = Composer("tester", Facts(parameters=7.0, context=12000), load(), Sampling())
    assert "#5999" not in asked(tight, told).ask.user
    assert "- also" not in asked(tight, told).ask.user


def test_the_pinned_idea_stands_right_before_the_ask_and_lasts() -> None:
    of = composer(7.0)
    for trial in (8, 9):
        turn = asked(of, replace(brief(trial=trial), pinned="look at\x1b[2J the optimiser"))
        before, ask = turn.ask.user.split("- look at the optimiser\n\n")
        assert before.endswith("heed it in every proposal:\n")
        assert ask.startswith(load().reply_c)


def test_a_lesson_is_asked_for_with_the_next_proposal_of_its_lane() -> None:
    told = replace(brief(trial=8, history=(PAST,)), reflect=7)
    turn = asked(composer(7.0), told)
    assert turn.about == 7
    assert "expected: a deeper model composes more" in turn.ask.user
    assert "end of trial 7 teaches" in " ".join(turn.ask.user.split())
    bound = asked(composer(7.0, "A"), told)
    assert bound.ask.schema is not None
    branch = bound.ask.schema["anyOf"][0]
    assert list(branch["properties"]) == [
        "name",
        "value",
        "hypothesis",
        "lesson",
        "tags",
        "question",
    ]
    assert branch["required"] == ["name", "value", "hypothesis", "lesson"]


def test_a_model_too_small_for_it_is_asked_for_the_edit_alone() -> None:
    told = replace(brief(trial=8, history=(PAST,)), reflect=7, asked="Why?")
    turn = asked(composer(1.5), told)
    assert (turn.about, turn.asides) == (None, False)
    assert "lesson" not in turn.ask.user
    assert turn.ask.schema is not None
    assert list(turn.ask.schema["anyOf"][0]["properties"]) == ["name", "value", "hypothesis"]


def test_on_a_plateau_the_first_request_of_a_turn_is_a_tier_bolder() -> None:
    of = composer(4.0)
    calm, dry = brief(trial=8), replace(brief(trial=9), plateau=21)
    assert asked(of, calm).tier == "A"
    bold = asked(of, dry)
    assert bold.tier == "B"
    assert "Nothing was kept in the last 21 trials: be bolder now" in bold.ask.user
    failed = Rejected(stage="parse", reason="prose")
    for _ in range(3):
        of.turned_back(failed, None)
    assert asked(of, dry, failed).tier == "A", "the repair is at the tier it can do"
    assert of.ladder.tier == "A"
    assert asked(composer(1.5), dry).tier == "B"
    assert asked(composer(0.5), dry).tier == "A"


def test_an_idea_of_this_turn_is_not_asked_for_twice() -> None:
    of = composer(7.0, "A")
    told = brief(trial=8)
    first = asked(of, told)
    taken = []
    for offer in first.offered:
        edit = SetConstants(changes=((offer.name, 1),))
        taken.append(Proposal(hypothesis=f"turn {offer.name}", edit=edit, lane="ollama"))
    again = of.compose(told, None, taken)
    assert isinstance(again, Turn)
    assert not {o.name for o in again.offered} & {o.name for o in first.offered}
    assert f"- turn {first.offered[0].name}" in again.ask.user
    assert not again.asides
