"""Any size, any key, any night: the screen stays up, and as light as it was."""

from __future__ import annotations

import asyncio
import gc
import shutil
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.worker import Worker, WorkerState

from cockpit.tui import app
from cockpit.tui.app import CockpitApp
from cockpit.tui.keymap import KEYS, MOVES, PALETTE
from tests.tui.stage import WORKSPACE, Stage

pytestmark = pytest.mark.tui

RESIZES, PRESSES, TRIALS, ROUNDS = 200, 500, 1000, 50
"""How many of each, spread over so many rounds."""
SIZES = ((1, 1), (20, 3), (40, 10), (60, 16), (80, 24), (100, 32), (120, 40), (160, 50), (200, 60))
TYPED = ("tab", "shift+tab", "left", "right", "enter", "escape", "y", "x", "7", PALETTE)
BOUND = [key for row in KEYS for key in row.keys.split(",")]
TABLE = [*BOUND, *(key for keys in MOVES.values() for key in keys.split(",")), *TYPED]
GROWTH = 20 << 20


class Staying(CockpitApp):
    """A screen that counts where it would leave, and keeps what went wrong."""

    CSS_PATH = str(Path(app.__file__).with_name("cockpit.tcss"))
    left = 0
    failed: tuple[BaseException, ...] = ()

    def leave(self) -> None:
        self.left += 1

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.failed += (event.worker.error,)


LETTERS = {_character_to_key(letter): letter for letter in "/?[]: "}


def press(stage: Stage, keys: list[str]) -> None:
    """Hand keys to the app as its driver does: all of a burst at once."""
    for key in keys:
        letter = key if len(key) == 1 else LETTERS.get(key)
        stage.app.post_message(events.Key(key, letter))


def resize(stage: Stage, width: int, height: int) -> None:
    """Change the size under the app, as its driver tells it."""
    driver = stage.app._driver
    assert isinstance(driver, HeadlessDriver)
    size = driver._size = Size(width, height)
    stage.app.post_message(events.Resize(size, size))


async def test_sizes_keys_and_trials_in_any_order_leave_it_up_and_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.setenv("VISUAL", "true")
    shutil.copytree(WORKSPACE, tmp_path / "ws")
    random, process = Random(8), psutil.Process()
    logged: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: logged.append(what))
    stage = Stage(trials=20, root=tmp_path / "ws", reports=tmp_path, made=Staying)
    sizes: list[int] = []
    async with stage.run(120, 40) as pilot:
        for turn in range(ROUNDS):
            await storm(stage, pilot, random, turn)
            gc.collect()
            sizes.append(process.memory_info().rss)
        await pilot.resize_terminal(120, 40)
        await pilot.press("escape", "escape", "escape", "q")
        await stage.settle(pilot)
        screen = stage.app
        assert isinstance(screen, Staying)
        assert screen.left > 0
        assert screen.is_running and screen._exception is None
        assert screen.failed == () and logged == [] and stage.failures() == []
        assert len(stage.view.rows) == 1 + 20 + TRIALS
        assert len(stage.text().splitlines()) == 40
    assert max(sizes) - sizes[ROUNDS // 10] < GROWTH


async def storm(stage: Stage, pilot: Pilot[None], random: Random, turn: int) -> None:
    """Let a part of each come, in one of many orders."""
    sizes, keys, trials = RESIZES // ROUNDS, PRESSES // ROUNDS, TRIALS // ROUNDS
    first = 21 + turn * trials
    press(stage, ["escape", "escape"])  # out of what the last round left open
    for _ in range(sizes):
        resize(stage, *random.choice(SIZES))
        press(stage, random.choices(TABLE, k=keys // sizes))
        if random.random() < 0.5:
            await asyncio.sleep(0)
    press(stage, random.choices(TABLE, k=keys % sizes))
    stage.tell(*(entry for n in range(first, first + trials) for entry in stage.night.trial(n)))
    await pilot.pause(0)
