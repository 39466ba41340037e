"""Tiers, the back-off and the window: what the lane learns from how things go."""

from __future__ import annotations

import pytest

from cockpit.agents.ladder import BackOff, Ladder, learned_tier
from cockpit.agents.window import Window, estimate, was_cut
from cockpit.demo import FakeClock
from cockpit.events import Entry, Proposed
from cockpit.trial import Proposal, SetConstants, Tier


@pytest.mark.parametrize(
    ("parameters", "tier"), [(0.135, "A"), (1.5, "A"), (7.0, "C"), (32.0, "C"), (None, "A")]
)
def test_a_model_starts_where_its_size_lets_it(parameters: float | None, tier: str) -> None:
    assert Ladder(parameters).tier == tier


def test_two_failures_in_a_row_step_down_and_three_successes_up() -> None:
    ladder = Ladder(7.0)
    assert (ladder.failed(), ladder.tier) == ("", "C")
    assert (ladder.succeeded(), ladder.failed()) == ("", "")
    assert ladder.failed() == (
        "the model goes from edit tier C to B: 2 edits in a row could not be used"
    )
    assert [bool(ladder.succeeded()) for _ in range(3)] == [False, False, True]
    assert ladder.tier == "C"


@pytest.mark.parametrize(("parameters", "highest"), [(0.5, "A"), (1.5, "B"), (3.0, "C")])
def test_a_small_model_climbs_as_far_as_its_size_lets_it(parameters: float, highest: str) -> None:
    ladder = Ladder(parameters)
    for _ in range(12):
        ladder.succeeded()
    assert ladder.tier == highest


def test_a_model_goes_on_at_the_tier_it_last_worked_at() -> None:
    def proposed(model: str, tier: Tier) -> Entry:
        edit = SetConstants(changes=(("LR", 0.1),))
        made = Proposal(hypothesis="", edit=edit, lane="ollama", tier=tier, model=model)
        event = Proposed(trial=1, attempt=1, proposal=made)
        return Entry(seq=0, at=0.0, session="s", slot=0, event=event)

    past = [proposed("a:7b", "C"), proposed("b:1b", "A"), proposed("a:7b", "B")]
    assert learned_tier(past, "a:7b") == "B"
    assert learned_tier(past, "c:3b") == ""
    assert Ladder(7.0, "B").tier == "B"


def test_the_pause_doubles_up_to_ten_minutes_and_success_ends_it() -> None:
    clock = FakeClock()
    pause = BackOff(clock)
    pauses = []
    for _ in range(7):
        pause.failed("no server")
        seconds = 0
        while pause.waiting:
            clock.advance(1.0)
            seconds += 1
        pauses.append(seconds)
    assert pauses == [30, 60, 120, 240, 480, 600, 600]
    pause.failed("no server")
    pause.succeeded()
    assert not pause.waiting
    assert pause.failed("no server").startswith("no server (asked again after ")


def test_the_window_is_sized_in_steps_grows_only_and_stops_at_the_model() -> None:
    window = Window(ceiling=20000)
    assert window.fit(1000, 256) == 4096
    assert window.fit(5000, 1500) == 8192
    assert window.fit(1000, 256) == 8192
    assert window.fit(15000, 1000) == 20000
    assert window.holds(15000, 1000)
    assert not window.holds(16000, 1000)


def test_the_estimate_is_an_upper_bound_in_bytes_not_letters() -> None:
    assert estimate("abcd") == 2
    assert estimate("ééé") == 2


@pytest.mark.parametrize(
    ("estimated", "counted", "asked", "held", "cut"),
    [
        (6000, 4800, 8192, 8192, False),
        (6000, 2000, 8192, 4096, True),  # about half of a small window is left
        (6600, 3900, 8192, 4096, True),  # nearly all of it, and still the top is gone
        (6000, 2000, 8192, None, True),
        (6000, 40, 8192, 8192, False),  # an old server counts only what it had not cached
        (6000, None, 8192, None, False),
        (2000, 1500, 8192, 4096, False),  # a smaller window that is large enough
    ],
)
def test_a_cut_prompt_is_told_from_a_cached_one(
    estimated: int, counted: int | None, asked: int, held: int | None, cut: bool
) -> None:
    assert was_cut(estimated, counted, asked, held) is cut
