"""The journal of a start: short ones are read at once, long ones in pieces; damage is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cockpit.cli import recall
from cockpit.cli.recall import Recall
from cockpit.engine.control import Control
from cockpit.engine.desk import Opening, Plan
from cockpit.engine.fold import Fold
from cockpit.engine.session import Session
from cockpit.errors import CockpitError, LedgerError
from cockpit.events import Entry
from cockpit.ledgers.memory import MemoryLedger
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.ports import Watch
from tests.tui.replay import Night


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "SHORT", 20)
    monkeypatch.setattr(recall, "PIECE", 7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def journal(path: Path, trials: int) -> list[Entry]:
    entries = list(Night(seq=-1).night(trials))
    with SqliteLedger(path) as ledger:
        for entry in entries:
            ledger.append(entry)
    return entries


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    journal(path, 5)
    with SqliteLedger(path, read_only=True) as ledger:
        yield ledger


def test_a_long_journal_is_told_in_pieces_and_folds_as_if_read_at_once(
    path: Path, ledger: SqliteLedger
) -> None:
    pieces: list[list[Entry]] = []
    shares: list[float] = []

    def tell(piece: Sequence[Entry], share: float) -> None:
        pieces.append(list(piece))
        shares.append(share)

    past = Recall(ledger, tell)
    assert past.waiting and past.entries == [] and pieces == []
    gone_through = list(past)
    assert gone_through == list(ledger.read()) == [e for piece in pieces for e in piece]
    assert shares == sorted(shares) and shares[-1] == 1.0 and shares[-2] < 1.0
    assert Fold(past).board == Fold(gone_through).board and len(pieces[0]) == 7
    assert list(past) == gone_through and shares.count(1.0) == 1  # it is read once


def test_a_short_journal_or_one_that_nobody_hears_of_is_read_at_once(
    tmp_path: Path, ledger: SqliteLedger
) -> None:
    journal(tmp_path / "short.db", 1)
    told: list[float] = []
    with SqliteLedger(tmp_path / "short.db", read_only=True) as short:
        past = Recall(short, lambda _, share: told.append(share))
        assert not past.waiting and len(past.entries) == short.last() + 1 and told == []
    assert not Recall(ledger).waiting
    assert Recall(None, lambda _, share: told.append(share)).entries == []


def test_damage_is_named_after_what_came_before_it_was_told(path: Path) -> None:
    entries = journal(path, 5)
    connection = sqlite3.connect(path)
    connection.executescript("DROP TRIGGER entries_stay;")
    connection.execute("UPDATE entries SET body = '{}' WHERE seq = 30")
    connection.commit()
    connection.close()
    told: list[Entry] = []
    with SqliteLedger(path, read_only=True) as ledger:
        past = Recall(ledger, lambda piece, _: told.extend(piece))
        with pytest.raises(LedgerError, match=r"entry 30 of .* is damaged"):
            list(past)
    assert told == entries[:28] and past.waiting


def session(control: Control, past: Recall, prepared: list[int]) -> Session:
    def prepare(watch: Watch) -> Opening:
        prepared.append(len(past.entries))
        raise CockpitError("far enough", "")

    return Session(
        prepare=prepare,
        plan=Plan(),
        workspace=None,  # type: ignore[arg-type]
        judge=None,  # type: ignore[arg-type]
        ledger=MemoryLedger(),
        scribe=None,  # type: ignore[arg-type]
        clock=None,  # type: ignore[arg-type]
        control=control,
        listeners=[],
        past=past,
    )


def test_the_engine_begins_when_all_was_read_and_those_who_go_on_from_it_know(
    ledger: SqliteLedger,
) -> None:
    known: list[int] = []
    prepared: list[int] = []
    past = Recall(ledger, lambda *_: None, then=lambda entries: known.append(len(entries)))
    engine = session(Control(), past, prepared)
    engine.start()
    assert engine.join(10)
    assert known == prepared == [ledger.last() + 1]


def test_who_leaves_while_it_is_read_is_not_kept_waiting(ledger: SqliteLedger) -> None:
    control, prepared = Control(), list[int]()
    past = Recall(ledger, lambda *_: control.stop(), halted=lambda: control.stopping)
    engine = session(control, past, prepared)
    engine.start()
    assert engine.join(10)
    assert prepared == [] and len(past.entries) == 7
    assert engine.outcome is not None and engine.outcome.error is None
    assert engine.outcome.reason == "stopped by the human"
