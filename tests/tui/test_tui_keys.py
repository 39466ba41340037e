"""The keys press the session's Control, and dialogs guard what is not easily undone."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from cockpit import events as ev
from cockpit.engine import control as asked
from cockpit.tui.keymap import KEYS
from cockpit.tui.screens.main import MainScreen
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui


async def test_review_keys() -> None:
    words: dict[str, asked.ReviewWord] = {"y": "accept", "space": "hold", "A": "trust"}
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        await pilot.press(*words)
        assert stage.control.take() == (), "no review is open"
        stage.review()
        for key, word in words.items():
            await pilot.press(key)
            of = asked.Seen(trial=stage.next)
            assert stage.control.take() == (asked.Review(word=word, of=of),)


async def test_steering_sends_a_note() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        await pilot.press("i", *"try qk norm", "enter")
        assert stage.control.take() == (asked.Steer(text="try qk norm"),)
        await pilot.press("i", "enter")
        assert stage.control.take() == ()
        assert isinstance(stage.app.screen, MainScreen), "an empty note is not sent"


async def test_a_note_is_pinned_with_a_mark_and_answers_a_question() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        await pilot.press("i", *"!warm up", "enter", "i", "!", "enter")
        pinned = asked.Steer(text="warm up", pinned=True)
        assert stage.control.take() == (pinned, asked.Steer(text="", pinned=True))
        steering = stage.view.board.steering
        steering.asker, steering.question = "qwen:7b", "May batches be shorter?"
        await pilot.press("i")
        assert "qwen:7b asks: May batches be shorter?" in stage.text()
        await pilot.press(*"yes", "enter")
        assert stage.control.take() == (asked.Steer(text="yes"),)


async def test_revert_is_not_offered_for_a_discard() -> None:
    stage = Stage()
    worse = next(n for n, r in stage.view.rows.items() if r.word == "discard")
    async with stage.run(120, 40) as pilot:
        stage.app.main.query_one("#ledger").select(worse)  # type: ignore[attr-defined]
        await pilot.press("r")
        assert isinstance(stage.app.screen, MainScreen)


async def test_read_only_offers_nothing_that_changes() -> None:
    stage = Stage(read_only=True)
    async with stage.run(120, 40) as pilot:
        stage.review()
        await pilot.press("p", "s", "y", "A", "space", "i", "r")
        assert stage.control.take() == ()
        shown = {a.binding.id for a in stage.app.main.active_bindings.values() if a.enabled}
        assert not {k.id for k in KEYS if k.changes} & shown


async def test_quit_stops_and_waits_for_the_last_word() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        await pilot.press("q")
        (stop,) = stage.control.take()
        assert isinstance(stop, asked.Stop)
        assert stage.app._exit is False
        assert "leaving" in stage.text()
        stage.tell(stage.night.entry(ev.SessionEnded(reason="stopped by the human")))
        await pilot.pause(0.3)
        assert stage.app._exit


async def test_a_second_quit_leaves_at_once() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        await pilot.press("q", "q")
        assert stage.app._exit


async def test_filter_line_filters_and_closes() -> None:
    stage = Stage(trials=30)
    async with stage.run(120, 40) as pilot:
        await pilot.press("slash", *"crash", "enter")
        await stage.settle(pilot)
        ledger = stage.app.main.query_one("#ledger")
        assert ledger.has_focus
        shown = [stage.view.rows[n].word for n in ledger.order]  # type: ignore[attr-defined]
        assert shown and set(shown) == {"crash"}
        assert "filter: crash" in stage.text()
        await pilot.press("slash")
        stage.app.main.query_one("#filter", Input).value = ""
        await pilot.press("enter")
        assert len(ledger.order) == 31  # type: ignore[attr-defined]


async def test_a_burst_of_keys_closes_a_dialog_once() -> None:
    stage = Stage()
    async with stage.run(80, 24) as pilot:
        stage.train()
        for opening, closing in (("question_mark", "escape"), ("i", "escape"), ("s", "y")):
            await pilot.press(opening)
            assert len(stage.app.screen_stack) == 2
            for _ in range(3):
                stage.app.post_message(events.Key(closing, None))
            await stage.settle(pilot)
            assert isinstance(stage.app.screen, MainScreen), opening
        assert stage.control.take() == (asked.Skip(),)
