"""With Landlock off, the screen says so, with what would hold more."""

from __future__ import annotations

import pytest

from cockpit import events as ev
from cockpit.arena import landlock
from cockpit.arena.escapes import Report
from cockpit.arena.probe import judge
from cockpit.cli.notices import walls_notice
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui


async def test_files_that_are_not_protected_are_on_screen() -> None:
    report = Report(
        attempts={"read the held-out data": ("files", ""), "connect over TCP": ("network", "no")},
        stat=True, torch="2", cuda=False, device_name="CPU", driver="",
    )  # fmt: skip
    found = judge(report, f"seccomp; {landlock.HELD_BACK}: files are not protected", programs=False)
    notice = walls_notice(found)
    assert notice is not None
    stage = Stage()
    async with stage.run(80, 24) as pilot:
        events: list[ev.Event] = [found.event(), notice]
        stage.tell(*(stage.night.entry(event) for event in events))
        for width, height in ((80, 24), (120, 40), (200, 60)):
            await pilot.resize_terminal(width, height)
            await stage.settle(pilot)
            assert "isolation is netless" in stage.text()
        assert "trust netless" in stage.text()
        assert stage.failures() == []
