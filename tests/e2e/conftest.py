"""Workspaces that the tests of the whole cockpit start from; each is made once a run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.cabin import SMALL, SWEEP, Cabin, copy, surroundings

Berth = Callable[[Cabin], Cabin]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Cabin:
    """A fresh workspace with data, made as a user without a network makes it."""
    if sys.platform != "linux" or shutil.which("git") is None:
        pytest.skip("starts wardens that need /proc, and git")
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "home").mkdir()
    cabin = Cabin(folder, surroundings(folder / "home"))
    done = cabin.run("init", "ws")
    assert done.code == 0, done.err
    return Cabin(folder / "ws", cabin.env)


@pytest.fixture(scope="session")
def measured(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Cabin:
    """A workspace whose session has its baseline and nothing else."""
    cabin = copy(prepared, tmp_path_factory.mktemp("measured") / "ws")
    done = cabin.run("run", *SWEEP, *SMALL, "--experiments", "0")
    assert done.code == 0, done.err
    assert cabin.board.incumbent == 0
    return cabin


@pytest.fixture
def berth(tmp_path: Path) -> Berth:
    """Copy a workspace for one test."""
    return lambda made: copy(made, tmp_path / "ws")
