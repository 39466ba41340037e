"""Settings: the order of the sources, and errors that name file and key."""

from __future__ import annotations

import argparse
import re
import time
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest

from cockpit.cli.flags import settings_of
from cockpit.config import Settings, load, stop_time
from cockpit.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def test_later_sources_win(tmp_path: Path) -> None:
    (tmp_path / "cockpit.toml").write_text("[session]\nbudget = 60\n[agent]\nseed = 3\n")
    environment = {"COCKPIT_SESSION_BUDGET": "40", "COCKPIT_AGENT_MODEL": "qwen"}
    settings = load(tmp_path, {("session", "budget"): 20.0}, environment)
    assert settings.session.budget == 20.0
    assert settings.agent.seed == 3
    assert settings.agent.model == "qwen"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[session]\nbugdet = 60\n", "cockpit.toml: [session] bugdet is not a setting"),
        ("[sesion]\nbudget = 60\n", "the sections are session"),
        ("[session]\nbudget = 'long'\n", "'long' is no float"),
        ("[session]\nbudget = 0\n", "the least is 1.0"),
        ("[review]\nmode = 'never'\n", "choose one of 'timed'"),
        ("[review]\nseconds = inf\n", 'inf is no number; write mode = "ask"'),
        ("[session]\nbudget = nan\n", "nan is no number"),
        ("[session\n", "cannot be read"),
    ],
)
def test_errors_name_the_place(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "cockpit.toml").write_text(text)
    with pytest.raises(ConfigError, match=re.escape(words)):
        load(tmp_path, environment={})


def test_an_error_names_the_flag_as_it_was_written() -> None:
    with pytest.raises(ConfigError, match="--rehearsals = -5 is too small"):
        settings_of(None, argparse.Namespace(rehearsals=-5))
    with pytest.raises(ConfigError, match="--agent = 'nobody' is not known"):
        settings_of(None, argparse.Namespace(kind="nobody"))


def test_the_shipped_file_shows_every_key_with_its_default() -> None:
    text = (ROOT / "cockpit.toml").read_text()
    uncommented = re.sub(r"(?m)^# (?=\w+ = )", "", text)
    assert "\n[keys]" in uncommented
    shown = load_text(uncommented.split("\n[keys]")[0])
    assert shown == Settings()
    for group in fields(Settings):
        if group.name != "keys":
            for key in fields(getattr(shown, group.name)):
                assert re.search(rf"(?m)^{key.name} = ", uncommented), key.name


def load_text(text: str) -> Settings:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cockpit.toml").write_text(text)
        return load(Path(folder), environment={})


def test_until_is_the_next_such_time() -> None:
    now = datetime(2026, 11, 23, 22, 0).timestamp()
    assert stop_time("07:30", now) == datetime(2026, 11, 24, 7, 30).timestamp()
    assert stop_time("23:00", now) == datetime(2026, 11, 23, 23, 0).timestamp()
    assert stop_time("", now) is None
    with pytest.raises(ConfigError, match="no time of day"):
        stop_time("7.30", now)


@pytest.mark.parametrize("evening", [datetime(2026, 3, 28, 22), datetime(2026, 10, 24, 22)])
def test_until_is_what_the_clock_shows_after_it_was_changed(
    evening: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        stop = stop_time("07:30", evening.timestamp())
        assert stop is not None
        assert datetime.fromtimestamp(stop).strftime("%d %H:%M") == f"{evening.day + 1} 07:30"
    finally:
        monkeypatch.undo()
        time.tzset()
