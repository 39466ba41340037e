"""The checks of what stands on the screen, each named by its number.

Those that need a real terminal are in tests/e2e/test_checks_terminal.py. Where a check speaks of
seconds, what is asserted is the order, the count or the bytes that decide them; bench/screen.py
takes the time.
"""

from __future__ import annotations

import threading

import psutil
import pytest
from rich.cells import cell_len

from cockpit import events as ev
from cockpit.trial import Verdict
from cockpit.tui.painted import Painted
from cockpit.tui.panes.ledger import LedgerPane
from tests.tui.replay import step, telemetry
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui
SIZES = [(80, 24), (120, 40), (160, 20), (200, 60)]
NAMES = {"1": "1 Plan", "2": "2 Diff", "3": "3 GPU", "4": "4 Run", "5": "5 Ledger"}


def ledger(stage: Stage) -> LedgerPane:
    return stage.app.main.query_one(LedgerPane)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
async def test_check_01_no_border_is_clipped_and_every_pane_is_named(size: tuple[int, int]) -> None:
    stage = Stage(trials=141)
    async with stage.run(*size) as pilot:
        stage.train()
        for theme, keys in (("night", "12345"), ("day", "5")):
            stage.app.theme = theme
            for key in keys:
                await pilot.press(key)
                await stage.settle(pilot)
                text = stage.text()
                assert NAMES[key] in text
                for opening, closing in ("╭╰", "╮╯", "┏┗", "┓┛"):
                    assert text.count(opening) == text.count(closing)
        if size[0] >= 100 and size[1] >= 32:
            assert all(name in stage.text() for name in NAMES.values())
        assert [c for c in set(stage.text()) if c != "\n" and cell_len(c) != 1] == []
        await pilot.press("z")
        await stage.settle(pilot)
        assert "5 Ledger" in stage.text() and "2 Diff" not in stage.text()
        assert all(len(line) == size[0] for line in stage.text().splitlines())
        assert stage.failures() == []


async def test_check_02_a_storm_of_sizes_ends_in_the_frame_of_a_fresh_start() -> None:
    storm, fresh = Stage(), Stage()
    async with storm.run(200, 60) as pilot:
        storm.train()
        for size in ((80, 24), (40, 10), (20, 3), (1, 1), (120, 40)):
            await pilot.resize_terminal(*size)
        await storm.settle(pilot)
        assert storm.failures() == []
        left = storm.text()
    async with fresh.run(120, 40) as pilot:
        fresh.train()
        await fresh.settle(pilot)
        assert left.splitlines() == fresh.text().splitlines()


async def test_check_03_the_first_frame_comes_before_the_engine_begins() -> None:
    stage = Stage()
    seen: list[str] = []
    stage.app._start = lambda _listener: seen.append(stage.text())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        for _ in range(500):
            if seen:
                break
            await pilot.pause(0.02)
    assert "5 Ledger" in seen[0] and "2 Diff" in seen[0]


async def test_check_07_a_second_of_a_run_writes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(trials=141)
    async with stage.run(120, 40) as pilot:
        stage.train()
        await stage.settle(pilot)
        written: list[str] = []
        driver = stage.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        monkeypatch.setattr(type(stage.app), "is_headless", False)
        clock, trial = stage.night.clock, stage.next
        for second in range(80, 90):
            clock.move(1.0)
            logged = ev.LinesLogged(trial=trial, lines=(f"step {second}",))
            stage.tell(telemetry(clock), step(trial, float(second)), logged)
            await pilot.pause()
        await stage.settle(pilot)
        assert 0 < sum(len(text.encode()) for text in written) <= 10 * 3000


async def test_check_08_a_flood_of_output_does_not_stand_before_a_key() -> None:
    """Chatter never wakes the screen: it is drawn by the tick, however much of it there is."""
    stage = Stage(trials=30)
    async with stage.run(120, 40) as pilot:
        stage.train()
        await stage.settle(pilot)
        painted = 0
        plain = stage.app._paint

        def counting() -> None:
            nonlocal painted
            painted += 1
            plain()

        stage.app._paint = counting  # type: ignore[method-assign]
        trial = stage.next
        for line in range(5000):
            stage.listeners[0](ev.LinesLogged(trial=trial, lines=(f"line {line}",)))
        before = ledger(stage).cursor
        await pilot.press("down")
        assert ledger(stage).cursor != before
        assert painted <= 1, "the tick at most"
        stage.app.tick()
        assert len(stage.view.live.lines) == 500


async def test_check_18_a_run_nobody_looked_at_is_shown_as_to_one_who_came_just_now() -> None:
    away, fresh = Stage(), Stage()
    frames = []
    for stage in (away, fresh):
        async with stage.run(120, 40) as pilot:
            tell, held = stage.tell, list[ev.Entry | ev.Sample]()
            if stage is fresh:  # all of it at once, as to a screen that is opened now
                stage.tell = lambda *items: held.extend(items)  # type: ignore[method-assign]  # noqa: B023
            stage.train()
            verdict = Verdict(word="keep", reason="-0.1 is -5 sigma", value=1.9, delta=-0.1)
            stage.tell(*stage.night.run(13, 1.9), *stage.night.judge(13, verdict))
            stage.trials = 13
            stage.train()
            tell(*held)
            await stage.settle(pilot)
            frames.append(stage.text().splitlines())
    assert frames[0] == frames[1]


async def test_check_25_two_hundred_trials_leave_no_memory_thread_or_descriptor_behind() -> None:
    stage = Stage(trials=20)
    process = psutil.Process()
    async with stage.run(120, 40) as pilot:
        wide: set[str] = set()
        sizes: list[tuple[int, int, int]] = []
        for first in range(21, 241, 5):
            stage.tell(*(e for n in range(first, first + 5) for e in stage.night.trial(n)))
            if first % 20 == 1:
                await stage.settle(pilot)
                wide |= {c for c in set(stage.text()) if c != "\n" and cell_len(c) != 1}
                threads = threading.active_count()
                sizes.append((process.memory_info().rss, threads, process.num_fds()))
        assert wide == set()
        begun, last = sizes[0], sizes[-1]
        assert last[0] - begun[0] < 20 << 20
        assert last[1] <= begun[1] + 1 and last[2] <= begun[2] + 1
        panes = [p for p in stage.app.main.query("*") if isinstance(p, Painted)]
        assert all(len(pane._drawn) <= 60 for pane in panes), "lines out of sight are forgotten"
        assert stage.failures() == []
