"""`cockpit calibrate` as a user runs it: every known cheat through the real arena, none kept."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cockpit.arena import landlock
from cockpit.arena.footing import Footing
from cockpit.arena.runner import ProcessRunner
from cockpit.cli.calibrate.cheats import honest, read_cheats
from cockpit.cli.calibrate.checks import cheat_finding
from cockpit.cli.calibrate.command import opening_of
from cockpit.cli.calibrate.scratch import open_scratch
from cockpit.cli.calibrate.trials import Trials, Unhurried
from cockpit.config import load
from cockpit.engine.control import Control
from cockpit.gpu import Arbiter
from cockpit.lock import WorkspaceLock
from tests.e2e.cabin import Cabin, Done, copy, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        sys.platform != "linux" or landlock.version() < 1, reason="needs a kernel with Landlock"
    ),
]
CHEATS = {cheat.name: cheat for cheat in read_cheats()}
SHORT = ("--budget", "4", "--threads", "1")
SANDBOX = ("the same file twice", "half the budget", "an untrained model")
Finding = dict[str, Any]


@dataclass(frozen=True)
class Calibrated:
    """How the command ended, what it said of each check, and what it changed or left behind."""

    done: Done
    findings: dict[str, Finding]
    changed: dict[str, bytes]
    left: list[str]


@pytest.fixture(scope="module")
def calibrated(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    cabin = copy(prepared, tmp_path_factory.mktemp("calibrated") / "ws")
    scratch = tmp_path_factory.mktemp("scratch")
    before = files(cabin)
    done = cabin.run("calibrate", "--json", *SHORT, TMPDIR=str(scratch))
    found = {line["name"]: line for line in done.events}
    changed = dict(files(cabin).items() ^ before.items())
    return Calibrated(done, found, changed, left(scratch, cabin))


def files(cabin: Cabin) -> dict[str, bytes]:
    lock = cabin.root / ".cockpit" / "lock"
    paths = (path for path in cabin.root.rglob("*") if path.is_file() and path != lock)
    return {path.relative_to(cabin.root).as_posix(): path.read_bytes() for path in paths}


def left(scratch: Path, cabin: Cabin) -> list[str]:
    """Return files and processes that are still there."""
    return [*map(str, scratch.iterdir()), *Cabin(scratch, cabin.env).processes()]


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_ends_as_it_says_and_is_no_keep(calibrated: Calibrated, name: str) -> None:
    found, cheat = calibrated.findings[name], CHEATS[name]
    assert found["amiss"] == "", found
    assert (found["word"], cheat.says in found["reason"]) == (cheat.word, True)


@pytest.mark.parametrize("name", SANDBOX)
def test_the_sandbox_measures_what_it_should(calibrated: Calibrated, name: str) -> None:
    found = calibrated.findings[name]
    assert (found["kind"], found["amiss"]) == ("sandbox", ""), found


def test_all_of_it_was_tried_and_nothing_was_touched(calibrated: Calibrated) -> None:
    assert calibrated.done.code == 0, calibrated.done.err
    assert list(calibrated.findings) == ["isolation", *SANDBOX, *CHEATS]
    assert calibrated.findings["isolation"]["amiss"] == ""
    assert calibrated.changed == {}
    assert calibrated.left == []


def test_without_walls_the_attacks_get_through_and_the_command_says_so(prepared: Cabin) -> None:
    control, settings = Control(), load(prepared.root, {("sandbox", "threads"): 1})
    with open_scratch(prepared.root) as scratch:
        opening = opening_of(scratch, settings, control)
        assert isinstance(opening.runner, Arbiter)
        assert isinstance(opening.runner.runner, ProcessRunner)
        bare = replace(opening.runner.runner, walls=False, footing=Footing())
        opening = replace(opening, runner=Unhurried(runner=bare))
        trials = Trials(opening=opening, budget=3.0, text=honest(), control=control).measured()
        for number, name in enumerate(("write_prepare", "write_ledger"), start=1):
            found = cheat_finding(number, CHEATS[name], trials, scratch)
            assert "it changed " in found.amiss, found


def test_ended_half_way_it_says_so_and_leaves_nothing(
    prepared: Cabin, berth: Callable[[Cabin], Cabin], tmp_path: Path
) -> None:
    cabin, scratch = berth(prepared), tmp_path / "scratch"
    scratch.mkdir()
    with cabin.start("calibrate", "--json", *SHORT, TMPDIR=str(scratch)) as underway:
        assert until(lambda: list(scratch.glob("*/.cockpit/runs/*/0-1")))
        assert underway.end(signal.SIGTERM) == 1
    assert left(scratch, cabin) == []


def test_what_cannot_be_calibrated_is_refused_in_a_sentence(
    prepared: Cabin, berth: Callable[[Cabin], Cabin]
) -> None:
    cabin = berth(prepared)
    short = cabin.run("calibrate", "--budget", "2")
    assert (short.code, "--budget 2 is too short" in short.err) == (2, True)
    with WorkspaceLock(cabin.root):
        beside = cabin.run("calibrate")
    assert (beside.code, "another cockpit" in beside.err) == (1, True)
    (cabin.root / ".cockpit/data/train.bin").unlink()
    bare = cabin.run("calibrate")
    assert (bare.code, "is not prepared; run: cockpit init" in bare.err) == (1, True)
