"""What stands on the screen, at every size and after everything that may happen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit import events as ev
from cockpit.tui.panes.ledger import LedgerPane
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui


def ledger(stage: Stage) -> LedgerPane:
    return stage.app.main.query_one(LedgerPane)


async def test_selection_stays_until_escape_follows_the_trial_in_hand() -> None:
    stage = Stage(trials=60)
    async with stage.run(120, 40) as pilot:
        await pilot.press(*["down"] * 5)
        selected = ledger(stage).cursor
        assert selected == 55
        stage.tell(*stage.night.trial(61), *stage.night.proposal(62))
        await stage.settle(pilot)
        assert ledger(stage).cursor == selected
        assert f"#{selected} against" in stage.text(), "the diff shows the selected trial"
        await pilot.press("escape")
        assert ledger(stage).cursor == 62, "Esc follows the trial in hand again"


@pytest.mark.parametrize(("key", "at"), [("j", 0), ("k", 0), ("pagedown", 0), ("end", -1)])
async def test_the_first_key_after_a_filter_hid_the_selection_selects_a_match(
    key: str, at: int
) -> None:
    stage = Stage(trials=30)
    async with stage.run(120, 40) as pilot:
        await pilot.press("slash", *"crash", "enter")
        await stage.settle(pilot)
        pane = ledger(stage)
        assert len(pane.order) > 2 and pane.cursor not in pane.order
        await pilot.press(key)
        assert pane.cursor == pane.order[at]


async def test_cursor_is_always_in_sight() -> None:
    stage = Stage(trials=200)
    async with stage.run(120, 40) as pilot:
        for key in ("end", "pageup", "home", "pagedown", "pagedown"):
            await pilot.press(key)
            await stage.settle(pilot)
            cursor = ledger(stage).cursor
            assert any(line.split()[1:2] == [str(cursor)] for line in stage.text().splitlines())


async def test_too_small_shows_two_lines_and_still_obeys() -> None:
    stage = Stage()
    async with stage.run(50, 12) as pilot:
        stage.train()
        await stage.settle(pilot)
        lines = [line for line in stage.text().splitlines() if line.strip()]
        assert len(lines) == 2
        assert "TRAIN" in lines[0] and "left" in lines[0]
        await pilot.press("p")
        assert stage.control.take()


async def test_countdown_is_the_wardens() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train(elapsed=79.0)
        await stage.settle(pilot)
        assert "3:41 left of 5:00" in stage.text()
        stage.night.clock.move(100)
        stage.app.tick()
        await stage.settle(pilot)
        assert "2:01 left of 5:00" in stage.text()


async def test_old_telemetry_is_never_shown_as_live() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        stage.night.clock.move(12)
        stage.app.tick()
        await stage.settle(pilot)
        assert "stale 0:12" in stage.text()


async def test_review_brings_the_diff_to_the_front_and_counts_down() -> None:
    stage = Stage()
    async with stage.run(80, 24) as pilot:
        stage.review(seconds=41)
        await stage.settle(pilot)
        assert "2 Diff · #13" in stage.text()
        assert "#13 accepted in 0:41 unless you say" in stage.text()
        decided = ev.Reviewed(trial=13, decision="unanswered", waited=41.0)
        stage.tell(stage.night.entry(decided), ev.StageReached(trial=13, stage="train"))
        await stage.settle(pilot)
        assert "4 Run · #13" in stage.text()


async def test_a_proposal_in_review_is_shown_while_another_trial_trains() -> None:
    stage = Stage(trials=0)
    stage.view.fold = type(stage.view.fold)(stage.night.opening())
    stage.view.derive()
    async with stage.run(120, 40) as pilot:
        night = stage.night
        stage.tell(night.entry(ev.TrialStarted(trial=0, kind="baseline")))
        stage.tell(*night.proposal(1), night.entry(ev.ReviewOpened(trial=1, until=None)))
        await stage.settle(pilot)
        assert "2 Diff · #1 against best #0" in stage.text()
        assert "@@ 40 @@ dials" in stage.text()
        stage.tell(night.entry(ev.Reviewed(trial=1, decision="accepted", waited=2.0)))
        await stage.settle(pilot)
        assert "2 Diff · #0" in stage.text()


async def test_setup_and_rehearsal_are_counted() -> None:
    stage = Stage(trials=0)
    stage.view.fold = type(stage.view.fold)()
    stage.view.derive()
    async with stage.run(120, 40) as pilot:
        stage.tell(ev.Progress(text="reading tunes", done=0.4))
        await stage.settle(pilot)
        assert "reading tunes" in stage.text()
        night = stage.night
        stage.tell(
            *night.opening(),
            night.entry(ev.PhaseEntered(phase="rehearsal", why="start", needed=10)),
        )
        stage.tell(ev.Progress(text="", done=None))
        for turn in range(1, 4):
            stage.tell(night.entry(ev.TrialStarted(trial=-turn, kind="rehearsal", lane="sweep")))
            stage.tell(
                night.entry(
                    ev.RehearsalFinished(trial=-turn, through=turn != 2, repaired=1, text="ok")
                )
            )
        await stage.settle(pilot)
        assert "rehearsal 2 of 10 through, 2 repaired" in stage.text()
        assert "3 rehearsals" in stage.text()


async def test_ascii_means_ascii() -> None:
    stage = Stage(ascii_only=True)
    async with stage.run(120, 40) as pilot:
        stage.train()
        for key in "12345":
            await pilot.press(key)
        await stage.settle(pilot)
        assert stage.failures() == []
        assert {c for c in stage.text() if ord(c) > 126} == set()


async def test_a_pane_that_cannot_draw_does_not_end_the_night(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        monkeypatch.setattr(type(stage.view), "ghost", property(lambda _self: 1 // 0))
        stage.app.tick()
        await stage.settle(pilot)
        assert "this pane could not be drawn" in stage.text()
        assert "5 Ledger" in stage.text()


async def test_detail_page_shows_verdict_runs_and_diff() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        await pilot.press("down", "down", "enter")
        await stage.settle(pilot)
        text = stage.text()
        assert "Trial #10" in text and "scoring run" in text and "@@ 40 @@ dials" in text


async def test_theme_key_changes_and_broken_themes_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\n[base]\nprimary = "#zzz"\n')
    stage = Stage(theme="nowhere", theme_folders=(tmp_path,))
    async with stage.run(120, 40) as pilot:
        await stage.settle(pilot)
        messages = " ".join(n.message for n in stage.app._notifications)
        assert "mine.toml" in messages and "nowhere" in messages
        before = stage.app.theme
        await pilot.press("t", "down")
        assert stage.app.theme != before, "it is tried on"
        assert stage.failures() == []
