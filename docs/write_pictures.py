"""Write the pictures of the screen in docs/pictures: `python -m docs.write_pictures [NAME...]`.

The program draws itself as SVG, without a terminal, while it is told a made-up night: the entries
and samples that the tests of the screen replay, on a clock that stands still. What it shows of
results is invented; every frame is the screen's own. Needs what the tests need: `.[test]`.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from cockpit import events as ev
from cockpit.engine.fold import Fold
from tests.tui.replay import telemetry
from tests.tui.stage import Stage

FOLDER = Path(__file__).with_name("pictures")
TRIALS = 141
FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Where the SVG would fetch its font from; a reader's own monospaced font does as well."""

Scene = Callable[[Stage, Pilot[None]], Awaitable[None]]


async def training(stage: Stage, pilot: Pilot[None], *keys: str) -> None:
    """Bring the next trial into its run, then press keys."""
    stage.train()
    await stage.settle(pilot)
    await pilot.press(*keys)


async def detail(stage: Stage, pilot: Pilot[None]) -> None:
    """Open a kept trial."""
    rows = stage.view.board.rows
    steps = list(reversed(rows)).index(max(n for n, row in rows.items() if n and row.kept))
    await training(stage, pilot, *["down"] * (steps + 1), "enter")


async def audit(stage: Stage, pilot: Pilot[None]) -> None:
    """Open the morning audit, the best re-measured."""
    best, night = stage.view.board.incumbent or 0, stage.night
    values = (2.2391, 2.2428, 2.2402), (1.8441, 1.8462, 1.8457)
    again = ev.BestRemeasured(
        best=best, baseline_values=values[0], best_values=values[1], gain=0.3954, half_width=0.0027
    )
    stage.tell(night.entry(again))
    night.clock.move(600)
    await training(stage, pilot, "m")


async def assistance(stage: Stage, pilot: Pilot[None]) -> None:
    """Open help."""
    await training(stage, pilot, "question_mark")


async def review(stage: Stage, pilot: Pilot[None]) -> None:
    """Show a proposal that waits for the human."""
    stage.tell(*(telemetry(stage.night.clock, float(age)) for age in range(300, -1, -1)))
    stage.review(seconds=41)
    await stage.settle(pilot)


async def first_minute(stage: Stage, _pilot: Pilot[None]) -> None:
    """Show the rehearsal of a workspace in which nothing was tried yet."""
    night = stage.night
    stage.tell(*(telemetry(night.clock, float(age)) for age in range(40, -1, -1)))
    stage.tell(*night.opening())
    why = "qwen2.5-coder:14b: the largest coder model that fits the device of 3 installed (14B)"
    stage.tell(night.entry(ev.Noticed(level="info", topic="model", text=why)))
    stage.tell(night.entry(ev.PhaseEntered(phase="rehearsal", why="", needed=10)))
    for trial in range(-1, -4, -1):
        stage.tell(night.entry(ev.TrialStarted(trial=trial, kind="rehearsal", lane="sweep")))
        night.clock.move(14)
        text = f"sweep: LR 3e-4 -> {-3 * trial}e-4"
        done = ev.RehearsalFinished(trial=trial, through=True, repaired=0, text=text)
        stage.tell(night.entry(done))
    proposed = ev.TrialStarted(trial=-4, kind="rehearsal", lane="sweep")
    stage.tell(night.entry(proposed), ev.StageReached(trial=-4, stage="dry run"))
    stage.tell(telemetry(night.clock, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: what to show, how large, in which colours."""

    scene: Scene
    size: tuple[int, int] = (120, 40)
    theme: str = "night"
    trials: int = TRIALS

    def stage(self) -> Stage:
        """Return the screen, before anything was shown on it."""
        stage = Stage(trials=self.trials, theme=self.theme)
        if not self.trials:
            stage.view.fold = Fold([])
            stage.view.stop_at = stage.night.clock.at + 8.5 * 3600
            stage.view.derive()
        return stage


PICTURES = {
    "main-80x24": Picture(scene=training, size=(80, 24)),
    "main-120x40": Picture(scene=training),
    "main-200x60": Picture(scene=training, size=(200, 60)),
    "main-120x40-day": Picture(scene=training, theme="day"),
    "first-minute": Picture(scene=first_minute, size=(80, 24), trials=0),
    "review": Picture(scene=review, size=(100, 32), trials=7),
    "audit": Picture(scene=audit),
    "detail": Picture(scene=detail, size=(100, 32)),
    "help": Picture(scene=assistance),
}


async def draw(picture: Picture) -> str:
    """Return one picture as SVG."""
    stage = picture.stage()
    async with stage.run(*picture.size) as pilot:
        await picture.scene(stage, pilot)
        await stage.settle(pilot)
        return FONTS.sub("", stage.app.export_screenshot(title="cockpit"))


def write(names: Sequence[str]) -> None:
    """Write the named pictures, or all of them."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    for name in names or PICTURES:
        svg = asyncio.run(draw(PICTURES[name]))
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
