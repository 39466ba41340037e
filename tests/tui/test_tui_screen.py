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


async def test_selection_survives_append_sort_and_filter() -> None:
    stage = Stage(trials=60)
    async with stage.run(120, 40) as pilot:
        await pilot.press(*["down"] * 5)
        selected = ledger(stage).cursor
        assert selected == 55
        stage.tell(*stage.night.trial(61), *stage.night.proposal(62))
        await pilot.press("o")
        await pilot.press("o", "o")
        assert ledger(stage).cursor == selected
        assert f"#{selected} against" in stage.text(), "the diff shows the selected trial"
        await pilot.press("escape")
        assert ledger(stage).cursor == 62, "Esc follows the trial in hand again"


async def test_cursor_is_always_in_sight() -> None:
    stage = Stage(trials=200)
    async with stage.run(120, 40) as pilot:
        for key in ("end", "pageup", "home", "pagedown", "pagedown"):
            await pilot.press(key)
            await stage.settle(pilot)
            cursor = ledger(stage).cursor
            assert any(line.split()[1:2] == [str(cursor)] for line in stage.text().splitlines())


@pytest.mark.parametrize("size", [(80, 24), (160, 20), (200, 60)])
async def test_every_pane_draws_at_every_size(size: tuple[int, int]) -> None:
    stage = Stage()
    async with stage.run(*size) as pilot:
        stage.train()
        for key in "12345":
            await pilot.press(key)
            await stage.settle(pilot)
            named = {"1": "1 Plan", "2": "2 Diff", "3": "3 GPU", "4": "4 Run", "5": "5 Ledger"}
            assert named[key] in stage.text()
        await pilot.press("z")
        await stage.settle(pilot)
        assert "5 Ledger" in stage.text() and "2 Diff" not in stage.text()
        assert stage.failures() == []
        assert all(len(line) == size[0] for line in stage.text().splitlines())


async def test_resize_storm_ends_as_a_fresh_start() -> None:
    storm, fresh = Stage(), Stage()
    async with storm.run(200, 60) as pilot:
        storm.train()
        for size in ((80, 24), (40, 10), (20, 3), (1, 1), (200, 60), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await storm.settle(pilot)
        assert storm.failures() == []
        left = storm.text()
    async with fresh.run(120, 40) as pilot:
        fresh.train()
        await fresh.settle(pilot)
        assert left.splitlines() == fresh.text().splitlines()


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


async def test_notices_stand_in_header_and_run_pane() -> None:
    stage = Stage()
    text = "Ollama is not reachable at 127.0.0.1:11434; the sweep goes on"
    async with stage.run(120, 40) as pilot:
        stage.train()
        notice = ev.Noticed(level="warning", topic="model", text=text)
        stage.tell(stage.night.entry(notice))
        await stage.settle(pilot)
        assert stage.text().count(text[:40]) == 2
        stage.tell(stage.night.entry(ev.Noticed(level="info", topic="model", text="")))
        await stage.settle(pilot)
        assert text[:40] not in stage.text()


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


async def test_no_glyph_is_wider_than_a_cell() -> None:
    from rich.cells import cell_len

    stage = Stage()
    async with stage.run(200, 60) as pilot:
        stage.train()
        await stage.settle(pilot)
        assert [c for c in set(stage.text()) if c != "\n" and cell_len(c) != 1] == []


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


async def test_ten_thousand_trials_draw_only_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    plain = LedgerPane.line

    def counting(self: LedgerPane, y: int) -> object:
        drawn.append(y)
        return plain(self, y)

    monkeypatch.setattr(LedgerPane, "line", counting)
    stage = Stage(trials=1)
    row = stage.view.rows[1]
    for number in range(2, 10_001):
        stage.view.rows[number] = type(row)(
            number=number, kind="experiment", lane="sweep", against=0, started_at=float(number)
        )
    async with stage.run(120, 40) as pilot:
        await stage.settle(pilot)
        assert ledger(stage).virtual_size.height == 10_002
        assert len(set(drawn)) < 40
        await pilot.press("end")
        await stage.settle(pilot)
        assert len(set(drawn)) < 80


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_walls_that_do_not_hold_stand_on_the_screen(size: tuple[int, int]) -> None:
    stage = Stage()
    text = "isolation is netless: train.py cannot reach the network, but it can read files"
    async with stage.run(*size) as pilot:
        stage.tell(
            stage.night.entry(
                ev.IsolationMeasured(level="netless", detail="seccomp", blocked=20, attempts=28)
            ),
            stage.night.entry(ev.Noticed(level="warning", topic="isolation", text=text)),
        )
        await stage.settle(pilot)
        assert "isolation is netless" in stage.text()
