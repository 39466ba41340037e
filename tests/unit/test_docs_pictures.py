"""The pictures of the pages are those that one command draws, and name the panes of today."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from cockpit.tui.layout import PANES
from docs.write_pictures import FOLDER, PICTURES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)]+\.svg)\)")


def words(name: str) -> str:
    """Return the texts of a picture, without its shapes."""
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg)
    return " ".join(html.unescape(" ".join(texts)).replace("\xa0", " ").split())


def test_the_pictures_are_those_that_the_command_draws() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(PICTURES)


def test_every_picture_is_on_a_page_and_says_what_it_shows() -> None:
    found = {
        (page.parent / link).resolve(): alt
        for page in PAGES
        for alt, link in SHOWN.findall(page.read_text(encoding="utf-8"))
    }
    drawn = {(FOLDER / f"{name}.svg").resolve() for name in PICTURES}
    assert set(found) == drawn
    assert [path.name for path, alt in found.items() if len(alt.split()) < 4] == []


@pytest.mark.parametrize("name", ["main-120x40", "main-200x60", "main-120x40-day", "review"])
def test_the_main_screen_names_its_panes(name: str) -> None:
    shown = words(name)
    assert [n for at, n in enumerate(PANES.values(), 1) if f"{at} {n}" not in shown] == []
    assert "? help" in shown.replace("  ", " ") and "quit" in shown


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("main-80x24", "4 Run · #142 │ 1 plan 2 diff 3 gpu"),
        ("first-minute", "Most ideas fail: 3 to 18 % of trials are keeps."),
        ("audit", "The keeps, newest first"),
        ("detail", "run it again"),
        ("help", "the morning audit: what happened"),
        ("review", "unless you say"),
    ],
)
def test_each_other_picture_shows_what_it_is_for(name: str, said: str) -> None:
    assert said in words(name)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_fetches_nothing(name: str) -> None:
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert "url(http" not in svg and "@font-face" not in svg and "<image" not in svg
