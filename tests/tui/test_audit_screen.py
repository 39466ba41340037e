"""The morning audit on screen: its answers, its keys, and when it opens by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, OptionList

from cockpit import events as ev
from cockpit import resources
from cockpit.cli.nights import night
from cockpit.engine import control as asked
from cockpit.engine.fold import Fold
from cockpit.report.chart import staircase
from cockpit.tui.keymap import AUDIT, BY_ID
from cockpit.tui.screens import audit as audit_screen
from cockpit.tui.screens.audit import AuditScreen
from cockpit.tui.screens.audit_sheet import AuditSheet
from cockpit.tui.screens.dialogs import Confirm, Note
from cockpit.tui.screens.lessons import StrikePicker
from cockpit.tui.screens.main import MainScreen
from cockpit.tui.screens.pages import Page, Sheet
from cockpit.tui.visits import AWAY, Visits, remembered
from tests.tui.replay import FakeClock
from tests.tui.stage import Stage
from tests.tui.test_tui_replay import replay

pytestmark = pytest.mark.tui


async def opened(stage: Stage, pilot: Pilot[None]) -> AuditScreen:
    """Press `m`, wait until the facts stand on the screen."""
    await pilot.press("m")
    await stage.settle(pilot)
    screen = stage.app.screen
    assert isinstance(screen, AuditScreen) and screen.morning is not None
    return screen


def kept(stage: Stage) -> list[int]:
    """The kept trials, newest first."""
    return [n for n, row in reversed(stage.view.board.rows.items()) if n and row.kept]


def eventful(stage: Stage) -> None:
    """Interrupt the night, refuse something, and measure best against baseline again."""
    night_, best = stage.night, stage.view.board.incumbent or 0
    pause = ev.RequestAcknowledged(request="pause", state="done", text="paused")
    stage.tell(night_.entry(pause))
    night_.clock.move(2400)
    go_on = ev.RequestAcknowledged(request="resume", state="done", text="going on")
    stage.tell(night_.entry(go_on), night_.rejected(stage.trials))
    again = ev.BestRemeasured(
        best=best, baseline_values=(2.24, 2.25), best_values=(2.2, 2.21), gain=0.04, half_width=0.01
    )
    stage.tell(night_.entry(again))
    night_.clock.move(600)
    stage.view.board.rows[0].audit, stage.view.board.rows[best].audit = 2.26, 2.19


def provisional(stage: Stage) -> int:
    """Go on under review mode `keeps` until something was kept; return its number."""
    stage.tell(stage.night.entry(ev.SessionResumed(agent="sweep", review="keeps")))
    number = stage.trials
    while not stage.view.board.rows[number].provisional:
        number += 1
        stage.tell(*stage.night.trial(number))
    return number


# --- what it answers -----------------------------------------------------------------------------


async def test_check_24_five_questions_at_80x24_without_scrolling() -> None:
    stage = Stage(trials=141)
    async with stage.run(80, 24) as pilot:
        eventful(stage)
        waiting = provisional(stage)
        screen = await opened(stage, pilot)
        text, board = stage.text(), stage.view.board
        assert screen.query_one("#audit", AuditSheet).scroll_offset.y == 0
        audit = screen.morning.audit if screen.morning else None
        assert audit is not None
        answers = {
            "how many runs": f"{audit.trials} experiments in 15 h 24 min",
            "in which time": "since 00:00",
            "what interrupted them": "2 breaks, 50 min: 13:41 killed, or a power cut, 13:01 paused",
            "best before and now": f"2.2410 #0 → {board.metric.format(board.incumbent_value)}",
            "in sigma": "σ",
            "measured again": "better by 0.0400 ± 0.0100, 2 pairs, 1.7 h ago",
            "on the audit split": "audit split  not scored yet",
            "real": " real",
            "provisional": f"#{waiting} provisional: waits for your approval",
            "what was kept": f"▲ {board.counts['keep']} keep",
            "what went wrong": f"{board.counts['crash']} × crash: out of memory at step 3",
            "who contributed": "ollama qwen2.5-coder:14b",
            "at what cost": "hours",
        }
        assert [question for question, words in answers.items() if words not in text] == []


async def test_the_audit_split_and_what_was_never_measured_are_said() -> None:
    stage = Stage(trials=40)
    async with stage.run(80, 24) as pilot:
        await opened(stage, pilot)
        assert "re-measured  not yet" in stage.text()
        assert "audit split  not scored yet" in stage.text()
        await pilot.press("q")
        best = stage.view.board.incumbent or 0
        stage.view.board.rows[0].audit, stage.view.board.rows[best].audit = 2.26, 2.19
        await opened(stage, pilot)
        assert "2.2600 → 2.1900, which nobody optimises" in stage.text()


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (200, 60)])
async def test_it_fits_its_window_and_an_empty_night_says_so(size: tuple[int, int]) -> None:
    stage = Stage(trials=0)
    async with stage.run(*size) as pilot:
        await opened(stage, pilot)
        assert "0 experiments in" in stage.text() and "nothing was kept" in stage.text()
        assert "nothing went wrong" in stage.text()
        assert all(len(line) == size[0] for line in stage.text().splitlines())
        sheets = stage.app.screen.query(AuditSheet)
        assert [sheet.failure for sheet in sheets if sheet.failure] == []


async def test_wide_windows_show_everything_at_once() -> None:
    stage = Stage(trials=141)
    async with stage.run(200, 60) as pilot:
        await opened(stage, pilot)
        text = stage.text()
        for words in ("experiments in", "The staircase", "The keeps", "baseline", "strikes"):
            assert words in text
        assert "@@ 40 @@ dials" in text, "the diff of the newest keep"


async def test_the_staircase_is_that_of_the_report() -> None:
    stage = Stage(trials=60)
    async with stage.run(120, 40) as pilot:
        screen = await opened(stage, pilot)
        assert screen.morning is not None
        assert screen.morning.stairs == staircase(stage.view.board)
        last = screen.morning.stairs.points[-1].trial
        assert f" #{last} " in stage.text().replace("┃", " ") and "━ best" in stage.text()


async def test_the_facts_are_worked_out_beside_the_screen_and_follow_the_night(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_screen, "CALM", 0.0)
    stage = Stage(trials=12)
    threads: list[int] = []

    def alive() -> bool:
        threads.append(threading.get_ident())
        return True

    stage.view.alive = alive
    async with stage.run(80, 24) as pilot:
        await opened(stage, pilot)
        assert "12 experiments" in stage.text()
        stage.tell(*stage.night.trial(13))
        await stage.settle(pilot)
        assert "13 experiments" in stage.text()
        assert threads and threading.get_ident() not in threads


# --- its keys ------------------------------------------------------------------------------------


async def test_j_and_k_page_through_the_diffs_of_the_kept_commits() -> None:
    stage = Stage(trials=141)
    async with stage.run(80, 24) as pilot:
        screen = await opened(stage, pilot)
        numbers = kept(stage)
        await pilot.press("j")
        await stage.settle(pilot)
        assert screen.target is not None and screen.target.number == numbers[0]
        assert "@@ 40 @@ dials" in stage.text(), "the first one comes into sight"
        for key, at in (("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0)):
            await pilot.press(key)
            await stage.settle(pilot)
            row = screen.target
            assert row is not None and row.number == numbers[at]
            assert f"▸ {f'#{row.number}':>5}" in stage.text()
            assert row.summary.split()[0] in stage.text()
        await pilot.press(*["j"] * (len(numbers) + 3))
        assert screen.target.number == numbers[-1]


async def test_a_click_opens_a_keep() -> None:
    stage = Stage(trials=141)
    async with stage.run(120, 40) as pilot:
        screen = await opened(stage, pilot)
        await pilot.press("pagedown")
        await stage.settle(pilot)
        third = kept(stage)[2]
        y = next(y for y, x in enumerate(stage.text().splitlines()) if f" #{third} " in x)
        await pilot.click(AuditSheet, offset=(20, y))
        await stage.settle(pilot)
        assert screen.target is not None and screen.target.number == third
        assert f"▸ {f'#{third}':>5}" in stage.text()


async def test_revert_acts_on_the_selected_keep_with_cancel_focused() -> None:
    stage = Stage(trials=60)
    async with stage.run(120, 40) as pilot:
        screen = await opened(stage, pilot)
        await pilot.press("r")
        assert stage.app.screen is screen, "the best itself is not offered"
        await pilot.press("j", "r")
        dialog, second = stage.app.screen, kept(stage)[1]
        assert isinstance(dialog, Confirm)
        assert stage.view.rows[second].commit[:10] in stage.text()
        assert dialog.focused is dialog.query_one("#cancel", Button)
        await pilot.press("enter")
        assert stage.control.take() == ()
        await pilot.press("r", "right", "enter")
        assert stage.control.take() == (asked.Revert(trial=second),)
        assert stage.app.screen is screen


async def test_the_selected_keep_is_run_again() -> None:
    queued: list[int] = []

    def again(trial: int) -> bool:
        queued.append(trial)
        return True

    stage = Stage(trials=60, again=again)
    async with stage.run(120, 40) as pilot:
        await opened(stage, pilot)
        await pilot.press("g")
        assert queued == [], "the best is run again by every re-measurement"
        await pilot.press("j", "g")
        await stage.settle(pilot)
        assert queued == [kept(stage)[1]] and "is queued" in stage.text()


async def test_a_provisional_keep_is_approved_or_refused_with_a_reason() -> None:
    stage = Stage(trials=20)
    async with stage.run(120, 40) as pilot:
        number = provisional(stage)
        await opened(stage, pilot)
        assert f"#{number} ? provisional" in stage.text()
        await pilot.press("y")
        assert stage.control.take() == (asked.ApproveKeep(trial=number),)
        await pilot.press("n")
        assert isinstance(stage.app.screen, Note)
        await pilot.press(*"luck", "enter")
        assert stage.control.take() == (asked.RefuseKeep(trial=number, reason="luck"),)
        await pilot.press("n", "escape")
        assert stage.control.take() == ()
        await pilot.press("j", "y")
        assert stage.control.take() == (), "an approved one needs no approval"


async def test_a_refused_keep_stands_there_refused_and_the_best_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_screen, "CALM", 0.0)
    stage = Stage(trials=20)
    async with stage.run(120, 40) as pilot:
        number = provisional(stage)
        before = stage.view.board.rows[number].replaced
        await opened(stage, pilot)
        done = ev.KeepRefused(trial=number, reason="luck", back_to=before)
        stage.tell(stage.night.entry(done))
        await stage.settle(pilot)
        assert f"#{number} × refused" in stage.text() and f"#{before}  better by" in stage.text()
        assert stage.view.board.incumbent == before


async def test_a_lesson_is_chosen_and_struck() -> None:
    stage = Stage(trials=20)
    async with stage.run(120, 40) as pilot:
        await opened(stage, pilot)
        await pilot.press("x")
        picker, newest = stage.app.screen, kept(stage)[0]
        assert isinstance(picker, StrikePicker)
        lessons = list(reversed(stage.view.board.lessons))
        at = [lesson.trial for lesson in lessons].index(newest)
        assert picker.query_one(OptionList).highlighted == at, "that of the selected keep"
        await pilot.press("escape", "x", "j", "enter")
        wanted = lessons[at + 1]
        assert stage.control.take() == (asked.Strike(trial=wanted.trial, text=wanted.text),)


async def test_read_only_looks_and_writes_but_changes_nothing(tmp_path: Path) -> None:
    stage = Stage(trials=40, read_only=True, reports=tmp_path)
    async with stage.run(120, 40) as pilot:
        screen = await opened(stage, pilot)
        await pilot.press("j", "r", "g", "y", "n", "x")
        assert stage.control.take() == () and stage.app.screen is screen
        shown = {each.binding.id for each in screen.active_bindings.values() if each.enabled}
        assert not {key.id for key in AUDIT if key.changes} & shown
        await pilot.press("w")
        await stage.settle(pilot)
        assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("first", ["m", "escape"])
async def test_w_writes_the_report_from_either_screen_and_says_where(
    first: str, tmp_path: Path
) -> None:
    stage = Stage(trials=40, reports=tmp_path / "reports")
    async with stage.run(200, 60) as pilot:
        await pilot.press(first)
        await stage.settle(pilot)
        await pilot.press("w")
        await stage.settle(pilot)
        page, markdown = sorted((tmp_path / "reports").iterdir())
        assert (page.suffix, markdown.suffix) == (".html", ".md")
        assert markdown.name in stage.text()
        assert "40 experiments in" in markdown.read_text() and "<svg" in page.read_text()


async def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    stage = Stage(trials=12, reports=tmp_path / "taken")
    async with stage.run(120, 40) as pilot:
        await pilot.press("w")
        await stage.settle(pilot)
        assert "no report in" in stage.text() and isinstance(stage.app.screen, MainScreen)


async def test_enter_opens_the_trial_and_every_way_back_leads_to_the_main_screen() -> None:
    stage = Stage(trials=40)
    async with stage.run(120, 40) as pilot:
        for key in ("q", "escape", "m"):
            await opened(stage, pilot)
            await pilot.press("enter")
            assert isinstance(stage.app.screen, Page)
            await pilot.press("q", key)
            assert isinstance(stage.app.screen, MainScreen)


async def test_footer_help_and_palette_are_the_keys_of_the_audit() -> None:
    stage = Stage(trials=40)
    async with stage.run(120, 40) as pilot:
        screen = await opened(stage, pilot)
        offered = {each.binding.id for each in screen.active_bindings.values() if each.enabled}
        footer = stage.text().splitlines()[-1]
        for key in AUDIT:
            active = key.id in offered
            assert not (key.footer and f" {key.show} {key.label} " in footer) or active, key.id
        commands = {command.title for command in stage.app.get_system_commands(screen)}
        for key in AUDIT:
            assert (f"{key.label}  ({key.show})" in commands) == (key.id in offered), key.id
        await pilot.press("question_mark")
        sheet = stage.app.screen.query_one(Sheet)
        text = "\n".join(line.plain for line in sheet.lines)
        for key in BY_ID.values():
            assert (key.help[:30] in text) == (key.id in offered), key.id


async def test_its_keys_are_remapped_and_clashes_named_for_it_alone() -> None:
    stage = Stage(trials=40, keys={"strike": "f5", "whole": "j"})
    async with stage.run(120, 40) as pilot:
        await stage.settle(pilot)
        assert "j is given to both" in stage.text() and "whole" in stage.text()
        await opened(stage, pilot)
        await pilot.press("f5")
        assert isinstance(stage.app.screen, StrikePicker)


async def test_an_imported_night_is_printed_and_said_to_be(tmp_path: Path) -> None:
    app, _, _ = replay(night(resources.demo()), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("m")
        screen = app.screen
        assert isinstance(screen, AuditScreen)
        for _ in range(200):
            if screen.morning is not None:
                break
            await pilot.pause(0.02)
        text = "\n".join(strip.text for strip in screen._compositor.render_strips())
        assert "125 experiments in 11 h 16 min" in text and "22 printed" in text
        assert "nobody examined it" in text and "suspicious" not in text
        assert "the table does not say who proposed what" in text


# --- when it opens by itself ---------------------------------------------------------------------


def away(stage: Stage, seconds: float, trials: int) -> None:
    """Let the human leave, and trials end meanwhile."""
    for number in range(stage.trials + 1, stage.trials + 1 + trials):
        stage.tell(*stage.night.trial(number))
    stage.night.clock.move(max(0.0, seconds - 330 * trials))


async def test_it_opens_at_the_first_key_after_two_idle_hours_with_new_trials() -> None:
    stage = Stage(trials=40)
    stage.app.visits = Visits(clock=stage.night.clock)
    async with stage.run(200, 60) as pilot:
        stage.night.clock.move(1)
        await pilot.press("o")
        left = stage.night.clock.now()
        before = kept(stage)
        away(stage, AWAY + 60, trials=21)
        await pilot.press("q")
        await stage.settle(pilot)
        screen = stage.app.screen
        assert isinstance(screen, AuditScreen) and not stage.view.quitting, "the key did no more"
        assert screen.since == left and "21 experiments in" in stage.text()
        new = [n for n in kept(stage) if n not in before]
        lines = [line for line in stage.text().splitlines() if " real " in line]
        marked = [n for n in kept(stage) for x in lines if f" #{n} " in x and " new" in x]
        assert marked == new
        await pilot.press("a")
        await stage.settle(pilot)
        assert "61 experiments in" in stage.text() and "the whole session" in stage.text()
        await pilot.press("a", "q")
        assert isinstance(stage.app.screen, MainScreen)
        await pilot.press("o")
        assert isinstance(stage.app.screen, MainScreen), "once"


async def test_it_does_not_open_early_nor_without_news() -> None:
    stage = Stage(trials=12)
    stage.app.visits = Visits(clock=stage.night.clock)
    async with stage.run(120, 40) as pilot:
        await pilot.press("o")
        assert isinstance(stage.app.screen, MainScreen), "a first look knows no absence"
        away(stage, AWAY - 60, trials=2)
        await pilot.press("o")
        assert isinstance(stage.app.screen, MainScreen), "not two hours yet"
        stage.night.clock.move(AWAY + 60)
        await pilot.press("o")
        assert isinstance(stage.app.screen, MainScreen), "nothing ended meanwhile"


async def test_m_shows_what_came_since_the_human_was_away_until_the_next_absence() -> None:
    stage = Stage(trials=12)
    clock = stage.night.clock
    stage.app.visits = Visits(clock=clock, last=clock.at, since=clock.at - 330 * 4 + 1)
    async with stage.run(120, 40) as pilot:
        await opened(stage, pilot)
        assert "4 experiments in" in stage.text()


def test_visits_are_remembered_across_a_restart_and_not_written_by_one_who_only_looks(
    tmp_path: Path,
) -> None:
    clock, path = FakeClock(), tmp_path / "looked.json"
    first = remembered(clock, path)
    assert not first.touch(newest=clock.at), "nobody was here before"
    first.save()
    clock.move(AWAY)
    looker = remembered(clock, path, writes=False)
    assert looker.touch(newest=clock.at)
    looker.save()
    second = remembered(clock, path)
    left = clock.at - AWAY
    assert second.touch(newest=clock.at) and second.since == left
    second.save()
    assert (remembered(clock, path).since, remembered(clock, path).last) == (left, clock.at)
    path.write_text("not json")
    assert remembered(clock, path).last is None


async def test_the_main_screen_says_which_keeps_wait_and_which_were_refused() -> None:
    stage = Stage(trials=20)
    async with stage.run(200, 60) as pilot:
        number = provisional(stage)
        await stage.settle(pilot)
        word = "KEEP" if stage.view.board.rows[number].word == "keep" else "simpler"
        assert "a keep waits for your approval: m" in stage.text() and f"? {word}" in stage.text()
        stage.tell(stage.night.entry(ev.KeepRefused(trial=number, reason="luck")))
        await stage.settle(pilot)
        assert "waits for your approval" not in stage.text() and "× refused" in stage.text()
        await pilot.press("slash", *"refused", "enter")
        await stage.settle(pilot)
        assert "1 of " in stage.text(), "and the filter finds it"


async def test_before_there_is_a_session_it_says_that_nothing_happened(tmp_path: Path) -> None:
    app, _, _ = replay(night(resources.demo())[:1], tmp_path)
    app.view.fold = Fold()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = AuditScreen(app.view, 0.0)
        app.push_screen(screen)
        for _ in range(200):
            await pilot.pause(0.02)
            if screen.morning is not None:
                break
        assert screen.morning is not None and screen.trouble == ""
        assert (screen.morning.audit.trials, screen.morning.keeps) == (0, ())
        assert screen.morning.audit.ended == "no session began yet"


async def test_an_audit_that_cannot_be_worked_out_says_so_and_the_night_goes_on() -> None:
    stage = Stage(trials=12)

    def alive() -> bool:
        raise OSError("the lock cannot be read")

    stage.view.alive = alive
    async with stage.run(120, 40) as pilot:
        await pilot.press("m")
        await stage.settle(pilot)
        assert "the audit could not be worked out" in stage.text()
        await pilot.press("j", "q", "w")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, MainScreen)
