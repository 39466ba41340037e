"""What a session says before it begins: of its walls, its data, its fingerprint, its system."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.arena import corpus, landlock
from cockpit.arena.escapes import Report
from cockpit.arena.probe import Probe, judge
from cockpit.cli.notices import data_notice, needs_linux, walls_notice
from cockpit.engine.opening import changed
from cockpit.errors import ArenaError, IsolationError
from cockpit.setup import PreparedData
from tests.engine_room import fingerprint

ROOT = Path(__file__).resolve().parents[2]


def test_what_changed_in_the_fingerprint_is_named_with_both_values() -> None:
    last = fingerprint()
    assert changed(last, last) == ""
    other = replace(last, torch="2.14.0", driver="560.1", threads=2, data="e" * 8)
    assert changed(last, other).startswith(
        "the data is eeeeeeee, was dddddddd; the driver is 560.1, was none; "
        "torch is 2.14.0, was 2.13.0; threads is 2, was 1: values do not compare, so a new session"
    )


def found(walls: str, *holes: str) -> Probe:
    attempts = dict.fromkeys(holes, ("files", "")) | {"other": ("files", "EACCES")}
    report = Report(
        attempts=attempts, stat=False, torch="2", cuda=False, device_name="CPU", driver=""
    )
    return judge(report, walls, programs=False)


@pytest.mark.parametrize(("why", "remedy"), landlock.REMEDIES.items())
def test_without_landlock_the_reason_and_its_remedy_are_said(why: str, remedy: str) -> None:
    probe = found(f"seccomp; {why}: files are not protected", "read the held-out data")
    notice = walls_notice(probe)
    assert notice is not None and notice.level == "warning"
    assert notice.text.startswith("isolation is netless: train.py cannot reach the network, but")
    assert notice.text.endswith(f"; {remedy}")
    assert probe.event().remedy == remedy
    with pytest.raises(IsolationError) as refused:
        probe.require("walled")
    assert f"; {remedy}, or set [isolation] require = 'netless'" in str(refused.value)


def test_sealed_walls_say_nothing_and_an_open_copy_of_the_tunes_is_said_plainly() -> None:
    sealed = found("landlock v7")
    assert walls_notice(sealed) is None
    assert sealed.event().remedy == ""
    leaking = found("landlock v7", corpus.ATTEMPT)
    assert leaking.trust == "examined-open"
    notice = walls_notice(leaking)
    assert notice is not None
    assert "music21 lies open to train.py, and the held-out tunes are in it" in notice.text
    assert "uninstall music21" in notice.text


def test_data_that_had_to_be_prepared_again_is_said() -> None:
    data = PreparedData(meta={}, notice="written here")
    plain = data_notice(data, ())
    again = data_notice(data, ["vault/val.bin was changed", "data/meta.json is missing"])
    assert plain is not None and plain.text == "written here"
    assert again is not None and again.text == (
        "vault/val.bin was changed, data/meta.json is missing since it was locked: prepared "
        "again, and as it was locked"
    )
    assert data_notice(PreparedData(meta={}), ()) is None


def test_another_system_than_linux_is_refused_in_words() -> None:
    needs_linux("linux")
    with pytest.raises(ArenaError, match=r"darwin has neither walls .* run the cockpit on Linux"):
        needs_linux("darwin")


ELSEWHERE = """
import sys
sys.path.append(sys.argv[1])
from pathlib import Path
from cockpit.arena.isolation import lower, training_policy
sys.platform = "darwin"
lowered = lower(training_policy(work=Path("/nowhere"), read=(), device="cpu"))
print("; ".join((lowered.words(), *lowered.notes)))
"""


def test_a_run_elsewhere_says_that_it_has_no_walls() -> None:
    told = subprocess.run(
        [sys.executable, "-I", "-c", ELSEWHERE, str(ROOT)], capture_output=True, text=True
    )
    words = told.stdout.strip()
    assert words == (
        "no walls; darwin has no walls this program can put up: process control only"
    ), told.stderr
    open_here = found(words, "read the held-out data")
    assert open_here.remedy == "use Linux, or a Linux container or virtual machine on this one"
