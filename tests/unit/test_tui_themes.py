"""Themes: what ships is readable at 256 colours, and what is broken is named."""

from __future__ import annotations

import math
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
    assert {"night", "day", "contrast", "safe"} == {t.name for t in SHIPPED.themes}
    assert {t.dark for t in SHIPPED.themes} == {True, False}


@pytest.mark.parametrize("theme", SHIPPED.themes, ids=lambda t: t.name)
@pytest.mark.parametrize("reduced", [False, True], ids=["truecolor", "256"])
def test_check_04_text_is_readable_on_every_ground(theme: Theme, *, reduced: bool) -> None:
    grounds = ["background", "panel", "cursor"]
    weak = []
    for name in TEXTS:
        on = [*grounds, *([f"{name}-ground"] if name in ("added", "removed") else [])]
        for ground in on:
            found = contrast(colour(theme, name), colour(theme, ground), reduced=reduced)
            if found < 4.5:
                weak.append(f"{name} on {ground}: {found:.2f}")
    for side in ("added", "removed"):
        found = contrast(
            colour(theme, "foreground"), colour(theme, f"{side}-word"), reduced=reduced
        )
        if found < 4.5:
            weak.append(f"foreground on {side}-word: {found:.2f}")
        for name in ("foreground", "muted", "primary", "secondary", "accent", "success", "warning"):
            found = contrast(colour(theme, name), colour(theme, f"{side}-ground"), reduced=reduced)
            if found < 4.5:
                weak.append(f"{name} on {side}-ground: {found:.2f}")
    for chip in ("accent", "primary", "secondary", "warning", "muted"):
        found = contrast(colour(theme, "chip"), colour(theme, chip), reduced=reduced)
        if found < 4.5:
            weak.append(f"chip on {chip}: {found:.2f}")
    assert weak == []


# Machado, Oliveira, Fernandes 2009, severity 1.0: linear RGB as a dichromat sees it.
DICHROMATS = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}
APART = [("keep", "crash"), ("added", "removed"), ("keep", "noise"), ("added-word", "removed-word")]


def oklab(hexed: str, matrix: tuple[tuple[float, ...], ...] | None) -> tuple[float, ...]:
    """Ottosson's OKLab of a colour, as seen by all or by a dichromat."""
    rgb = [c / 12.92 if (c := v / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
           for v in Color.parse(hexed).rgb]  # fmt: skip
    if matrix is not None:
        rgb = [max(0.0, sum(m * c for m, c in zip(row, rgb, strict=True))) for row in matrix]
    r, g, b = rgb
    cones = (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    )
    x, y, z = (c ** (1 / 3) for c in cones)
    return (
        0.2104542553 * x + 0.7936177850 * y - 0.0040720468 * z,
        1.9779984951 * x - 2.4285922050 * y + 0.4505937099 * z,
        0.0259040371 * x + 0.7827717662 * y - 0.8086757660 * z,
    )


def distance(theme: Theme, pair: tuple[str, str], kind: str) -> float:
    one, other = (oklab(colour(theme, name), DICHROMATS.get(kind)) for name in pair)
    return math.dist(one, other)


@pytest.mark.parametrize("kind", DICHROMATS)
def test_good_and_bad_stay_apart_for_eyes_that_confuse_red_and_green(kind: str) -> None:
    safe = next(theme for theme in SHIPPED.themes if theme.name == "safe")
    seen = {pair: distance(safe, pair, kind) for pair in APART}
    assert {pair: d for pair, d in seen.items() if d < 0.1} == {}
    night = next(theme for theme in SHIPPED.themes if theme.name == "night")
    assert distance(night, APART[0], kind) < seen[APART[0]], "which is what it is for"


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
