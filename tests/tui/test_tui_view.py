"""What the panes look at, while trials and sessions follow each other under an open screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit import events as ev
from cockpit.trial import Completed, Reading, Usage, Verdict
from tests.tui.replay import Night, step
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui

LOW, HIGH = 1.2, 2.2
"""Floors of two loss curves that nobody confuses."""


def propose(stage: Stage) -> None:
    for entry in stage.night.proposal(stage.next):
        stage.view.apply(entry)
    stage.view.derive()


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
    propose(stage)
    ran(stage, 1, stage.next, LOW)
    ran(stage, 2, best, HIGH)
    verdict = Verdict(word="keep", reason="better", value=2.0, delta=-0.1, sigma=0.01, runs=1)
    for entry in stage.night.judge(stage.next, verdict):
        view.apply(entry)
    view.derive()
    assert view.board.incumbent == stage.next
    assert view.ghost[-1].loss < (LOW + HIGH) / 2, "the curve of the file that was kept"


def on_shelf(stage: Stage) -> tuple[int, int]:
    """Return how many lines and steps of #12 there are to show."""
    shelf = stage.view.shelf
    return len(shelf.log(12, 1)), len(shelf.steps(12))


def chosen(stage: Stage) -> list[int]:
    return [n for n in (stage.view.selected, stage.view.base) if n is not None]


def another(stage: Stage) -> ev.Entry:
    """Return the entry that begins another session in the same journal."""
    first = next(iter(Night().opening())).event
    assert isinstance(first, ev.SessionStarted)
    event = replace(first, tag="mar9", branch="autoresearch/mar9")
    return replace(stage.night.entry(event), session="mar9")


def test_a_new_session_takes_over_nothing_from_the_one_before() -> None:
    stage = Stage()
    view = stage.view
    view.selected, view.base = 12, 3
    assert chosen(stage) == [12, 3]
    propose(stage)
    ran(stage, 1, stage.next, LOW)
    assert view.curves.of(stage.next)
    assert on_shelf(stage) == (0, 0), "asked for, not there yet"
    late = view.shelf.errands()
    assert len(late) == 2
    view.shelf.difference(1, 2)
    view.apply(another(stage))
    for errand in late:
        errand()
    assert chosen(stage) == []
    assert not view.curves.of(stage.next)
    assert not view.shelf.errands(), "what was asked of the old session is not fetched"
    assert on_shelf(stage) == (0, 0), "nor is what came of it shown"
    for errand in view.shelf.errands():
        errand()
    assert all(on_shelf(stage))


def test_entries_of_the_same_session_keep_what_was_chosen() -> None:
    stage = Stage()
    view = stage.view
    view.selected = 7
    for entry in stage.night.trial(stage.next):
        view.apply(entry)
    assert view.selected == 7
