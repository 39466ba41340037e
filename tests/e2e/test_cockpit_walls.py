"""A session on a kernel that holds less: said everywhere, refused where more is required."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from tests.e2e.cabin import SMALL, SWEEP, Cabin
from tests.e2e.conftest import Berth

pytestmark = pytest.mark.e2e

OFF = {"COCKPIT_ISOLATION_LANDLOCK": "0"}


def test_less_than_is_required_and_a_changed_lock_stop_the_session_with_a_remedy(
    prepared: Cabin, berth: Berth
) -> None:
    cabin = berth(prepared)
    done = cabin.run("run", *SWEEP, *SMALL, **OFF, COCKPIT_ISOLATION_REQUIRE="walled")
    assert done.code == 1
    assert done.err.strip().endswith(
        "isolation is netless, and walled is required; train.py could read the held-out data; "
        "remove landlock = 0 from [isolation], or set [isolation] require = 'netless'"
    )
    assert cabin.journal == []
    prepare = cabin.root / "sandbox" / "prepare.py"
    prepare.write_text(f"{prepare.read_text()}RESERVE = 0.0\n")
    done = cabin.run("run", *SWEEP, *SMALL)
    assert done.code == 1
    told = "sandbox/prepare.py was changed since it was locked; restore it: git -C "
    assert told in done.err
    command = done.err.partition("restore it: ")[2].partition(", or accept it")[0]
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    assert "RESERVE = 0.0" not in prepare.read_text()


def test_files_left_open_are_said_in_journal_status_and_doctor(
    prepared: Cabin, berth: Berth
) -> None:
    cabin = berth(prepared)
    done = cabin.run("run", *SWEEP, *SMALL, "--experiments", "0", **OFF)
    assert done.code == 0, done.err
    [level] = [e for e in done.events if e["event"] == "IsolationMeasured"]
    assert (level["level"], level["blocked"] < level["attempts"]) == ("netless", True)
    said = [e["text"] for e in done.events if e["event"] == "Noticed"]
    sentence = "isolation is netless: train.py cannot reach the network, but it can read files"
    assert any(text.startswith(sentence) for text in said)
    status = cabin.run("status").out
    assert "netless" in status
    assert "train.py can read the held-out data; see cockpit doctor" in status
    assert "values are examined-open" in status
    assert "it can read files; remove landlock = 0 from [isolation]" in " ".join(status.split())
    doctor = cabin.run("doctor", **OFF)
    assert "files are not protected" in doctor.out
    assert "-> remove landlock = 0 from [isolation]" in doctor.out
