"""The first minute on screen: it says what goes on until something was judged, then makes room."""

from __future__ import annotations

import pytest

from cockpit import events as ev
from cockpit.engine.fold import Fold
from cockpit.trial import Verdict
from tests.tui.replay import telemetry, training
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui


def empty_stage() -> Stage:
    """Return a screen over a workspace in which nothing has happened yet."""
    stage = Stage(trials=0)
    stage.view.fold = Fold([])
    stage.view.derive()
    return stage


def words(stage: Stage) -> str:
    """Return what is on screen without borders and line breaks."""
    return " ".join(stage.text().replace("│", " ").split())


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids="{0[0]}x{0[1]}".format)
async def test_the_first_minute_is_said_in_words(size: tuple[int, int]) -> None:
    stage = empty_stage()
    night = stage.night
    async with stage.run(*size) as pilot:
        stage.tell(telemetry(night.clock, 0.0), ev.Progress(text="reading tunes", done=0.4))
        await stage.settle(pilot)
        assert "found GeForce RTX 4090, 24 GiB." in words(stage)
        assert "next A rehearsal of the whole loop" in words(stage)
        stage.tell(ev.Progress(text=""), *night.opening())
        stage.tell(night.entry(ev.PhaseEntered(phase="rehearsal", why="", needed=3)))
        stage.tell(night.entry(ev.TrialStarted(trial=-1, kind="rehearsal")))
        night.clock.move(30)
        through = ev.RehearsalFinished(trial=-1, through=True, repaired=0, text="")
        stage.tell(night.entry(through))
        await stage.settle(pilot)
        assert "next 2 more rehearsals until about" in words(stage)
        assert "you Stay until the rehearsal is over (about" in words(stage)
        assert "trials before" in words(stage) and "3 to 18 % of trials are keeps" in words(stage)
        stage.tell(night.entry(ev.PhaseEntered(phase="baseline", why="")))
        stage.tell(night.entry(ev.TrialStarted(trial=0, kind="baseline")))
        stage.tell(*training(0, night.clock, 79.0))
        await stage.settle(pilot)
        assert "next The baseline is judged at" in words(stage)
        verdict = Verdict(word="keep", reason="the baseline", value=2.2, sigma=None, runs=1)
        stage.tell(night.entry(ev.TrialJudged(trial=0, verdict=verdict)))
        stage.tell(night.entry(ev.PhaseEntered(phase="first ten", why="")))
        await stage.settle(pilot)
        assert "The baseline is judged" not in words(stage)
    assert stage.failures() == []


async def test_the_proposal_in_review_is_shown_while_the_baseline_trains() -> None:
    stage = empty_stage()
    night = stage.night
    async with stage.run(120, 40) as pilot:
        stage.tell(*night.opening(), night.entry(ev.PhaseEntered(phase="baseline", why="")))
        stage.tell(night.entry(ev.TrialStarted(trial=0, kind="baseline")))
        stage.tell(*training(0, night.clock, 79.0))
        stage.tell(*night.proposal(1))
        stage.tell(night.entry(ev.ReviewOpened(trial=1, until=night.clock.at + 60)))
        await stage.settle(pilot)
        assert "2 Diff · #1 " in stage.text()
        assert "#1 accepted in 1:00 unless you say" in stage.text()
