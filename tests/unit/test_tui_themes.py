"""Themes: what ships is readable at 256 colours, and what is broken is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

from cockpit.errors import ConfigError
from cockpit.tui.themes import COCKPIT, load_themes, read_theme, shipped_folder

SHIPPED = load_themes(shipped_folder())
TEXTS = (
    "muted",
    "keep",
    "simpler",
    "noise",
    "discard",
    "crash",
    "running",
    "added",
    "removed",
    "foreground",
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
)


def colour(theme: Theme, name: str) -> str:
    return theme.variables.get(name) or str(getattr(theme, name))


def luminance(hexed: str, *, reduced: bool) -> float:
    """WCAG 2.2 relative luminance, at full depth or as 256 colours show it."""
    rgb = Color.parse(hexed).rgb
    if reduced:
        mapped = RichColor.from_rgb(*rgb).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
        rgb = (mapped.red, mapped.green, mapped.blue)
    linear = [c / 12.92 if (c := v / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for v in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, *, reduced: bool) -> float:
    low, high = sorted((luminance(one, reduced=reduced), luminance(other, reduced=reduced)))
    return (high + 0.05) / (low + 0.05)


def test_dark_and_light_ship_and_nothing_is_wrong_with_them() -> None:
    assert SHIPPED.problems == ()
    assert {"night", "day", "contrast"} <= {t.name for t in SHIPPED.themes}
    assert {t.dark for t in SHIPPED.themes} == {True, False}


@pytest.mark.parametrize("theme", SHIPPED.themes, ids=lambda t: t.name)
@pytest.mark.parametrize("reduced", [False, True], ids=["truecolor", "256"])
def test_text_is_readable_on_every_ground(theme: Theme, *, reduced: bool) -> None:
    grounds = ["background", "panel", "cursor"]
    weak = []
    for name in TEXTS:
        on = [*grounds, *([f"{name}-ground"] if name in ("added", "removed") else [])]
        for ground in on:
            found = contrast(colour(theme, name), colour(theme, ground), reduced=reduced)
            if found < 4.5:
                weak.append(f"{name} on {ground}: {found:.2f}")
    for chip in ("accent", "primary", "secondary", "warning", "muted"):
        found = contrast(colour(theme, "chip"), colour(theme, chip), reduced=reduced)
        if found < 4.5:
            weak.append(f"chip on {chip}: {found:.2f}")
    assert weak == []


def broken(tmp_path: Path, old: str, new: str) -> Path:
    text = (shipped_folder() / "night.toml").read_text()
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('muted = "#929aa3"', 'muted = "#8b93zz"', "muted is '#8b93zz'"),
        ('muted = "#929aa3"', "", "muted is missing"),
        ('muted = "#929aa3"', 'muted = "#8b939c"\nmuted2 = "red"', "muted2 is unknown"),
        ("[cockpit]", "[cockpi]", "no table [cockpit]"),
        ('name = "night"', "name = 3", "name is 3"),
        ('name = "night"', "name = ", "cannot be read"),
    ],
)
def test_a_broken_theme_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml") as caught:
        read_theme(broken(tmp_path, old, new))
    assert said in str(caught.value)


def test_a_broken_theme_does_not_hide_the_others(tmp_path: Path) -> None:
    broken(tmp_path, 'muted = "#929aa3"', 'muted = "nope"')
    loaded = load_themes(shipped_folder(), tmp_path)
    assert len(loaded.problems) == 1
    assert loaded.themes == SHIPPED.themes


def test_the_page_documents_every_colour() -> None:
    page = (Path(__file__).parents[2] / "docs" / "THEMES.md").read_text()
    assert [name for name in COCKPIT if f"`{name}`" not in page] == []
