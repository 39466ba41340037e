"""What the cheats say of themselves: before the guard, and in docs/CHEATS.md."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit import resources
from cockpit.cli.calibrate import cheats
from cockpit.cli.calibrate.cheats import Cheat, guard_sentence, honest, read_cheats
from cockpit.cli.calibrate.checks import Ear, Finding
from cockpit.errors import CockpitError
from cockpit.events import LinesLogged
from docs.write_cheats import PAGE, render

ALL = {cheat.name: cheat for cheat in read_cheats()}
MOST = 40
"""Lines in which a cheat may differ from the honest file."""


@pytest.mark.parametrize("cheat", ALL.values(), ids=ALL.keys())
def test_the_guard_says_of_a_cheat_what_its_first_lines_say(cheat: Cheat) -> None:
    assert cheat.guarded in guard_sentence(cheat.text, honest())
    assert cheat.word in ("discard", "crash")


@pytest.mark.parametrize("cheat", ALL.values(), ids=ALL.keys())
def test_a_cheat_is_a_small_edit_of_the_honest_file(cheat: Cheat) -> None:
    ours, theirs = (text.partition("import prepare")[2] for text in (honest(), cheat.text))
    edits = difflib.ndiff(ours.splitlines(), theirs.splitlines())
    assert 0 < sum(line.startswith(("+", "-")) for line in edits) <= MOST


def test_the_page_says_what_the_files_say() -> None:
    assert PAGE.read_text("utf-8") == render(), "run `python -m docs.write_cheats`"


def test_on_a_gpu_a_cheat_may_end_in_another_way() -> None:
    there = {cheat.name: cheat for cheat in read_cheats(gpu=True)}
    assert there.keys() == ALL.keys()
    assert (ALL["background_process"].word, there["background_process"].word) == (
        "crash",
        "discard",
    )
    assert there["nan_logits"] == ALL["nan_logits"]


def test_a_file_that_does_not_say_how_it_ends_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mute.py").write_text('"""Does something.\n\nguard: passes\n"""\n')
    monkeypatch.setattr(resources, "cheats", lambda: tmp_path)
    with pytest.raises(CockpitError, match=r"mute\.py does not say how it ends"):
        cheats.read_cheats()


def test_a_line_says_what_is_amiss_and_what_the_guard_thinks() -> None:
    found = Finding(kind="cheat", name="sly", guard="passes", word="discard", reason="too slow")
    assert found.line().split() == ["ok", "sly", "discard:", "too", "slow", "guard:", "passes"]
    assert "FAIL" in replace(found, amiss="it must not be kept").line()
    assert "it must not be kept" in replace(found, amiss="it must not be kept").line()


def test_log_lines_that_do_more_than_be_read_are_heard() -> None:
    ear = Ear()
    ear(LinesLogged(trial=1, lines=("step 1\tdone", "sly \x1b[2J", "hidden \u202e")))
    assert ear.unclean() == ["sly \x1b[2J", "hidden \u202e"]
