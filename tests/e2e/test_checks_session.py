"""The checks of the screen that need a terminal and an engine at work, each named by its number."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cockpit import events as ev
from cockpit.engine.rows import Row, RunRow
from cockpit.trial import Stopped, TimedOut
from tests.e2e.cabin import BUDGET, Cabin, copy, until
from tests.e2e.terminal import Terminal, screen, terminal

pytestmark = pytest.mark.e2e

LEAVING = 15.0
"""Seconds in which the screen has to be gone, on a busy machine."""
FROZEN = 90.0
"""Seconds that the cockpit stands still at most; launch and run take a few."""
SUBMIT = "    prepare.submit(model)\n"
STUBBORN = """    while prepare.progress() > 0.7:
        step += 1
"""
"""Before the hand-over: it never comes where the time is used up, as it is not in a dry run."""


def begun(cabin: Cabin) -> list[ev.RunStarted]:
    """Return the runs of experiments and rehearsals that were begun."""
    return [e.event for e in cabin.journal if isinstance(e.event, ev.RunStarted) and e.event.trial]


def runs(cabin: Cabin) -> list[ev.RunStarted]:
    """Return the runs that train for the budget, after the baseline's."""
    return [run for run in begun(cabin) if run.role != "dry run"]


def warden_at(cabin: Cabin, run: ev.RunStarted) -> Path:
    """Return the record that the warden of a run writes."""
    tag = cabin.board.session_tag
    return cabin.root / ".cockpit" / "runs" / tag / f"{run.trial}-{run.run}" / "warden.json"


def ending(cabin: Cabin, run: ev.RunStarted) -> dict[str, Any]:
    """Return how a run ended, as its warden wrote it down; empty while it has not."""
    found: dict[str, Any] = json.loads(warden_at(cabin, run).read_text())["ended"] or {}
    return found


@dataclass(frozen=True)
class Watch:
    """A session on screen that has a stubborn candidate behind it, and goes on."""

    cabin: Cabin
    terminal: Terminal
    stubborn: ev.RunStarted
    frozen: dict[str, Any]


