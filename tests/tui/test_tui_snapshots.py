"""Pictures of the screen at the three designed sizes, with the clock standing still."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

pytestmark = pytest.mark.tui
SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def training(stage: Stage) -> Callable[[Pilot[None]], object]:
    async def before(pilot: Pilot[None]) -> None:
        await stage.begun(pilot)
        stage.train()
        await stage.settle(pilot)

    return before


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_night(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    stage = Stage(trials=141)
    assert snap_compare(stage.app, terminal_size=size, run_before=training(stage))


@pytest.mark.parametrize("size", SIZES[:2], ids=lambda s: f"{s[0]}x{s[1]}")
def test_day(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    stage = Stage(trials=141, theme="day")
    assert snap_compare(stage.app, terminal_size=size, run_before=training(stage))


def test_review(snap_compare: Callable[..., bool]) -> None:
    stage = Stage(trials=7)

    async def before(pilot: Pilot[None]) -> None:
        await stage.begun(pilot)
        stage.review()
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=before)


def test_help(snap_compare: Callable[..., bool]) -> None:
    stage = Stage()

    async def before(pilot: Pilot[None]) -> None:
        await stage.begun(pilot)
        stage.train()
        await pilot.press("question_mark")
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=(120, 40), run_before=before)
