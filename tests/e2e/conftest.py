"""Workspaces that the tests of the whole cockpit start from; each is made once a run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from cockpit.workspace import GitWorkspace
from tests.e2e.cabin import SMALL, SWEEP, Cabin, copy, surroundings
from tests.e2e.night import Night, make_night
from tests.e2e.talk import Talk, make_talk
from tests.workspaces import BASELINE, Repository, isolate

Berth = Callable[[Cabin], Cabin]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Cabin:
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
def voyages(
    request: pytest.FixtureRequest, made: Cabin, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Any]]]:
    """The two longest sessions, one after the other, on one core beside the tests of the rest."""
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    folder = tmp_path_factory.mktemp("voyages")
    with ThreadPoolExecutor(1) as pool:
        yield {
            name: pool.submit(make, made, folder / name)
            for name, make in {"night": make_night, "talk": make_talk}.items()
            if name in asked
        }
        pool.shutdown(wait=False, cancel_futures=True)
        for process in psutil.process_iter():
            if Cabin(folder, made.env).owns(process):
                process.kill()


@pytest.fixture(scope="session")
def prepared(made: Cabin, voyages: object) -> Cabin:
    """A fresh workspace; by the time that a test has it, the voyages have begun."""
    return made


@pytest.fixture(scope="session")
def night(voyages: Mapping[str, Future[Night]]) -> Night:
    """A session of the sweep in a human's repository."""
    return voyages["night"].result()


@pytest.fixture(scope="session")
def talk(voyages: Mapping[str, Future[Talk]]) -> Talk:
    """A session with a real model."""
    return voyages["talk"].result()


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
