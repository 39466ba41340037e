"""What the panes look at, while trials and sessions follow each other under an open screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit import events as ev
from cockpit.trial import Completed, Reading, Usage, Verdict
from tests.tui.replay import step
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui

LOW, HIGH = 1.2, 2.2
"""Floors of two loss curves that nobody confuses."""


def ran(stage: Stage, run: int, of: int, floor: float) -> None:
    """Tell the view of a run of the next trial, with its curve."""
    view, night, trial = stage.view, stage.night, stage.next
    begun = ev.RunStarted(trial=trial, run=run, role="repeat", of=of, seed=run, budget=300.0)
    clock = ev.ClockStarted(trial=trial, run=run, role="repeat", monotonic=0.0, budget=300.0)
    readings = (Reading(metric="val_bpb", split="val", value=2.0),)
    ended = ev.RunFinished(
        trial=trial,
        run=run,
        role="repeat",
        of=of,
        seed=run,
        result=Completed(readings=readings, usage=Usage(train=300.0), probes=64),
    )
    view.apply(night.entry(begun))
    view.apply(clock)
    for at in range(2, 298, 2):
        view.apply(replace(step(trial, float(at), floor=floor), run=run))
    view.apply(night.entry(ended))


def test_a_kept_trial_is_the_grey_curve_although_the_best_ran_after_it() -> None:
    stage = Stage()
    view, best = stage.view, stage.view.board.incumbent or 0
    for entry in stage.night.proposal(stage.next):
        view.apply(entry)
    view.derive()
    ran(stage, 1, stage.next, LOW)
    ran(stage, 2, best, HIGH)
    verdict = Verdict(word="keep", reason="better", value=2.0, delta=-0.1, sigma=0.01, runs=1)
    for entry in stage.night.judge(stage.next, verdict):
        view.apply(entry)
    view.derive()
    assert view.board.incumbent == stage.next
    assert view.ghost[-1].loss < (LOW + HIGH) / 2, "the curve of the file that was kept"
