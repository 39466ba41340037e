"""The checks of the screen that a pilot can make, each named by its number.

Those that need a real terminal are in tests/e2e/test_checks_terminal.py. Where a check speaks of
seconds, what is asserted is the order, the count or the bytes that decide them; bench/screen.py
takes the time.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from rich.cells import cell_len
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Input, OptionList

from cockpit import events as ev
from cockpit.engine import control as asked
from cockpit.engine.rest import revert_to
from cockpit.trial import Verdict
from cockpit.tui.keymap import BY_ID, KEYS
from cockpit.tui.painted import Painted
from cockpit.tui.panes.ledger import LedgerPane
from cockpit.tui.screens.dialogs import Confirm
from cockpit.tui.screens.main import MainScreen
from cockpit.tui.screens.pages import Page, Sheet
from cockpit.tui.screens.picker import ThemePicker
from cockpit.workspace import GitWorkspace
from tests.tui.replay import step, telemetry
from tests.tui.stage import Stage
from tests.workspaces import Repository, isolate, keep

pytestmark = pytest.mark.tui
SIZES = [(80, 24), (120, 40), (200, 60)]
NAMES = {"1": "1 Plan", "2": "2 Diff", "3": "3 GPU", "4": "4 Run", "5": "5 Ledger"}


def ledger(stage: Stage) -> LedgerPane:
    return stage.app.main.query_one(LedgerPane)


@pytest.mark.parametrize("theme", ["night", "day"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_check_01_no_border_is_clipped_and_every_pane_is_named(
    size: tuple[int, int], theme: str
) -> None:
    stage = Stage(theme=theme, trials=141)
    async with stage.run(*size) as pilot:
        stage.train()
        for key, name in NAMES.items():
            await pilot.press(key)
            await stage.settle(pilot)
            text = stage.text()
            assert name in text
            for opening, closing in ("╭╰", "╮╯", "┏┗", "┓┛"):
                assert text.count(opening) == text.count(closing)
        if size != SIZES[0]:
            assert all(name in stage.text() for name in NAMES.values())


async def test_check_02_a_storm_of_sizes_ends_in_the_frame_of_a_fresh_start() -> None:
    storm, fresh = Stage(), Stage()
    async with storm.run(200, 60) as pilot:
        storm.train()
        for size in ((80, 24), (40, 10), (20, 3), (1, 1), (120, 40)):
            await pilot.resize_terminal(*size)
        await storm.settle(pilot)
        assert storm.failures() == []
        left = storm.text()
    async with fresh.run(120, 40) as pilot:
        fresh.train()
        await fresh.settle(pilot)
        assert left.splitlines() == fresh.text().splitlines()


async def test_check_03_the_first_frame_comes_before_the_engine_begins() -> None:
    stage = Stage()
    seen: list[str] = []
    stage.app._start = lambda _listener: seen.append(stage.text())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        for _ in range(500):
            if seen:
                break
            await pilot.pause(0.02)
    assert "5 Ledger" in seen[0] and "2 Diff" in seen[0]


async def test_check_07_a_second_of_a_run_writes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(trials=141)
    async with stage.run(120, 40) as pilot:
        stage.train()
        await stage.settle(pilot)
        written: list[str] = []
        driver = stage.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        monkeypatch.setattr(type(stage.app), "is_headless", False)
        clock, trial = stage.night.clock, stage.next
        for second in range(80, 90):
            clock.move(1.0)
            logged = ev.LinesLogged(trial=trial, lines=(f"step {second}",))
            stage.tell(telemetry(clock), step(trial, float(second)), logged)
            await pilot.pause()
        await stage.settle(pilot)
        assert 0 < sum(len(text.encode()) for text in written) <= 10 * 3000


async def test_check_08_a_flood_of_output_does_not_stand_before_a_key() -> None:
    """Chatter never wakes the screen: it is drawn by the tick, however much of it there is."""
    stage = Stage(trials=30)
    async with stage.run(120, 40) as pilot:
        stage.train()
        await stage.settle(pilot)
        painted = 0
        plain = stage.app._paint

        def counting() -> None:
            nonlocal painted
            painted += 1
            plain()

        stage.app._paint = counting  # type: ignore[method-assign]
        trial = stage.next
        for line in range(5000):
            stage.listeners[0](ev.LinesLogged(trial=trial, lines=(f"line {line}",)))
        before = ledger(stage).cursor
        await pilot.press("down")
        assert ledger(stage).cursor != before
        assert painted <= 1, "the tick at most"
        stage.app.tick()
        assert len(stage.view.live.lines) == 500


async def test_check_09_ten_thousand_trials_are_arranged_once_and_drawn_where_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[int] = []
    arranged: list[int] = []
    line = LedgerPane.line

    def counted(pane: LedgerPane, y: int) -> Content:
        drawn.append(y)
        return line(pane, y)

    monkeypatch.setattr(LedgerPane, "line", counted)
    stage = Stage(trials=1)
    row = stage.view.rows[1]
    for number in range(2, 10_001):
        stage.view.rows[number] = type(row)(
            number=number,
            kind="experiment",
            lane="sweep",
            against=0,
            started_at=float(number),
            hypothesis="warmth" if number % 100 else "cold",
        )
    from cockpit.tui.panes import order

    sort = order._arranged

    def sorting(*given: Any) -> Any:
        arranged.append(1)
        return sort(*given)

    monkeypatch.setattr(order, "_arranged", sorting)
    async with stage.run(120, 40) as pilot:
        await stage.settle(pilot)
        assert len(set(drawn)) < 40
        arranged.clear()
        await pilot.press(*["down"] * 5)
        assert arranged == [], "moving the cursor sorts nothing"
        selected = ledger(stage).cursor
        stage.tell(*stage.night.trial(10_001))
        assert len(arranged) <= 2, "once for each repaint that entries caused"
        await pilot.press("o", "o", "o")
        assert ledger(stage).cursor == selected
        await pilot.press("slash", *"cold", "enter")
        assert len(ledger(stage).order) == 100
        assert ledger(stage).cursor == selected, "a filter hides the row, it does not lose it"


async def test_check_10_pause_is_pausing_until_the_engine_confirms() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        await pilot.press("p")
        assert stage.control.take() == (asked.Pause(),)
        assert "PAUSED" not in stage.text()
        text = "pausing after this trial"
        pending = ev.RequestAcknowledged(request="pause", state="pending", text=text)
        stage.tell(stage.night.entry(pending))
        await stage.settle(pilot)
        assert text in stage.text() and "PAUSED" not in stage.text()
        done = ev.RequestAcknowledged(request="pause", state="done", text="paused")
        stage.tell(stage.night.entry(done))
        await stage.settle(pilot)
        assert "PAUSED" in stage.text()
        await pilot.press("p")
        assert stage.control.take() == (asked.Resume(),)


async def test_check_11_skip_asks_and_enter_alone_changes_nothing() -> None:
    stage = Stage()
    async with stage.run(80, 24) as pilot:
        stage.train()
        await pilot.press("s")
        dialog = stage.app.screen
        assert isinstance(dialog, Confirm)
        assert dialog.focused is dialog.query_one("#cancel", Button)
        assert f"#{stage.next}" in stage.text()
        await pilot.press("enter")
        assert stage.control.take() == () and isinstance(stage.app.screen, MainScreen)
        await pilot.press("s", "y")
        assert stage.control.take() == (asked.Skip(),)
        await pilot.press("s")
        stage.tell(*stage.night.run(stage.next, 1.9))
        stage.tell(stage.night.entry(ev.TrialAbandoned(trial=stage.next, reason="ended")))
        await pilot.press("y")
        assert stage.control.take() == (), "the trial that was asked about is over"


async def test_check_12_revert_names_the_commit_and_a_second_one_undoes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch, tmp_path / "home")
    repository = Repository.committed(tmp_path / "session" / "repository")
    workspace = GitWorkspace(repository.root)
    workspace.open_session("mar8", workspace.train())
    stage = Stage(trials=40)
    first, second = [n for n, r in stage.view.rows.items() if r.word == "keep" and n][-2:]
    kept = {}
    for number, rate in ((first, 0.2), (second, 0.3)):
        keep(workspace, number, rate)
        kept[number] = repository.read("sandbox/train.py")
    async with stage.run(120, 40) as pilot:
        board = stage.view.board
        for wanted in (first, second):
            board.incumbent = second if wanted == first else first
            ledger(stage).select(wanted)
            await pilot.press("r")
            assert stage.view.rows[wanted].commit[:10] in stage.text()
            await pilot.press("y")
            assert stage.control.take() == (asked.Revert(trial=wanted),)
            done = revert_to(board, workspace, wanted)
            assert isinstance(done, ev.IncumbentReverted)
            assert repository.read("sandbox/train.py") == kept[wanted]
            stage.tell(stage.night.entry(done))
            assert board.incumbent == wanted


async def test_check_16_a_restart_says_what_the_kill_left() -> None:
    """The kill itself is in tests/e2e/test_cockpit_kill.py."""
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.tell(*stage.night.proposal(13))
        stage.tell(stage.night.entry(ev.TrialAbandoned(trial=13, reason="interrupted")))
        text = "ended 1 leftover run of an interrupted session"
        stage.tell(stage.night.entry(ev.Noticed(level="info", topic="recover", text=text)))
        await stage.settle(pilot)
        assert text in stage.text()
        assert "○ abandoned" in stage.text() and "interrupted" in stage.text()


async def test_check_18_a_run_nobody_looked_at_is_shown_as_to_one_who_came_just_now() -> None:
    away, fresh = Stage(), Stage()
    frames = []
    for stage in (away, fresh):
        async with stage.run(120, 40) as pilot:
            tell, held = stage.tell, list[ev.Entry | ev.Sample]()
            if stage is fresh:  # all of it at once, as to a screen that is opened now
                stage.tell = lambda *items: held.extend(items)  # type: ignore[method-assign]  # noqa: B023
            stage.train()
            verdict = Verdict(word="keep", reason="-0.1 is -5 sigma", value=1.9, delta=-0.1)
            stage.tell(*stage.night.run(13, 1.9), *stage.night.judge(13, verdict))
            stage.trials = 13
            stage.train()
            tell(*held)
            await stage.settle(pilot)
            frames.append(stage.text().splitlines())
    assert frames[0] == frames[1]


@pytest.mark.parametrize(
    ("level", "topic", "text"),
    [
        ("warning", "ollama", "Ollama is not reachable at 127.0.0.1:11434; the sweep goes on"),
        ("warning", "git", "another git process holds index.lock; trying again in 5 s"),
        ("warning", "device", "NVML cannot be loaded; no live figures of the GPU"),
        ("needs human", "stopped", "the ledger cannot record: no space left; free some"),
    ],
)
async def test_check_19_each_failure_is_one_clear_message_and_the_screen_stays(
    level: ev.Level, topic: str, text: str
) -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        stage.tell(stage.night.entry(ev.Noticed(level=level, topic=topic, text=text)))
        await stage.settle(pilot)
        header = stage.text().splitlines()[1]
        assert f"! {text}"[:40] in header
        assert stage.text().count(text[:30]) == 2, "header and Run pane, once each"
        await pilot.press("down", "question_mark", "q")
        assert stage.app.is_running and stage.failures() == []


async def test_check_20_help_footer_and_palette_are_the_bindings_that_work() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        await stage.settle(pilot)
        active = [a.binding for a in stage.app.main.active_bindings.values() if a.enabled]
        offered = {binding.id for binding in active if binding.id in BY_ID}
        footer = stage.text().splitlines()[-1]
        for key in KEYS:
            assert (f"{key.show} {key.label}" in footer) <= (key.id in offered)
        main = cast("Screen[object]", stage.app.main)
        commands = {c.title: c.help for c in stage.app.get_system_commands(main)}
        for key in KEYS:
            assert (commands.get(f"{key.label}  ({key.show})") == key.help) == (key.id in offered)
        await pilot.press("question_mark")
        assert isinstance(stage.app.screen, Page)
        told = "\n".join(line.plain for line in stage.app.screen.query_one(Sheet).lines)
        for key in KEYS:
            assert (key.help[:30] in told) == (key.id in offered), key.id


async def test_check_21_keys_are_remapped_and_clashes_named_at_start() -> None:
    stage = Stage(keys={"pause": "x", "skip": "o", "frobnicate": "f", "zoom": ""})
    async with stage.run(120, 40) as pilot:
        said = [n.message for n in stage.app._notifications]
        assert sum("frobnicate" in m for m in said) == 1
        assert sum("o is given to both skip and sort" in m for m in said) == 1
        assert sum("zoom" in m and "names no key" in m for m in said) == 1
        await pilot.press("p")
        assert stage.control.take() == ()
        await pilot.press("x")
        assert stage.control.take() == (asked.Pause(),)
        assert len(stage.app._notifications) <= len(said) + 1, "not said again at each key"
        await pilot.press("z")
        assert stage.app.main.maximized is not None


async def test_check_22_a_theme_of_ones_own_is_tried_on_and_remembered(tmp_path: Path) -> None:
    night = Path(__file__).parents[2] / "themes" / "night.toml"
    text = night.read_text()
    (tmp_path / "mine.toml").write_text(text.replace('name = "night"', 'name = "mine"'))
    (tmp_path / "bad.toml").write_text(text.replace('muted = "#929aa3"', 'muted = "grrey"'))
    memory = tmp_path / "screen.json"
    stage = Stage(theme="", theme_folders=(tmp_path,), memory=memory)
    async with stage.run(120, 40) as pilot:
        said = " ".join(n.message for n in stage.app._notifications)
        assert "bad.toml" in said and "muted is 'grrey'" in said
        assert stage.app.theme == "night"
        await pilot.press("t")
        picker = stage.app.screen
        assert isinstance(picker, ThemePicker)
        names = [o.id for o in picker.query_one(OptionList).options]
        assert names == stage.app.themes and "mine" in names
        while stage.app.theme != "mine":
            await pilot.press("j")
        assert not memory.exists(), "tried on is not taken"
        await pilot.press("q")
        assert stage.app.theme == "night"
        await pilot.press("t")
        while stage.app.theme != "mine":
            await pilot.press("down")
        await pilot.press("enter")
        assert stage.app.theme == "mine" and isinstance(stage.app.screen, MainScreen)
        assert stage.failures() == []
    again = Stage(theme="", theme_folders=(tmp_path,), memory=memory)
    async with again.run(80, 24):
        assert again.app.theme == "mine"


async def test_check_23_no_control_key_is_ever_needed() -> None:
    plain = [
        key for key in KEYS if not any(k.startswith(("ctrl", "alt")) for k in key.keys.split(","))
    ]
    assert plain == list(KEYS)
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        for opened in ("s", "t", "question_mark", "enter", "i", "colon"):
            await pilot.press(opened)
            assert not isinstance(stage.app.screen, MainScreen), opened
            if isinstance(stage.app.focused, Input):
                await pilot.press("escape")
            else:
                await pilot.press("q")
            await pilot.pause()
            assert isinstance(stage.app.screen, MainScreen), opened


async def test_check_25_two_hundred_trials_leave_no_memory_thread_or_descriptor_behind() -> None:
    stage = Stage(trials=20)
    process = psutil.Process()
    async with stage.run(120, 40) as pilot:
        wide: set[str] = set()
        sizes: list[tuple[int, int, int]] = []
        for number in range(21, 241):
            stage.tell(*stage.night.trial(number))
            if number % 20 == 0:
                await stage.settle(pilot)
                wide |= {c for c in set(stage.text()) if c != "\n" and cell_len(c) != 1}
                threads = threading.active_count()
                sizes.append((process.memory_info().rss, threads, process.num_fds()))
        assert wide == set()
        first, last = sizes[0], sizes[-1]
        assert last[0] - first[0] < 20 << 20
        assert last[1] <= first[1] + 1 and last[2] <= first[2] + 1
        panes = [p for p in stage.app.main.query("*") if isinstance(p, Painted)]
        assert all(len(pane._drawn) <= 60 for pane in panes), "lines out of sight are forgotten"
        assert stage.failures() == []
