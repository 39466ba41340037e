"""One cockpit per workspace, and no lock that outlives its holder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.errors import WorkspaceError
from cockpit.lock import WorkspaceLock, holder

HOLD = (
    "import sys, pathlib; from cockpit.lock import WorkspaceLock;"
    "lock = WorkspaceLock(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
)


def test_a_second_cockpit_is_told_who_is_there(tmp_path: Path) -> None:
    with WorkspaceLock(tmp_path):
        with pytest.raises(WorkspaceError, match=rf"process {os.getpid()}\).*cockpit status"):
            WorkspaceLock(tmp_path)
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None
    WorkspaceLock(tmp_path).release()


def test_the_holder_dies_and_the_next_one_starts(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert holder(tmp_path) == other.pid
        with pytest.raises(WorkspaceError, match=f"process {other.pid}"):
            WorkspaceLock(tmp_path)
        other.kill()
    assert (tmp_path / ".cockpit" / "lock").read_text() == f"{other.pid}\n"
    assert holder(tmp_path) is None
    WorkspaceLock(tmp_path).release()


def test_a_pid_that_is_somebody_elses_by_now_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / ".cockpit").mkdir()
    (tmp_path / ".cockpit" / "lock").write_text(f"{os.getpid()}\n")
    assert holder(tmp_path) is None
    with WorkspaceLock(tmp_path):
        assert holder(tmp_path) == os.getpid()


def test_a_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    with WorkspaceLock(tmp_path):
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"],
            stdin=subprocess.PIPE,
            close_fds=False,
        )
    with child:
        WorkspaceLock(tmp_path).release()


def test_nobody_is_there_before_the_first_start(tmp_path: Path) -> None:
    assert holder(tmp_path) is None


def test_a_folder_that_cannot_hold_a_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / ".cockpit").touch()
    with pytest.raises(WorkspaceError, match="lock cannot be opened"):
        WorkspaceLock(tmp_path)