@pytest.fixture(scope="module")
def watch(measured: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """Train a file that will not end while the whole cockpit stands still."""
    cabin = copy(measured, tmp_path_factory.mktemp("watch") / "ws")
    assert SUBMIT in cabin.train
    text = cabin.train.replace(SUBMIT, STUBBORN + SUBMIT)
    (cabin.root / "sandbox/train.py").write_text(text)
    with screen(cabin, "--no-mouse", COCKPIT_REVIEW_MODE="off") as at:
        assert until(lambda: runs(cabin)), at.text[-2000:]
        first = runs(cabin)[0]
        assert until(warden_at(cabin, first).exists), at.text[-2000:]
        at.process.send_signal(signal.SIGSTOP)
        until(lambda: ending(cabin, first), FROZEN)
        frozen = ending(cabin, first)
        at.process.send_signal(signal.SIGCONT)
        assert until(lambda: cabin.board.rows[first.trial].word), at.text[-2000:]
        yield Watch(cabin, at, first, frozen)


def test_check_13_a_run_that_will_not_end_is_ended_while_the_cockpit_stands_still(
    watch: Watch,
) -> None:
    assert watch.frozen["reason"] == "deadline" and watch.frozen["signal"] == signal.SIGKILL
    assert watch.frozen["survivors"] == 0
    assert BUDGET <= watch.frozen["seconds"] <= BUDGET + 1
    row = watch.cabin.board.rows[watch.stubborn.trial]
    (result,) = (run.result for run in row.runs if run.run == watch.stubborn.run)
    assert isinstance(result, TimedOut)
    assert BUDGET - 1 <= result.usage.train <= BUDGET + 1
    assert row.word == "discard" and "handed nothing over" in row.reason


def test_check_17_a_second_one_is_refused_with_the_first_ones_pid(watch: Watch) -> None:
    with screen(watch.cabin) as second:
        assert second.process.wait(60) == 1
        assert until(lambda: str(watch.terminal.process.pid) in second.text), second.text
        assert b"\x1b" not in second.written
    with terminal(watch.cabin, "--read-only") as looking:
        assert until(lambda: newest_of(looking, watch.cabin)), looking.paper.text
        assert until(lambda: "q quit" in looking.paper.lines[-1]), looking.paper.text
        assert "s skip" not in looking.paper.text
        looking.press("q")
        assert looking.process.wait(LEAVING) == 0
    assert watch.terminal.process.poll() is None


def test_check_18_who_attaches_after_a_run_sees_it_without_a_key(watch: Watch) -> None:
    at = watch.terminal
    at.resize(132, 43)  # as a terminal of another size that is attached
    assert until(lambda: newest_of(at, watch.cabin)), at.paper.text
    assert until(lambda: "5 Ledger" in at.paper.text and "q quit" in at.paper.lines[-1])


def newest_of(at: Terminal, cabin: Cabin) -> bool:
    """Say whether the newest trial that has a verdict stands in the ledger with it."""
    number, word = [(row.number, row.word) for row in cabin.board.rows.values() if row.word][-1]
    return any(x[1:].split()[:1] == [str(number)] and word in x for x in at.paper.lines)


def test_check_14_q_in_a_run_leaves_nothing_behind_and_skip_is_heard_before(watch: Watch) -> None:
    """That skip asks first is in tests/tui/test_checks_deeds.py."""
    cabin, at = watch.cabin, watch.terminal
    assert until(lambda: cabin.board.open_trial), at.text[-2000:]
    trial = cabin.board.open_trial
    assert trial is not None
    assert until(lambda: f"4 Run · #{trial.number}" in at.paper.text), at.paper.text
    at.press("sy")
    assert until(lambda: cabin.board.rows[trial.number].state == "abandoned"), at.paper.text
    asked, gone = (
        next(e.seq for e in cabin.journal if isinstance(e.event, kind))
        for kind in (ev.RequestAcknowledged, ev.TrialAbandoned)
    )
    assert asked < gone
    assert all(run.result is None or isinstance(run.result, Stopped) for run in left(cabin, trial))
    known = len(begun(cabin))
    assert until(lambda: len(begun(cabin)) > known), at.paper.text
    at.press("q")
    assert at.process.wait(LEAVING) == 0
    assert until(lambda: at.restored, LEAVING)
    assert "go on with: cockpit" in at.text
    assert cabin.processes() == []
    assert cabin.board.ended and cabin.board.open_trials == ()


def left(cabin: Cabin, trial: Row) -> list[RunRow]:
    """Return the last run of a trial, if it had one."""
    return list(cabin.board.rows[trial.number].runs[-1:])


# --- killed, hung up, terminated ------------------------------------------------------------------


@dataclass(frozen=True)
class Relaunch:
    """A workspace whose first cockpit was killed in its first run, and the second one on it."""

    cabin: Cabin
    trial: int
    left: list[str]
    terminal: Terminal


@pytest.fixture(scope="module")
def relaunch(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relaunch]:
    """Kill the cockpit of a fresh workspace in the rehearsal, and start it again."""
    cabin = copy(prepared, tmp_path_factory.mktemp("relaunch") / "ws")
    with screen(cabin) as first:
        assert until(lambda: "rehearsal" in first.paper.text.lower()), first.paper.text
        assert until(lambda: begun(cabin)), first.text[-2000:]
        first.process.kill()
        first.process.wait(LEAVING)
    trial = begun(cabin)[0].trial
    until(lambda: not cabin.processes(), LEAVING)
    left = cabin.processes()
    with screen(cabin) as second:
        assert until(lambda: len(begun(cabin)) > 1), second.text[-2000:]
        yield Relaunch(cabin, trial, left, second)


def test_check_16_a_restart_after_a_kill_goes_on_and_says_what_it_left(relaunch: Relaunch) -> None:
    cabin, at = relaunch.cabin, relaunch.terminal
    assert relaunch.left == [], "a run does not outlive its cockpit"
    journal = cabin.journal
    assert [entry.seq for entry in journal] == list(range(len(journal))), "no half line"
    gone = [e.event for e in journal if isinstance(e.event, ev.TrialAbandoned)]
    assert [(e.trial, e.reason) for e in gone] == [(relaunch.trial, "interrupted")]
    assert until(lambda: "○ abandoned" in at.paper.text), at.paper.text
    assert cabin.git("status", "--porcelain", "sandbox/train.py") == "", "the file is as it was"


def test_check_15_a_lost_terminal_costs_nothing_and_sigterm_ends_it_all(relaunch: Relaunch) -> None:
    cabin, at = relaunch.cabin, relaunch.terminal
    at.process.send_signal(signal.SIGHUP)
    assert until(lambda: at.restored, LEAVING)
    assert modes_left_on(at) == []
    known = len(cabin.journal)
    assert until(lambda: len(cabin.journal) > known), "the session goes on without a screen"
    assert at.process.poll() is None
    with terminal(cabin, "--read-only") as looking:
        assert until(lambda: "5 Ledger" in looking.paper.text)
        looking.process.send_signal(signal.SIGTERM)
        assert looking.process.wait(LEAVING) == 128 + signal.SIGTERM
        assert until(lambda: looking.restored, LEAVING)
        assert modes_left_on(looking) == []
    at.process.send_signal(signal.SIGTERM)
    at.process.wait(LEAVING)
    assert until(lambda: not cabin.processes(), LEAVING), cabin.processes()


def modes_left_on(at: Terminal) -> list[bytes]:
    """Return the modes that were set last: alternate screen, mouse, paste, focus, hidden cursor."""
    on = [m for m in (b"1049", b"1000", b"1003", b"1006", b"2004", b"1004") if last(at, m) == b"h"]
    return [*on, *([b"25"] if last(at, b"25") == b"l" else [])]


def last(at: Terminal, mode: bytes) -> bytes:
    """Return the last letter that a private mode was changed with."""
    found = re.findall(rb"\x1b\[\?" + mode + rb"([hl])", at.written)
    return found[-1] if found else b""
