"""The checks of ledger, keys and themes, each named by its number."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList

from cockpit.engine import control as asked
from cockpit.tui.keymap import BY_ID, KEYS
from cockpit.tui.panes import order
from cockpit.tui.panes.ledger import LedgerPane
from cockpit.tui.screens.main import MainScreen
from cockpit.tui.screens.pages import Page, Sheet
from cockpit.tui.screens.picker import ThemePicker
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui


def ledger(stage: Stage) -> LedgerPane:
    return stage.app.main.query_one(LedgerPane)


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
    sort = order._arranged

    def sorting(*given: Any) -> Any:
        arranged.append(1)
        return sort(*given)

    monkeypatch.setattr(order, "_arranged", sorting)
    async with stage.run(120, 40) as pilot:
        await stage.settle(pilot)
        assert ledger(stage).virtual_size.height == 10_002
        assert len(set(drawn)) < 40
        arranged.clear()
        await pilot.press(*["down"] * 5)
        assert arranged == [], "moving the cursor sorts nothing"
        selected = ledger(stage).cursor
        await stage.settle(pilot)
        assert f"2 Diff · #{selected}" in stage.text()
        stage.tell(*stage.night.trial(10_001))
        assert len(arranged) <= 2, "once for each repaint that entries caused"
        await pilot.press("o", "o", "o")
        assert ledger(stage).cursor == selected
        await pilot.press("slash", *"cold", "enter")
        assert len(ledger(stage).order) == 100
        assert ledger(stage).cursor == selected, "a filter hides the row, it does not lose it"


async def test_check_20_help_footer_and_palette_are_the_bindings_that_work() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.train()
        await stage.settle(pilot)
        active = [a.binding for a in stage.app.main.active_bindings.values() if a.enabled]
        offered = {binding.id for binding in active if binding.id in BY_ID}
        footer = stage.text().splitlines()[-1]
        assert "q quit" in footer
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
        await pilot.press("q")
        assert isinstance(stage.app.screen, MainScreen)


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
        await pilot.press("j", "j")
        assert stage.app.theme == "mine"
        assert not memory.exists(), "tried on is not taken"
        await pilot.press("q")
        assert stage.app.theme == "night"
        await pilot.press("t", "down", "down", "enter")
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
            assert isinstance(stage.app.screen, MainScreen), opened
