"""What is shown of a run is that run's: a new one shows no clock and no steps of the last."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.live import LiveRun


def clock(run: int) -> ev.ClockStarted:
    return ev.ClockStarted(trial=1, run=run, role="scoring run", monotonic=10.0, budget=300.0)


def test_while_torch_is_loaded_no_countdown_of_an_earlier_run_is_shown() -> None:
    live = LiveRun()
    for sample in (
        ev.StageReached(trial=1, stage="dry run"),
        clock(1),
        ev.StepLogged(trial=1, run=1, step=1, loss=5.0, elapsed=1.0),
        ev.LinesLogged(trial=1, lines=("step 1",)),
        ev.StageReached(trial=1, stage="train"),
    ):
        live.apply(sample)
    assert live.clock is None and not live.steps and not live.lines
    live.apply(clock(2))
    assert live.clock == clock(2)


def test_the_curve_stays_while_the_run_is_examined_and_judged() -> None:
    live = LiveRun()
    step = ev.StepLogged(trial=1, run=1, step=1, loss=5.0, elapsed=1.0)
    stages: tuple[ev.Stage, ...] = ("train", "examine", "judge")
    for stage in stages:
        live.apply(ev.StageReached(trial=1, stage=stage))
        live.apply(step)
    assert live.steps == [step] * 3
