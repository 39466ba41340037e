"""The checks of what the keys do to a session, each named by its number."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Button

from cockpit import events as ev
from cockpit.engine import control as asked
from cockpit.engine.rest import revert_to
from cockpit.tui.panes.ledger import LedgerPane
from cockpit.tui.screens.dialogs import Confirm
from cockpit.tui.screens.main import MainScreen
from cockpit.workspace import GitWorkspace
from tests.tui.stage import Stage
from tests.workspaces import Repository, isolate, keep

pytestmark = pytest.mark.tui
FAILURES: list[tuple[ev.Level, str, str]] = [
    ("warning", "ollama", "Ollama is not reachable at 127.0.0.1:11434; the sweep goes on"),
    ("warning", "git", "another git process holds index.lock; trying again in 5 s"),
    ("warning", "device", "NVML cannot be loaded; no live figures of the GPU"),
    ("needs human", "stopped", "the ledger cannot record: no space left; free some"),
]


def ledger(stage: Stage) -> LedgerPane:
    return stage.app.main.query_one(LedgerPane)


async def test_check_10_pause_is_pausing_until_the_engine_confirms() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        await pilot.press("p")
        assert stage.control.take() == (asked.Pause(),)
        assert "PAUSED" not in stage.text()
        text = "pausing after this trial"
        pending = ev.RequestAcknowledged(request="pause", state="pending", text=text)
        stage.tell(stage.night.entry(pending))
        await stage.settle(pilot)
        assert text in stage.text() and "PAUSED" not in stage.text()
        done = ev.RequestAcknowledged(request="pause", state="done", text="paused")
        stage.tell(stage.night.entry(done))
        await stage.settle(pilot)
        assert "PAUSED" in stage.text()
        await pilot.press("p")
        assert stage.control.take() == (asked.Resume(),)


async def test_check_11_skip_asks_and_enter_alone_changes_nothing() -> None:
    stage = Stage()
    async with stage.run(80, 24) as pilot:
        await pilot.press("s")
        assert isinstance(stage.app.screen, MainScreen), "nothing is in hand"
        stage.train()
        await pilot.press("s")
        dialog = stage.app.screen
        assert isinstance(dialog, Confirm)
        assert dialog.focused is dialog.query_one("#cancel", Button)
        assert f"#{stage.next}" in stage.text()
        await pilot.press("enter")
        assert stage.control.take() == () and isinstance(stage.app.screen, MainScreen)
        await pilot.press("s", "right", "enter")
        assert stage.control.take() == (asked.Skip(),)
        await pilot.press("s", "y")
        assert stage.control.take() == (asked.Skip(),)
        await pilot.press("s")
        stage.tell(*stage.night.run(stage.next, 1.9))
        stage.tell(stage.night.entry(ev.TrialAbandoned(trial=stage.next, reason="ended")))
        await pilot.press("y")
        assert stage.control.take() == (), "the trial that was asked about is over"


async def test_check_12_revert_names_the_commit_and_a_second_one_undoes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch, tmp_path / "home")
    repository = Repository.committed(tmp_path / "session" / "repository")
    workspace = GitWorkspace(repository.root)
    workspace.open_session("mar8", workspace.train())
    stage = Stage(trials=40)
    first, second = [n for n, r in stage.view.rows.items() if r.word == "keep" and n][-2:]
    kept = {}
    for number, rate in ((first, 0.2), (second, 0.3)):
        keep(workspace, number, rate)
        kept[number] = repository.read("sandbox/train.py")
    async with stage.run(120, 40) as pilot:
        board = stage.view.board
        for wanted in (first, second):
            board.incumbent = second if wanted == first else first
            ledger(stage).select(wanted)
            await pilot.press("r")
            await stage.settle(pilot)
            dialog = stage.app.screen
            assert isinstance(dialog, Confirm)
            assert dialog.focused is dialog.query_one("#cancel", Button)
            assert stage.view.rows[wanted].commit[:10] in stage.text()
            await pilot.press("enter", "r", "q")
            await stage.settle(pilot)
            assert stage.control.take() == ()
            await pilot.press("r", "y")
            await stage.settle(pilot)
            assert stage.control.take() == (asked.Revert(trial=wanted),)
            done = revert_to(board, workspace, wanted)
            assert isinstance(done, ev.IncumbentReverted)
            assert repository.read("sandbox/train.py") == kept[wanted]
            stage.tell(stage.night.entry(done))
            assert board.incumbent == wanted


async def test_check_16_a_restart_says_what_the_kill_left() -> None:
    """The kill itself is in tests/e2e/test_cockpit_kill.py."""
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.tell(*stage.night.proposal(13))
        stage.tell(stage.night.entry(ev.TrialAbandoned(trial=13, reason="interrupted")))
        text = "ended 1 leftover run of an interrupted session"
        stage.tell(stage.night.entry(ev.Noticed(level="info", topic="recover", text=text)))
        await stage.settle(pilot)
        assert text in stage.text()
        assert "○ abandoned" in stage.text() and "interrupted" in stage.text()


async def test_check_19_each_failure_is_one_clear_message_and_the_screen_stays() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        for level, topic, text in FAILURES:
            stage.tell(stage.night.entry(ev.Noticed(level=level, topic=topic, text=text)))
            await stage.settle(pilot)
            header = stage.text().splitlines()[1]
            assert f"! {text}"[:40] in header
            assert stage.text().count(text[:30]) == 2, "header and Run pane, once each"
            stage.tell(stage.night.entry(ev.Noticed(level="info", topic=topic, text="")))
            await stage.settle(pilot)
            assert text[:30] not in stage.text(), "and gone when it is mended"
        await pilot.press("down", "question_mark", "q")
        assert stage.app.is_running and stage.failures() == []
