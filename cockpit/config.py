"""Settings: defaults < cockpit.toml < environment < flags; frozen, built once.

Every key is explained in the `cockpit.toml` at the top of a workspace. An unknown or ill-typed
key is an error that names where it came from, for a setting that is silently ignored costs a night.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cockpit.constraints import from_toml
from cockpit.errors import ConfigError
from cockpit.settings import CHOICES, LEAST, Settings

__all__ = ["Settings", "load", "stop_time"]

FILE = "cockpit.toml"


def load(
    root: Path | None,
    flags: Mapping[tuple[str, str], object] | None = None,
    environment: Mapping[str, str] | None = None,
    names: Mapping[tuple[str, str], str] | None = None,
) -> Settings:
    """Return the settings of a workspace; `flags` map (section, key) to values, None left out.

    `names` are how the human wrote the flags, for the errors.

    Raises:
        ConfigError: the file cannot be read, or a key or a value is not known.
    """
    settings = Settings()
    path = root / FILE if root else None
    if path is not None and path.is_file():
        for section, table in _read(path).items():
            if not isinstance(table, dict):
                raise ConfigError(
                    f"{FILE}: {section} is not a section", f"write [{section}] above it"
                )
            for key, value in table.items():
                settings = _set(settings, section, key, value, f"{FILE}: [{section}] {key}")
    for name, text in (os.environ if environment is None else environment).items():
        settings = _set_from_environment(settings, name, text)
    for (section, key), value in (flags or {}).items():
        if value is not None:
            where = (names or {}).get((section, key), f"--{key.replace('_', '-')}")
            settings = _set(settings, section, key, value, where)
    return settings


def stop_time(until: str, now: float) -> float | None:
    """Return the next moment (Unix time) at which the local clock shows `until` (HH:MM), or None.

    Raises:
        ConfigError: `until` is no time of day.
    """
    if not until:
        return None
    try:
        wanted = datetime.strptime(until, "%H:%M").time()
    except ValueError as error:
        raise ConfigError(f"until = {until!r} is no time of day", "write it as 07:30") from error
    # Without a zone: what an hour is off from UTC may be another one by the time it strikes.
    today = datetime.fromtimestamp(now)
    moment = today.replace(hour=wanted.hour, minute=wanted.minute, second=0, microsecond=0)
    return (moment if moment > today else moment + timedelta(days=1)).timestamp()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "mend that line") from error


def _set_from_environment(settings: Settings, name: str, text: str) -> Settings:
    head, _, rest = name.partition("_")
    section, _, key = rest.lower().partition("_")
    if head != "COCKPIT" or section not in {f.name for f in fields(Settings)} or section == "keys":
        return settings
    default = getattr(getattr(settings, section), key, None)
    return _set(settings, section, key, _parse(text, default), name)


def _parse(text: str, default: object) -> object:
    if isinstance(default, bool):
        return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)
    if isinstance(default, int | float):
        try:
            return type(default)(text)
        except ValueError:
            return text
    return text


def _set(settings: Settings, section: str, key: str, value: object, where: str) -> Settings:
    if section == "keys":
        if not isinstance(value, str):
            raise ConfigError(f"{where} = {value!r} is no key", 'write a string such as "p"')
        return replace(settings, keys={**settings.keys, key: value})
    group = getattr(settings, section, None)
    known = {f.name for f in fields(group)} if group is not None else set()
    if key not in known:
        raise ConfigError(
            f"{where} is not a setting",
            f"[{section}] has {', '.join(sorted(known))}" if known else _sections(),
        )
    if section == "constraints":
        try:
            value = from_toml(key, value)
        except ValueError as error:
            raise ConfigError(f"{where} = {value!r} is no constraint", str(error)) from None
    _check(section, key, value, getattr(group, key), where)
    merged: Any = group
    fitting = float(value) if isinstance(getattr(group, key), float) else value  # type: ignore[arg-type]  # checked above
    merged = replace(merged, **{key: fitting})
    changed: dict[str, Any] = {section: merged}
    return replace(settings, **changed)


def _check(section: str, key: str, value: object, default: object, where: str) -> None:
    numeric = isinstance(default, int | float) and not isinstance(default, bool)
    fits = (
        isinstance(value, int | float) and not isinstance(value, bool)
        if isinstance(default, float)
        else type(value) is type(default)
    )
    if not fits:
        raise ConfigError(f"{where} = {value!r} is no {type(default).__name__}", "see cockpit.toml")
    if isinstance(value, float) and not math.isfinite(value):
        what = 'write mode = "ask" for a review that waits' if section == "review" else "give one"
        raise ConfigError(f"{where} = {value!r} is no number", what)
    choices = CHOICES.get((section, key))
    if choices and value not in choices:
        wanted = ", ".join(repr(c) for c in choices)
        raise ConfigError(f"{where} = {value!r} is not known", f"choose one of {wanted}")
    least = LEAST.get((section, key))
    if numeric and least is not None and value < least:  # type: ignore[operator]  # numeric
        raise ConfigError(f"{where} = {value!r} is too small", f"the least is {least}")


def _sections() -> str:
    return "the sections are " + ", ".join(f.name for f in fields(Settings))
