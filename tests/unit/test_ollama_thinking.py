"""When a model is asked to think, for how long, and what is learnt of one that finds no end."""

from __future__ import annotations

import pytest

from cockpit.agents.thinking import Thinking
from cockpit.trial import Tier


def of(mode: str = "auto", model: str = "qwen3:8b", *, able: bool = True) -> Thinking:
    return Thinking(model, able=able, mode=mode, tokens=500)


@pytest.mark.parametrize(
    ("mode", "tier", "word", "budget"),
    [
        ("auto", "C", True, 500),
        ("auto", "B", False, 0),
        ("auto", "A", False, 0),
        ("on", "A", True, 500),
        ("off", "C", False, 0),
    ],
)
def test_a_model_that_can_thinks_over_free_text_or_as_told(
    mode: str, tier: Tier, word: bool, budget: int
) -> None:
    thinking = of(mode)
    assert (thinking.word(tier), thinking.budget(tier)) == (word, budget)


@pytest.mark.parametrize("mode", ["auto", "on", "off"])
def test_a_model_that_cannot_is_told_nothing(mode: str) -> None:
    thinking = of(mode, able=False)
    assert (thinking.word("C"), thinking.budget("C")) == (None, 0)


def test_gpt_oss_cannot_be_turned_off_and_always_has_its_budget() -> None:
    assert [of(mode, "gpt-oss:20b").word("A") for mode in ("auto", "off", "on")] == [
        "low",
        "low",
        "medium",
    ]
    assert of("off", "gpt-oss:20b").budget("A") == 500


def test_one_that_finds_no_end_is_no_longer_asked_to_and_that_is_said_once() -> None:
    thinking = of()
    assert thinking.overran(asked=True) == (
        "qwen3:8b thought for more than 500 tokens, and is no longer asked to think"
    )
    thinking.new_turn()
    assert (thinking.word("C"), thinking.budget("C")) == (False, 0)


def test_where_it_must_think_it_tries_again_next_turn() -> None:
    thinking = of("on")
    assert thinking.overran(asked=True) == ""
    assert thinking.word("C") is False
    thinking.new_turn()
    assert thinking.word("C") is True


def test_one_that_thinks_unasked_is_given_room() -> None:
    thinking = of(able=False)
    assert thinking.overran(asked=False) == (
        "qwen3:8b thinks though it is not asked to, and is given room"
    )
    assert thinking.overran(asked=False) == ""
    assert (thinking.word("A"), thinking.budget("A")) == (None, 500)


def test_a_capability_that_is_none_is_dropped() -> None:
    thinking = of()
    assert thinking.refused()
    assert thinking.word("C") is None
    assert not thinking.refused()
