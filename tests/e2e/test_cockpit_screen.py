"""The full screen in a real terminal, and the engine without it."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from cockpit import events as ev
from tests.e2e.cabin import SMALL, SWEEP, Cabin, until
from tests.e2e.conftest import Berth
from tests.e2e.terminal import ALTERNATE, screen

pytestmark = pytest.mark.e2e

LEAVING = 15.0
"""Seconds in which the screen has to be gone, on a busy machine."""


def running(cabin: Cabin) -> list[ev.RunStarted]:
    """Return the runs of experiments and rehearsals that were begun."""
    return [e.event for e in cabin.journal if isinstance(e.event, ev.RunStarted) and e.event.trial]


def answers(cabin: Cabin) -> list[ev.Entry]:
    """Return what the engine acknowledged."""
    return [e for e in cabin.journal if isinstance(e.event, ev.RequestAcknowledged)]


def test_skip_is_heard_within_a_second_and_q_leaves_nothing_behind(
    berth: Berth, measured: Cabin
) -> None:
    cabin = berth(measured)
    with screen(cabin, COCKPIT_REVIEW_MODE="off") as terminal:
        assert until(lambda: running(cabin)), terminal.text[-2000:]
        (run,) = running(cabin)
        assert until(lambda: f"#{run.trial}" in terminal.text)
        pressed = terminal.press("sy")
        assert until(lambda: answers(cabin)), terminal.text[-2000:]
        answer = answers(cabin)[0]
        assert isinstance(answer.event, ev.RequestAcknowledged)
        assert (answer.event.request, answer.event.state) == ("skip", "pending")
        assert answer.at - pressed < 1.0
        assert until(lambda: cabin.board.rows[run.trial].state == "abandoned")
        assert until(lambda: len(running(cabin)) > 1)
        terminal.press("q")
        assert terminal.process.wait(LEAVING) == 0
        assert until(lambda: terminal.restored, LEAVING)
        assert "go on with: cockpit" in terminal.text
    assert cabin.processes() == []
    assert cabin.board.ended
    assert cabin.board.open_trials == ()


def test_a_fresh_workspace_shows_its_rehearsal_and_sigterm_restores_the_terminal(
    berth: Berth, prepared: Cabin
) -> None:
    cabin = berth(prepared)
    with screen(cabin) as terminal:
        assert until(lambda: "rehearsal" in terminal.text.lower()), terminal.text[-2000:]
        assert until(lambda: running(cabin)), terminal.text[-2000:]
        assert ALTERNATE in terminal.written
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(LEAVING) == 128 + signal.SIGTERM
        assert until(lambda: terminal.restored, LEAVING)
    assert until(lambda: not cabin.processes(), LEAVING), cabin.processes()
    assert cabin.board.ended == "ended by SIGTERM"


def test_the_engine_needs_no_screen(berth: Berth, measured: Cabin, tmp_path: Path) -> None:
    """A copy of the package without cockpit/tui runs, looks and judges; Textual is not imported."""
    repo, bare = Path(measured.env["PYTHONPATH"]), tmp_path / "bare"
    for name in ("cockpit", "sandbox", "themes"):
        ignored = shutil.ignore_patterns("tui", "__pycache__")
        shutil.copytree(repo / name, bare / name, ignore=ignored)
    for name in ("program.md", "learnings.md", "cockpit.toml"):
        shutil.copy(repo / name, bare / name)
    cabin = berth(measured)
    alone = {"PYTHONPATH": str(bare), "PYTHONPROFILEIMPORTTIME": "1"}
    for command in (
        ("run", *SWEEP, *SMALL, "--experiments", "0"),
        ("status", "--json"),
        ("ledger",),
        ("show", "0"),
    ):
        done = cabin.run(*command, **alone)
        assert done.code == 0, done.err[-2000:]
        assert "cockpit.cli" in done.err
        assert "textual" not in done.err
    assert cabin.board.incumbent == 0
