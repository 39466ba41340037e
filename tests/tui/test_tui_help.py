"""Help says which keys do something here and now, and which layout this is."""

from __future__ import annotations

import pytest
from textual.keys import key_to_character

from cockpit.tui.keymap import BY_ID, KEYS
from cockpit.tui.screens.main import MainScreen
from cockpit.tui.screens.pages import Page, Sheet
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui


def page(stage: Stage) -> str:
    """Return all of the help page as running text."""
    assert isinstance(stage.app.screen, Page)
    lines = stage.app.screen.query_one(Sheet).lines
    return " ".join(" ".join(line.plain for line in lines).split())


@pytest.mark.parametrize(
    ("size", "keys", "layout"),
    [
        ((80, 24), (), "80x24: the ledger and Run; 1 to 4 bring another"),
        ((80, 24), ("3",), "80x24: the ledger and GPU;"),
        ((100, 24), ("2",), "100x24: the ledger, Plan and Diff;"),
        ((120, 40), (), "120x40: five panes; 160 columns add"),
        ((120, 40), ("z",), "Ledger has the whole screen; z gives it back"),
        ((40, 10), (), "40x10: two status lines, every key works"),
    ],
)
async def test_help_explains_the_layout_of_now(
    size: tuple[int, int], keys: tuple[str, ...], layout: str
) -> None:
    stage = Stage()
    async with stage.run(*size) as pilot:
        await stage.settle(pilot)
        await pilot.press(*keys, "question_mark")
        await stage.settle(pilot)
        assert layout in page(stage)


async def test_help_in_a_review_lists_its_keys() -> None:
    stage = Stage()
    async with stage.run(90, 40) as pilot:
        await pilot.press("question_mark")
        assert BY_ID["accept"].help not in page(stage)
        await pilot.press("q")
        stage.review()
        await pilot.press("question_mark")
        reviewing = [key for key in KEYS if key.group == "review"]
        assert [key.id for key in reviewing if key.help not in page(stage)] == []


async def test_f1_is_help_where_letters_are_typed_and_lists_none_of_them() -> None:
    stage = Stage()
    async with stage.run(90, 40) as pilot:
        await pilot.press("slash")
        await stage.settle(pilot)
        assert "F1 help" in stage.text()
        await pilot.press("f1")
        text = page(stage)
        letters = [key for key in KEYS if key_to_character(key.keys) == key.keys]
        assert len(letters) > 15
        assert [key.id for key in letters if key.help in text] == []
        assert BY_ID["follow"].help in text
        await pilot.press("escape", "escape")
        assert isinstance(stage.app.screen, MainScreen)
        assert stage.app.main.query_one("#ledger").has_focus


@pytest.mark.parametrize("width", [80, 100, 120, 200])
async def test_no_sentence_of_help_is_cut(width: int) -> None:
    stage = Stage(trials=40)
    async with stage.run(width, 40) as pilot:
        await pilot.press("question_mark")
        await stage.settle(pilot)
        assert "…" not in page(stage)
