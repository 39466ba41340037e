"""Pictures of the screen at the three designed sizes, dark and light, the clock standing still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cockpit.tui.panes.ledger import LedgerPane
from tests.tui.frames import SIZES, THEMES, Before, Compare
from tests.tui.stage import Stage

if TYPE_CHECKING:
    from textual.pilot import Pilot

pytestmark = [pytest.mark.tui, pytest.mark.usefixtures("utc")]


def training(stage: Stage, *keys: str, selected: int | None = None) -> Before:
    """Bring the next trial into its run, put the cursor on another, then press keys."""

    async def before(pilot: Pilot[None]) -> None:
        await stage.begun(pilot)
        stage.train()
        if selected is not None:
            stage.app.main.query_one(LedgerPane).select(selected)
        if keys:
            await stage.settle(pilot)
            await pilot.press(*keys)
        await stage.settle(pilot)

    return before


@THEMES
@SIZES
def test_main(snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    stage = Stage(trials=141, theme=theme)
    assert snap_compare(stage.app, terminal_size=size, run_before=training(stage))


@THEMES
@SIZES
def test_detail(snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    stage = Stage(trials=141, theme=theme)
    before = training(stage, "enter", selected=132)
    assert snap_compare(stage.app, terminal_size=size, run_before=before)


@THEMES
@SIZES
def test_help(snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    stage = Stage(theme=theme)
    before = training(stage, "question_mark")
    assert snap_compare(stage.app, terminal_size=size, run_before=before)


def test_comparison(snap_compare: Compare) -> None:
    """Two trials side by side, in the zoomed pane."""
    stage = Stage(trials=141)
    before = training(stage, "down", "b", "down", "down", "2", "z")
    assert snap_compare(stage.app, terminal_size=(160, 40), run_before=before)


def test_confirmation(snap_compare: Compare) -> None:
    stage = Stage(trials=141)
    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=training(stage, "s"))


def test_themes(snap_compare: Compare) -> None:
    stage = Stage(trials=141)
    before = training(stage, "t", "j", "j")
    assert snap_compare(stage.app, terminal_size=(100, 30), run_before=before)


def test_ascii(snap_compare: Compare) -> None:
    stage = Stage(trials=141, ascii_only=True)
    assert snap_compare(stage.app, terminal_size=(120, 40), run_before=training(stage))


def test_review(snap_compare: Compare) -> None:
    stage = Stage(trials=7)

    async def before(pilot: Pilot[None]) -> None:
        await stage.begun(pilot)
        stage.review()
        await stage.settle(pilot)
        assert "2 Diff · #8" in stage.text()

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=before)
