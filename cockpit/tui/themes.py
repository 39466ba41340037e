"""Themes: TOML files, validated colour by colour, turned into Textual themes.

A colour that does not parse is named at load and its theme left out, because Textual accepts it
and then fails at the next repaint with an unrelated error.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

from cockpit.errors import ConfigError

BASE = (
    "background",
    "surface",
    "panel",
    "foreground",
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
)
COCKPIT = (
    "muted",
    "rule",
    "cursor",
    "keep",
    "simpler",
    "noise",
    "discard",
    "crash",
    "running",
    "ghost",
    "added",
    "added-ground",
    "added-word",
    "removed",
    "removed-ground",
    "removed-word",
    "chip",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The themes that can be used, in order, and one sentence for each file that cannot."""

    themes: tuple[Theme, ...]
    problems: tuple[str, ...]


def shipped_folder() -> Path:
    """Return the folder of the shipped themes, in a wheel or in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "template" / "themes"
    return packed if packed.is_dir() else package.parent / "themes"


def load_themes(*folders: Path) -> Loaded:
    """Read every `*.toml` of the folders; a later theme of the same name replaces an earlier."""
    themes: dict[str, Theme] = {}
    problems: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                theme = read_theme(path)
            except ConfigError as error:
                problems.append(str(error))
            else:
                themes[theme.name] = theme
    return Loaded(themes=tuple(themes.values()), problems=tuple(problems))


def read_theme(path: Path) -> Theme:
    """Read one theme file.

    Raises:
        ConfigError: the file is not TOML, or a colour is missing, unknown or malformed.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"theme {path.name} cannot be read: {error}", "mend the file") from None
    base = _colours(path.name, "base", data.get("base"), BASE)
    own = _colours(path.name, "cockpit", data.get("cockpit"), COCKPIT)
    name = data.get("name", path.stem)
    if not isinstance(name, str) or not name:
        raise ConfigError(f"theme {path.name}: name is {name!r}", "give it a word")
    return Theme(
        name=name,
        primary=base.pop("primary"),
        dark=data.get("dark", True) is True,
        variables={**own, "border-blurred": own["rule"]},
        **base,  # type: ignore[arg-type]  # the remaining keys are all colours
    )


def _colours(file: str, table: str, found: object, names: tuple[str, ...]) -> dict[str, str]:
    """Check that a table holds exactly the named colours, each of them one."""
    if not isinstance(found, dict):
        raise ConfigError(f"theme {file} has no table [{table}]", "see docs/THEMES.md")
    for name in names:
        if name not in found:
            raise ConfigError(f"theme {file}: [{table}] {name} is missing", "see docs/THEMES.md")
    for name, value in found.items():
        if name not in names:
            raise ConfigError(f"theme {file}: [{table}] {name} is unknown", "see docs/THEMES.md")
        try:
            Color.parse(str(value))
        except ColorParseError:
            raise ConfigError(
                f"theme {file}: [{table}] {name} is {value!r}", "write a colour like #5fd7af"
            ) from None
    return {name: str(value) for name, value in found.items()}
