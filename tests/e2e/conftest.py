"""Workspaces that the tests of the whole cockpit start from; each is made once a worker."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.workspace import GitWorkspace
from tests.e2e.cabin import SMALL, SWEEP, Cabin, copy, surroundings
from tests.workspaces import BASELINE, Repository, isolate

Berth = Callable[[Cabin], Cabin]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Cabin:
    """A fresh workspace with data, made as a user without a network makes it."""
    if sys.platform != "linux":
        pytest.skip("wardens need /proc, which Linux alone has; see README, Not verified")
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


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A human's repository with one commit."""
    isolate(monkeypatch, tmp_path / "home")
    return Repository.committed(tmp_path / "human")


@pytest.fixture
def workspace(repository: Repository) -> GitWorkspace:
    """That repository with a session open on its train.py."""
    workspace = GitWorkspace(repository.root)
    workspace.open_session("nov23", BASELINE)
    return workspace
