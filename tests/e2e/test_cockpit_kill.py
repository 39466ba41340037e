"""Killed after any event, ended by a signal, started again: nothing lost, nothing twice, none left.

One workspace sails through all of it, so that each start finds what the last kill left.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import get_args

import pytest

from cockpit import events as ev
from tests.e2e.cabin import Cabin, copy
from tests.e2e.kills import (
    ATTENDED,
    BASELINE,
    EXPERIMENT,
    FOREIGN,
    KILLS,
    LOOK,
    LOOKING,
    REFUSED,
    RUN,
    STILL,
    VERIFYING,
    Kill,
    foreign_table,
    kill_after,
    kill_quiet_after,
    kill_screen_after,
    named,
)
from tests.e2e.night import Human, look, settle_in
from tests.e2e.wreck import hold_against, right_incumbent

pytestmark = pytest.mark.e2e

PROMPT = 5.0
"""Seconds in which a cockpit that is told to end has to."""


@dataclass(frozen=True)
class Ship:
    """The workspace, and what is its human's in it."""

    cabin: Cabin
    human: Human


@pytest.fixture(scope="module")
def ship(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Ship:
    cabin = copy(prepared, tmp_path_factory.mktemp("ship") / "ws")
    settle_in(cabin)
    return Ship(cabin, look(cabin))


def test_a_kill_after_every_kind_of_event_is_among_these() -> None:
    assert {kill.kind for kill in KILLS} == {kind.__name__ for kind in get_args(ev.Event)}


def survive(ship: Ship, kill: Kill) -> None:
    """Kill, and look at what is left."""
    kill.first(ship.cabin)
    before = ship.cabin.journal
    if kill in VERIFYING:
        kill_quiet_after(ship.cabin, kill)
        hold_against(ship.cabin, ship.human, before)
    elif kill.command:
        hold_against(ship.cabin, ship.human, before, kill_after(ship.cabin, kill))
    else:
        kill_screen_after(ship.cabin, kill)
        hold_against(ship.cabin, ship.human, before)


@pytest.mark.parametrize("kill", BASELINE, ids=lambda kill: kill.after)
def test_a_kill_in_the_baseline_loses_nothing(ship: Ship, kill: Kill) -> None:
    survive(ship, kill)


@pytest.mark.parametrize("kill", EXPERIMENT, ids=lambda kill: kill.after)
def test_a_kill_in_an_experiment_loses_nothing(ship: Ship, kill: Kill) -> None:
    survive(ship, kill)


@pytest.mark.parametrize("kill", REFUSED, ids=lambda kill: kill.after)
def test_a_kill_in_a_trial_that_is_turned_back_loses_nothing(ship: Ship, kill: Kill) -> None:
    survive(ship, kill)


def test_a_keep_that_was_judged_when_the_power_went_is_settled_at_the_next_start(
    ship: Ship,
) -> None:
    """Its process is real but for the runner, which is a formula: a keep takes many runs."""
    cabin = ship.cabin
    before = cabin.journal
    with cabin.start("LR=0.003", module="tests.e2e.simulated") as underway:
        underway.wait_for(lambda line: named(line, "TrialJudged"))
        underway.end(signal.SIGKILL)
    hold_against(cabin, ship.human, before, underway.events)
    judged = cabin.board
    number = underway.events[-1]["trial"]
    assert judged.incumbent == number > 0
    before = cabin.journal
    done = cabin.run(*LOOK)
    assert done.code == 0, done.err
    hold_against(cabin, ship.human, before, done.events)
    board = cabin.board
    assert {n: r.word for n, r in board.rows.items()} == {n: r.word for n, r in judged.rows.items()}
    assert board.rows[number].state == "settled"
    assert board.incumbent == number
    right_incumbent(cabin, board)


@pytest.mark.parametrize("kill", LOOKING, ids=lambda kill: kill.after)
def test_a_kill_in_what_is_said_between_trials_loses_nothing(ship: Ship, kill: Kill) -> None:
    survive(ship, kill)
    table = ship.cabin.root / "results.tsv"
    if kill.first is foreign_table:
        assert table.read_text() == FOREIGN
        table.unlink()


@pytest.mark.parametrize("kill", ATTENDED, ids=lambda kill: kill.after)
def test_a_kill_of_the_screen_loses_nothing(ship: Ship, kill: Kill) -> None:
    survive(ship, kill)


@pytest.mark.parametrize("kill", VERIFYING, ids=lambda kill: kill.after)
def test_a_kill_of_a_verification_loses_no_run(ship: Ship, kill: Kill) -> None:
    survive(ship, kill)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_at_once_and_is_recorded(ship: Ship, number: signal.Signals) -> None:
    cabin = ship.cabin
    before = cabin.journal
    with cabin.start(*RUN) as underway:
        role = "scoring run" if number == signal.SIGTERM else "dry run"
        underway.wait_for(lambda e: named(e, f"RunStarted: {role}"))
        asked = time.monotonic()
        assert underway.end(number) == 0
        assert time.monotonic() - asked < PROMPT
    assert cabin.processes() == []
    hold_against(cabin, ship.human, before, underway.events)
    last = [e.event for e in cabin.journal][-1]
    assert last == ev.SessionEnded(reason=f"ended by {number.name}")
    abandoned = [e for e in underway.events if e["event"] == "TrialAbandoned"]
    assert [e["reason"] for e in abandoned][-1:] == [f"ended by {number.name}"]
    assert cabin.board.open_trials == ()


def test_a_restart_goes_on_in_the_same_session(ship: Ship) -> None:
    cabin = ship.cabin
    before, past = cabin.board, cabin.journal
    words = Kill("", tries=STILL).words(cabin)
    done = cabin.run(*words)
    assert done.code == 0, done.err
    hold_against(cabin, ship.human, past, done.events)
    board = cabin.board
    last = board.rows[board.next_number - 1]
    assert (last.word, last.scored) == ("discard", True)
    rows = (cabin.root / "results.tsv").read_text().splitlines()
    assert len(rows) == 1 + sum(row.word is not None for row in board.rows.values())
    if before.incumbent is not None:  # else this is the only test that runs
        assert done.events[0]["seq"] == before.seq + 1
        assert "SessionStarted" not in {e["event"] for e in done.events}
        assert (board.session_tag, board.branch) == (before.session_tag, before.branch)
        assert board.next_number == before.next_number + 1
        assert board.values(0)[: len(before.values(0))] == before.values(0)
