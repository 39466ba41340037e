"""Killed after any event, ended by a signal, started again: nothing lost, nothing twice, none left.

One workspace sails through all of it, so that each start finds what the last kill left.
"""

from __future__ import annotations

import re
import signal
import time
from collections import Counter

import pytest

from cockpit import events as ev
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.events import Entry
from tests.e2e.cabin import SMALL, SWEEP, Cabin, Line, copy, until

pytestmark = pytest.mark.e2e

RUN = ("run", *SWEEP, *SMALL, "--experiments", "1")
ORPHANED = 10.0
"""Seconds in which a run has to notice that its cockpit is gone, on a busy machine."""
PROMPT = 5.0
"""Seconds in which a cockpit that is told to end has to."""
AFTER = ("SessionStarted", "PhaseEntered", "TrialStarted", "Staged", "RunStarted", "RunFinished",
         "TrialJudged", "TrialSettled")  # fmt: skip
"""Events of the baseline to kill the cockpit after, in the order in which they come."""
LATER = ("TrialStarted", "Asked", "Proposed", "Staged", "RunStarted: dry run",
         "RunFinished: dry run", "RunStarted: scoring run", "TrialJudged")  # fmt: skip
"""The same of an experiment."""
REFUSED = ("ProposalRejected", "TrialSettled", "LessonLearned")
"""The same of a file that the gate turns back, which costs no run."""


@pytest.fixture(scope="module")
def ship(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Cabin:
    return copy(prepared, tmp_path_factory.mktemp("ship") / "ws")


def named(line: Line, name: str) -> bool:
    kind, _, role = name.partition(": ")
    return bool(line["event"] == kind and (not role or line["role"] == role))


def kill_after(ship: Cabin, name: str, command: tuple[str, ...], least: int) -> list[Line]:
    """Run until an event of a trial numbered `least` or more; kill; return what was printed.

    A kill comes some milliseconds after what was printed. Where the last one came so late that
    the baseline was over, the one that waits for its end takes what it gets.
    """

    def ripe(line: Line) -> bool:
        trial = line.get("trial", least)
        return (named(line, name) and trial >= least) or (least == 0 and trial > 0)

    with ship.start(*command) as underway:
        underway.wait_for(ripe)
        underway.end(signal.SIGKILL)
        return underway.events


def hold_against(ship: Cabin, before: list[Entry], printed: list[Line]) -> None:
    """Look at what must be so after any kill."""
    assert until(lambda: not ship.processes(), ORPHANED), ship.processes()
    journal = ship.journal
    assert [e.seq for e in journal] == list(range(len(journal)))
    assert journal[: len(before)] == before
    told = {line["seq"]: line["event"] for line in printed}
    kinds = {e.seq: type(e.event).__name__ for e in journal}
    assert told.items() <= kinds.items()
    for kind in (ev.TrialStarted, ev.TrialJudged, ev.TrialSettled, ev.TrialAbandoned):
        numbers = Counter(e.event.trial for e in journal if isinstance(e.event, kind))
        assert all(n == 1 for trial, n in numbers.items() if trial), (kind, numbers)
    assert sum(isinstance(e.event, ev.SessionStarted) for e in journal) == 1
    recovered(journal)
    board = Fold(journal).board
    if not any(row.state == "judged" for row in board.rows.values()):
        right_incumbent(ship, board)


def recovered(journal: list[Entry]) -> None:
    """Look at the moment each start began its own work: no trial was open any more."""
    fold = Fold()
    for entry in journal:
        if isinstance(entry.event, ev.SessionResumed):
            assert fold.board.open_trials == ()
        fold.apply(entry)


def right_incumbent(ship: Cabin, board: Board) -> None:
    """The branch, the archive and the tree all hold the file that the ledger calls the best."""
    if board.incumbent is None:
        return
    refs = f"refs/cockpit/{board.session_tag}"
    best = ship.git("show", f"{refs}/trials/{board.incumbent}:sandbox/train.py")
    assert ship.git("show", f"{board.branch}:sandbox/train.py") == best
    assert ship.train == best
    kept = [n for n, row in board.rows.items() if row.word in ("keep", "simpler") and n]
    base = ship.git("rev-parse", f"{refs}/base").strip()
    assert len(ship.git("rev-list", f"{base}..{board.branch}").split()) == len(kept)


@pytest.mark.parametrize("name", AFTER)
def test_a_kill_in_the_baseline_loses_nothing(ship: Cabin, name: str) -> None:
    before = ship.journal
    hold_against(ship, before, kill_after(ship, name, RUN, 0))


@pytest.mark.parametrize("name", LATER)
def test_a_kill_in_an_experiment_loses_nothing(ship: Cabin, name: str) -> None:
    before = ship.journal
    hold_against(ship, before, kill_after(ship, name, RUN, 1))


def test_what_was_judged_when_the_power_went_is_settled_at_the_next_start(ship: Cabin) -> None:
    judged = ship.board
    done = ship.run("run", *SWEEP, *SMALL, "--experiments", "0")
    assert done.code == 0, done.err
    hold_against(ship, [], done.events)
    board = ship.board
    assert board.open_trials == ()
    assert {n: r.word for n, r in board.rows.items()} == {n: r.word for n, r in judged.rows.items()}
    assert board.incumbent == judged.incumbent
    right_incumbent(ship, board)


@pytest.mark.parametrize("name", REFUSED)
def test_a_kill_in_a_trial_that_is_turned_back_loses_nothing(ship: Cabin, name: str) -> None:
    mine = ship.root.parent / "mine.py"
    mine.write_text(ship.train + "\ndef broken(:\n")
    before = ship.journal
    command = ("try", str(mine), "-m", "a slip", *SMALL, "--json")
    hold_against(ship, before, kill_after(ship, name, command, 1))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_at_once_and_is_recorded(ship: Cabin, number: signal.Signals) -> None:
    before = ship.journal
    with ship.start(*RUN) as underway:
        role = "scoring run" if number == signal.SIGTERM else "dry run"
        underway.wait_for(lambda e: named(e, f"RunStarted: {role}"))
        asked = time.monotonic()
        assert underway.end(number) == 0
        assert time.monotonic() - asked < PROMPT
    assert ship.processes() == []
    hold_against(ship, before, underway.events)
    last = [e.event for e in ship.journal][-1]
    assert last == ev.SessionEnded(reason=f"ended by {number.name}")
    abandoned = [e for e in underway.events if e["event"] == "TrialAbandoned"]
    assert [e["reason"] for e in abandoned][-1:] == [f"ended by {number.name}"]
    assert ship.board.open_trials == ()


def test_a_restart_goes_on_in_the_same_session(ship: Cabin) -> None:
    before = ship.board
    mine = ship.root.parent / "mine.py"
    mine.write_text(re.sub(r"(?m)^((MUON_)?LR) = \S+", r"\1 = 0.0", ship.train))
    done = ship.run("try", str(mine), "-m", "learn nothing", *SMALL, "--json")
    assert done.code == 0, done.err
    hold_against(ship, [], done.events)
    board = ship.board
    assert board.rows[board.next_number - 1].word == "discard"
    rows = (ship.root / "results.tsv").read_text().splitlines()
    assert len(rows) == 1 + sum(row.word is not None for row in board.rows.values())
    if before.incumbent is not None:  # else this is the only test that runs
        assert done.events[0]["seq"] == before.seq + 1
        assert "SessionStarted" not in {e["event"] for e in done.events}
        assert (board.session_tag, board.branch) == (before.session_tag, before.branch)
        assert board.next_number == before.next_number + 1
        assert board.values(0)[: len(before.values(0))] == before.values(0)
