"""Pictures of the morning audit at the three designed sizes, with the clock standing still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cockpit import events as ev
from cockpit.tui.visits import Visits
from tests.tui.frames import SIZES, THEMES, Before, Compare
from tests.tui.stage import Stage

if TYPE_CHECKING:
    from textual.pilot import Pilot

pytestmark = [pytest.mark.tui, pytest.mark.usefixtures("utc")]


def morning(stage: Stage, *keys: str) -> Before:
    """Let the human come back after a night that ends with a keep to approve, then press keys."""

    async def before(pilot: Pilot[None]) -> None:
        await stage.begun(pilot)
        night = stage.night
        stage.app.visits = Visits(clock=night.clock, last=night.clock.at - 100 * 330)
        pause = ev.RequestAcknowledged(request="pause", state="done", text="paused")
        stage.tell(night.entry(pause))
        night.clock.move(2400)
        stage.tell(night.entry(ev.SessionResumed(agent="sweep", review="keeps")))
        number = stage.trials
        while not stage.view.board.rows[number].provisional:
            number += 1
            stage.tell(*night.trial(number))
        stage.tell(night.rejected(number))
        measured = ev.BestRemeasured(
            best=number,
            baseline_values=(2.24, 2.25),
            best_values=(1.8, 1.81),
            gain=0.4391,
            half_width=0.0102,
        )
        stage.tell(night.entry(measured))
        night.clock.move(600)
        for key in ("m", *keys):
            await pilot.press(key)
            await stage.settle(pilot)

    return before


@THEMES
@SIZES
def test_audit(snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    stage = Stage(trials=141, theme=theme)
    assert snap_compare(stage.app, terminal_size=size, run_before=morning(stage))


def test_a_diff(snap_compare: Compare) -> None:
    stage = Stage(trials=141)
    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=morning(stage, "j", "j"))


def test_lessons(snap_compare: Compare) -> None:
    stage = Stage(trials=141)
    assert snap_compare(stage.app, terminal_size=(100, 30), run_before=morning(stage, "x"))


def test_ascii(snap_compare: Compare) -> None:
    stage = Stage(trials=141, ascii_only=True)
    assert snap_compare(stage.app, terminal_size=(120, 40), run_before=morning(stage))
