"""What must be so after any kill, and after any start that follows one."""

from __future__ import annotations

from collections import Counter

from cockpit import events as ev
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.engine.settling import unlearnt
from cockpit.events import Entry
from tests.e2e.cabin import Cabin, Line, until
from tests.e2e.night import Human, look

ORPHANED = 10.0
"""Seconds in which a run has to notice that its cockpit is gone, on a busy machine."""
ONCE = (ev.TrialStarted, ev.TrialJudged, ev.TrialSettled, ev.TrialAbandoned, ev.LessonLearned)


def hold_against(
    ship: Cabin, human: Human, before: list[Entry], printed: list[Line] | None = None
) -> None:
    """Look at a workspace whose cockpit was killed: its processes, its journal, its git.

    Args:
        ship: the workspace.
        human: what was its human's before anything began.
        before: the journal before this start of the cockpit.
        printed: the events that it told before it was killed.
    """
    assert until(lambda: not ship.processes(), ORPHANED), ship.processes()
    journal = ship.journal
    assert [e.seq for e in journal] == list(range(len(journal)))
    assert journal[: len(before)] == before
    told = {line["seq"]: line["event"] for line in printed or ()}
    kinds = {e.seq: type(e.event).__name__ for e in journal}
    assert told.items() <= kinds.items()
    nothing_twice(journal)
    recovered(journal)
    board = Fold(journal).board
    if not any(row.state == "judged" for row in board.rows.values()):
        right_incumbent(ship, board)
    assert look(ship) == human


def nothing_twice(journal: list[Entry]) -> None:
    """Every trial begins and ends once, and no run has another's number; a baseline may begin."""
    for kind in ONCE:
        numbers = Counter(e.event.trial for e in journal if isinstance(e.event, kind))
        twice = {trial for trial, n in numbers.items() if n > 1}
        again = {0} if kind in (ev.TrialStarted, ev.TrialAbandoned) else set()
        assert twice <= again, (kind, numbers)
    for begun in (ev.RunStarted, ev.RunFinished):
        runs = Counter((e.event.trial, e.event.run) for e in journal if isinstance(e.event, begun))
        assert all(n == 1 for (trial, _), n in runs.items() if trial), (begun, runs)
    pairs = Counter(
        (e.event.verify, e.event.digest, e.event.pair)
        for e in journal
        if isinstance(e.event, ev.VerifyRan)
    )
    assert all(n == 1 for n in pairs.values()), pairs
    struck = Counter(e.event for e in journal if isinstance(e.event, ev.LessonStruck))
    assert all(n == 1 for n in struck.values()), struck
    assert sum(isinstance(e.event, ev.SessionStarted) for e in journal) == 1


def recovered(journal: list[Entry]) -> None:
    """Look at the moment each start began its own work: nothing was left to be done."""
    fold = Fold()
    for entry in journal:
        if isinstance(entry.event, ev.SessionResumed):
            assert fold.board.open_trials == ()
            assert unlearnt(fold.board) == ()
        fold.apply(entry)


def right_incumbent(ship: Cabin, board: Board) -> None:
    """The branch, the archive and the tree all hold the file that the ledger calls the best."""
    if board.incumbent is None:
        return
    refs = f"refs/cockpit/{board.session_tag}"
    best = ship.git("show", f"{refs}/trials/{board.incumbent}:sandbox/train.py")
    assert ship.git("show", f"{board.branch}:sandbox/train.py") == best
    assert ship.train == best
    trailer = "--format=%(trailers:key=Trial,valueonly,separator=%x2C)"
    span = f"{refs}/base..{board.branch}"
    keeps = [int(n) for n in ship.git("log", trailer, span).split()]
    kept = [n for n, row in board.rows.items() if row.word in ("keep", "simpler") and n]
    assert sorted(keeps) == sorted(kept)
