"""A review waits while a reason is typed or a file is edited, and takes nothing that is late."""

from __future__ import annotations

import sys

import pytest

from cockpit import events as ev
from cockpit.engine import control as asked
from cockpit.tui.screens.dialogs import Note
from cockpit.tui.screens.main import MainScreen
from cockpit.tui.screens.reviewing import Reviewing
from tests.tui.stage import FILE, Stage

pytestmark = pytest.mark.tui

HERE = sys.modules[Reviewing.__module__]


def shown(stage: Stage) -> asked.Seen:
    return asked.Seen(trial=stage.next)


def notes(stage: Stage) -> str:
    return "\n".join(note.message for note in stage.app._notifications)


def held(stage: Stage) -> None:
    """Answer a hold as the engine does."""
    assert stage.control.take() == (asked.Review(word="hold", of=shown(stage)),)
    stage.tell(stage.night.entry(ev.ReviewOpened(trial=stage.next, until=None)))


def decided(stage: Stage) -> None:
    event = ev.Reviewed(trial=stage.next, decision="unanswered", reason="", waited=0.0)
    stage.tell(stage.night.entry(event))


async def test_refusing_holds_the_review_and_sends_the_reason_that_the_agent_sees() -> None:
    stage = Stage()
    async with stage.run(80, 24) as pilot:
        stage.review()
        await pilot.press("n")
        assert isinstance(stage.app.screen, Note)
        held(stage)
        await pilot.press(*"too wide", "enter")
        refusal = asked.Review(word="refuse", of=shown(stage), text="too wide")
        assert stage.control.take() == (refusal,)


async def test_a_reason_that_is_not_given_leaves_the_review_on_hold_and_says_so() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.review()
        await pilot.press("n")
        held(stage)
        await pilot.press("escape")
        assert stage.control.take() == ()
        assert isinstance(stage.app.screen, MainScreen)
        await stage.settle(pilot)
        assert f"#{stage.next} is held: it waits for you" in notes(stage)
        assert f"#{stage.next} waits for you: y accept" in stage.text()
        await pilot.press("n")
        assert stage.control.take() == (), "what waits already is not held again"


async def test_a_reason_that_comes_late_is_sent_to_nobody() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.review()
        await pilot.press("n")
        stage.control.take()
        decided(stage)
        await pilot.press(*"too wide", "enter")
        assert stage.control.take() == ()
        assert f"#{stage.next} was decided meanwhile" in notes(stage)


async def test_edit_holds_the_review_and_sends_what_the_editor_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.review()
        monkeypatch.setattr(HERE, "edited_text", lambda _app, text, _name: text + "LR = 1\n")
        await pilot.press("e")
        edited = f"{FILE.format(trial=stage.next)}LR = 1\n"
        assert stage.control.take() == (
            asked.Review(word="hold", of=shown(stage)),
            asked.Review(word="edit", of=shown(stage), text=edited),
        )


async def test_an_editor_with_an_open_quotation_mark_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", 'vi "+set ft=python')
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.review()
        await pilot.press("e")
        await pilot.press("E")
        assert notes(stage).count("the editor did not work: No closing quotation") == 2
        assert [r for r in stage.control.take() if getattr(r, "word", "") == "edit"] == []


async def test_what_the_engine_refuses_is_said() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        text = "#7 was decided meanwhile"
        event = ev.RequestAcknowledged(request="edit", state="refused", text=text)
        stage.tell(stage.night.entry(event))
        await stage.settle(pilot)
        assert text in notes(stage)
