"""A cockpit on a made-up night: the real screen, the real Control, a fake clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from textual.pilot import Pilot
from textual.strip import Strip

from cockpit import events as ev
from cockpit.engine.control import Control
from cockpit.engine.fold import Fold
from cockpit.engine.live import LiveRun
from cockpit.ports import Listener
from cockpit.report.timeline import Timeline
from cockpit.tui.app import CockpitApp
from cockpit.tui.painted import Painted
from cockpit.tui.shelf import Shelf
from cockpit.tui.view import View
from tests.tui.replay import THINKING, Night, step, telemetry, training

FILE = """# file of {trial}
import prepare

WIDTH = {trial}


def build_model():
    return WIDTH
"""
WORKSPACE = Path(__file__).parent / "workspace"


@dataclass
class Stage:
    """The app, and the engine's side of it in the test's hands."""

    trials: int = 12
    read_only: bool = False
    ascii_only: bool = False
    theme: str = "night"
    keys: Mapping[str, str] = field(default_factory=dict)
    theme_folders: tuple[Path, ...] = ()
    over: str | None = None
    memory: Path | None = None
    bell: bool = False
    again: Callable[[int], bool] | None = None
    reports: Path = Path()
    root: Path = WORKSPACE
    made: type[CockpitApp] = CockpitApp

    def __post_init__(self) -> None:
        self.night = Night()
        self.control = Control()
        self.listeners: list[Listener] = []
        entries = list(self.night.night(self.trials))
        self.view = View(
            fold=Fold(entries),
            timeline=Timeline(entries),
            reports=self.reports,
            live=LiveRun(),
            clock=self.night.clock,
            root=self.root,
            stop_at=self.night.clock.at + 3.2 * 3600,
            read_only=self.read_only,
            ascii_only=self.ascii_only,
            shelf=Shelf(
                text_of=lambda trial: FILE.format(trial=trial),
                log_of=lambda trial: [f"step {at:05d} loss 1.9{trial % 10}" for at in range(3)],
                steps_of=lambda t: [step(t, float(at), floor=1.66) for at in range(2, 296, 2)],
            ),
        )
        self.app = self.made(
            self.view,
            control=self.control,
            start=self.listeners.append,
            ended=lambda: self.over,
            again=self.again,
            memory=self.memory,
            bell=self.bell,
            theme=self.theme,
            theme_folders=self.theme_folders,
            keys=self.keys,
        )

    @asynccontextmanager
    async def run(self, width: int, height: int) -> AsyncIterator[Pilot[None]]:
        """Run the app until its first frame stands and the engine was begun."""
        async with self.app.run_test(size=(width, height), notifications=True) as pilot:
            await self.begun(pilot)
            yield pilot

    async def begun(self, pilot: Pilot[None]) -> None:
        """Wait for the first frame, after which the engine is begun."""
        for _ in range(500):
            if self.listeners and self.view.learnings:
                return
            await pilot.pause(0.02)
        raise AssertionError("the first frame never came")

    async def settle(self, pilot: Pilot[None]) -> None:
        """Wait until the screen stands still, colours included, and nothing is being read."""
        same = 0
        before = self.layers()
        for _ in range(500):
            await pilot.pause(0.02)
            now = self.layers()
            reading = any(worker.group == "shelf" for worker in self.app.workers)
            same = same + 1 if now == before and not reading else 0
            before = now
            if same == 4:
                return
        raise AssertionError("the screen never stood still")

    @property
    def next(self) -> int:
        return self.trials + 1

    def tell(self, *items: ev.Entry | ev.Sample) -> None:
        """Announce as the engine would, and let the screen's tick come."""
        for item in items:
            self.listeners[0](item)
        self.app.tick()

    def train(self, elapsed: float = 79.0) -> None:
        """Bring the next trial into its scoring run."""
        trial, clock = self.next, self.night.clock
        self.tell(*self.night.proposal(trial))
        self.tell(*(telemetry(clock, float(age)) for age in range(300, -1, -1)))
        self.tell(ev.AgentSpoke(trial=trial, text=THINKING, thinking=True))
        self.tell(ev.ContextSized(tokens=5100, window=16384, model="qwen2.5-coder:14b"))
        self.tell(*training(trial, clock, elapsed))

    def review(self, seconds: float | None = 60.0) -> None:
        """Open a review of the next trial."""
        trial = self.next
        until = None if seconds is None else self.night.clock.at + seconds
        self.tell(*self.night.proposal(trial), ev.StageReached(trial=trial, stage="review"))
        self.tell(self.night.entry(ev.ReviewOpened(trial=trial, until=until)))

    def strips(self) -> list[Strip]:
        """Everything that stands on the screen in front, in its colours."""
        return self.app.screen._compositor.render_strips()

    def layers(self) -> list[list[Strip]]:
        """Every screen of which something may be seen, the one in front last."""
        screens = (*self.app._background_screens, self.app.screen)
        return [screen._compositor.render_strips() for screen in screens]

    def text(self) -> str:
        """Everything that stands on the screen, line by line."""
        return "\n".join(strip.text for strip in self.strips())

    def failures(self) -> list[str]:
        """What panes could not be drawn."""
        panes = self.app.main.query("*")
        return [pane.failure for pane in panes if isinstance(pane, Painted) and pane.failure]
