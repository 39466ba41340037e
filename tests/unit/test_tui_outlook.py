"""How many trials are still to come, and how long one takes, as the header says it."""

from __future__ import annotations

from cockpit.engine.fold import Fold
from cockpit.engine.live import LiveRun
from cockpit.tui.strip import outlook
from cockpit.tui.view import BESIDE, Start, View
from tests.tui.replay import Night
from tests.tui.stage import WORKSPACE


def view(night: Night, trials: int, start: Start, stop_in: float | None = None) -> View:
    entries = list(night.night(trials))
    stop_at = None if stop_in is None else night.clock.at + stop_in
    return View(
        fold=Fold(entries),
        live=LiveRun(),
        clock=night.clock,
        root=WORKSPACE,
        start=start,
        stop_at=stop_at,
    )


def test_trials_before_this_start_do_not_count_towards_what_was_asked_for() -> None:
    night = Night()
    shown = view(night, 7, Start(experiments=3))
    assert outlook(shown).startswith("3 of 3 to come")
    for trial in (8, 9):
        for entry in night.trial(trial):
            shown.apply(entry)
    shown.derive()
    assert outlook(shown).startswith("1 of 3 to come · ")


def test_the_last_measurement_has_its_place_before_the_stop_hour() -> None:
    night = Night()
    without = view(night, 0, Start(), stop_in=3600.0).fit
    within = view(Night(), 0, Start(pairs=3), stop_in=3600.0).fit
    assert without is not None and within is not None
    assert 0 < within < without
    assert view(Night(), 0, Start(pairs=3), stop_in=60.0).fit == 0


def test_before_a_trial_was_timed_a_little_is_added_to_the_budget() -> None:
    shown = view(Night(), 0, Start())
    shown.turns = []
    assert shown.turn == 300.0 + BESIDE


def test_the_time_a_draft_waits_for_the_run_before_it_is_not_its_own() -> None:
    night = Night()
    shown = view(night, 1, Start())
    usual = shown.turn
    one, ahead = night.trial(2), night.trial(3)
    for entry in (next(one), next(ahead), *one, *ahead):
        shown.apply(entry)
    shown.derive()
    assert len(shown.turns) > 2
    assert max(shown.turns) < 1.5 * usual
