"""What every ledger promises, whichever class keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.errors import LedgerError
from cockpit.events import Entry, Event, Noticed, RunFinished, TrialJudged, TrialStarted
from cockpit.ledgers.memory import MemoryLedger
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.ports import Ledger
from cockpit.trial import Completed, Reading, Usage, Verdict


def entry(seq: int, event: Event | None = None) -> Entry:
    return Entry(
        seq=seq,
        at=1_700_000_000.123456 + seq,
        session="mar8",
        slot=0,
        event=event or TrialStarted(trial=seq, kind="experiment", lane="sweep", against=0),
    )


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    with SqliteLedger(tmp_path / "ledger.db") as durable:
        yield durable


class TestLedger:
    def test_gives_back_what_was_recorded_in_order(self, ledger: Ledger) -> None:
        entries = [entry(seq) for seq in range(5)]
        for each in entries:
            ledger.append(each)
        assert list(ledger.read()) == entries
        assert list(ledger.read(after=2)) == entries[3:]
        assert list(ledger.read(after=99)) == []

    def test_an_empty_one_has_nothing_to_read(self, ledger: Ledger) -> None:
        assert list(ledger.read()) == []

    def test_missing_values_stay_missing(self, ledger: Ledger) -> None:
        verdict = Verdict(word="crash", reason="it ran out of memory")
        ledger.append(entry(0, TrialJudged(trial=3, verdict=verdict)))
        (back,) = ledger.read()
        assert isinstance(back.event, TrialJudged)
        assert back.event.verdict.value is None

    @pytest.mark.parametrize("seq", [0, 2, -1, 7])
    def test_refuses_an_entry_that_is_not_the_next(self, ledger: Ledger, seq: int) -> None:
        ledger.append(entry(0))
        with pytest.raises(LedgerError, match=f"entry {seq} cannot follow entry 0"):
            ledger.append(entry(seq))
        ledger.append(entry(1))
        assert [each.seq for each in ledger.read()] == [0, 1]

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_refuses_a_value_that_is_no_number(self, ledger: Ledger, value: float) -> None:
        result = Completed(
            readings=(Reading(metric="val_bpb", split="val", value=value),), usage=Usage()
        )
        finished = RunFinished(trial=1, run=1, role="scoring run", of=1, seed=1, result=result)
        with pytest.raises(LedgerError, match="not a finite number"):
            ledger.append(entry(0, finished))
        ledger.append(entry(0))
        assert len(list(ledger.read())) == 1

    def test_what_is_appended_while_reading_is_read_too(self, ledger: Ledger) -> None:
        ledger.append(entry(0))
        reader = ledger.read()
        assert next(reader).seq == 0
        ledger.append(entry(1))
        assert [each.seq for each in ledger.read(after=0)] == [1]

    def test_text_survives_whatever_a_log_held(self, ledger: Ledger) -> None:
        text = "caf\u00e9 \u03c3 \ud800 \x00 \x1b[31m\n\t\U0001f3b5"
        ledger.append(entry(0, Noticed(level="info", topic="log", text=text)))
        (back,) = ledger.read()
        assert isinstance(back.event, Noticed)
        assert back.event.text == text
