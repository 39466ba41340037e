"""`E` hands program.md to the human's editor, and shows at once what was changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from textual.app import App

from cockpit.tui.screens.deeds import Deeds
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui


async def test_a_changed_program_is_shown_and_marked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "program.md"
    program.write_text("# Goal\n\n- one idea\n")
    (tmp_path / "learnings.md").write_text("# Learnings\n\n- nothing yet\n")

    def editor(_app: App[None], path: Path) -> None:
        path.write_text(f"{path.read_text()}- another idea\n")

    monkeypatch.setattr(sys.modules[Deeds.__module__], "open_in_editor", editor)
    stage = Stage()
    stage.view.root = tmp_path
    async with stage.run(120, 40) as pilot:
        await stage.settle(pilot)
        await pilot.press("E")
        await stage.settle(pilot)
        text = stage.text()
        assert "program.md · changed" in text
        assert "▌ • another idea" in text and "▌ • one idea" not in text


async def test_an_editor_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    """Without a terminal none can: the screen says so and goes on."""
    (tmp_path / "program.md").write_text("# Goal\n")
    (tmp_path / "learnings.md").write_text("# Learnings\n")
    stage = Stage()
    stage.view.root = tmp_path
    async with stage.run(120, 40) as pilot:
        await pilot.press("E")
        await stage.settle(pilot)
        assert any("the editor did not work" in n.message for n in stage.app._notifications)
        assert "5 Ledger" in stage.text()
