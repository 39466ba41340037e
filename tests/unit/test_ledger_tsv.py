"""results.tsv: upstream's columns, and nobody else's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.errors import LedgerError
from cockpit.events import (
    Entry,
    Event,
    Proposed,
    RunFinished,
    SessionResumed,
    Staged,
    StageReached,
    TrialJudged,
    TrialSettled,
    TrialStarted,
)
from cockpit.ledgers.tsv import MARKER, ResultsTsv, TsvRow, render
from cockpit.trial import (
    Completed,
    Crashed,
    Proposal,
    Reading,
    RunResult,
    SetConstants,
    Usage,
    Verdict,
)
from tests.journals import opening

HEAD = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
GIB = 1024**3


class Journal:
    """Numbers events as the ledger would."""

    def __init__(self, session: str = "mar8") -> None:
        self.session, self.entries = session, list[Entry]()

    def add(self, *events: Event) -> list[Entry]:
        added = [
            Entry(seq=len(self.entries) + n, at=0.0, session=self.session, slot=0, event=event)
            for n, event in enumerate(events)
        ]
        self.entries += added
        return added


def completed(value: float) -> Completed:
    reading = Reading(metric="val_bpb", split="val", value=value)
    return Completed(readings=(reading,), usage=Usage(memory=int(43.9 * GIB)))


def trial(number: int, verdict: Verdict, result: RunResult | None, commit: str) -> Iterator[Event]:
    kind = "experiment" if number else "baseline"
    yield TrialStarted(trial=number, kind=kind)  # type: ignore[arg-type]
    if number:
        proposal = Proposal(hypothesis="more\tsteps", edit=SetConstants(changes=()), lane="sweep")
        yield Proposed(trial=number, attempt=1, proposal=proposal)
    if result is not None:
        yield Staged(
            trial=number,
            digest="d",
            key="k",
            base="b",
            nodes=1,
            summary=f"BATCH 64 -> {number}",
            diff="",
            commit=commit,
        )
        yield RunFinished(trial=number, run=1, role="scoring run", of=number, seed=1, result=result)
    yield TrialJudged(trial=number, verdict=verdict)
    yield TrialSettled(trial=number, commit="fedcba9876" * 4 if verdict.kept else "")


@pytest.fixture
def journal() -> Journal:
    book = Journal()
    book.add(opening())
    keep = Verdict(word="keep", reason="the first value", value=0.9979)
    book.add(*trial(0, keep, completed(0.9979), "a" * 40))
    simpler = Verdict(word="simpler", reason="fewer nodes", value=0.986041)
    book.add(*trial(1, simpler, completed(0.986041), "b" * 40))
    discard = Verdict(word="discard", reason="worse", value=0.99)
    book.add(*trial(2, discard, completed(0.99), "c" * 40))
    crash = Verdict(word="crash", reason="out of memory")
    book.add(*trial(3, crash, Crashed(reason="out of memory", usage=Usage()), "d" * 40))
    book.add(*trial(4, Verdict(word="discard", reason="it repeats #2"), None, ""))
    return book


TABLE = (
    HEAD
    + "fedcba9\t0.997900\t43.9\tkeep\tbaseline\n"
    + "fedcba9\t0.986041\t43.9\tkeep\tBATCH 64 -> 1\n"
    + "ccccccc\t0.990000\t43.9\tdiscard\tBATCH 64 -> 2\n"
    + "ddddddd\t\t\tcrash\tBATCH 64 -> 3 (out of memory)\n"
    + "\t\t\tdiscard\tmore steps\n"
)


def test_rows_read_like_upstream_s() -> None:
    rows = [
        TsvRow(
            commit="bea057b" + "0" * 33,
            value=0.986041,
            memory=int(43.9 * GIB),
            status="keep",
            description="halve batch\n524K\tto 262K",
        ),
        TsvRow(commit="e05a87d", value=None, memory=None, status="crash", description="131K"),
    ]
    assert render(rows) == (
        HEAD + "bea057b\t0.986041\t43.9\tkeep\thalve batch 524K to 262K\ne05a87d\t\t\tcrash\t131K\n"
    )


def test_the_session_is_one_row_a_judged_trial(tmp_path: Path, journal: Journal) -> None:
    listener = ResultsTsv(tmp_path / "results.tsv")
    for entry in journal.entries:
        listener(entry)
    assert (tmp_path / "results.tsv").read_text() == TABLE
    assert listener.refusal == ""


def test_a_restart_keeps_the_rows(tmp_path: Path, journal: Journal) -> None:
    path = tmp_path / "results.tsv"
    ResultsTsv(path, journal.entries)(journal.add(SessionResumed(agent="sweep"))[0])
    assert path.read_text() == TABLE


def test_another_session_begins_a_new_table(tmp_path: Path, journal: Journal) -> None:
    path = tmp_path / "results.tsv"
    listener = ResultsTsv(path, journal.entries)
    listener(journal.add(SessionResumed(agent="sweep"))[0])
    journal.session = "mar9"
    keep = Verdict(word="keep", reason="the first value", value=0.5)
    for entry in journal.add(opening("mar9"), *trial(0, keep, completed(0.5), "a" * 40)):
        listener(entry)
    assert path.read_text() == HEAD + "fedcba9\t0.500000\t43.9\tkeep\tbaseline\n"


def test_rehearsals_and_samples_are_no_rows(tmp_path: Path) -> None:
    journal, listener = Journal(), ResultsTsv(tmp_path / "results.tsv")
    listener(StageReached(trial=-1, stage="train"))
    discard = Verdict(word="discard", reason="worse")
    started = TrialStarted(trial=-1, kind="rehearsal")
    for entry in journal.add(opening(), started, TrialJudged(trial=-1, verdict=discard)):
        listener(entry)
    assert not (tmp_path / "results.tsv").exists()


@pytest.mark.parametrize("kind", ["somebody else's", "edited", "a link"])
def test_a_file_we_did_not_write_is_never_overwritten(
    tmp_path: Path, journal: Journal, kind: str
) -> None:
    path, listener = tmp_path / "results.tsv", ResultsTsv(tmp_path / "results.tsv")
    if kind == "edited":
        listener(journal.entries[0])
        ResultsTsv(path, journal.entries)(journal.add(SessionResumed(agent="x"))[0])
        path.write_text(path.read_text() + "mine\t\t\t\t\n")
    elif kind == "a link":
        (tmp_path / "other.tsv").write_text("precious")
        path.symlink_to(tmp_path / "other.tsv")
    else:
        path.write_text("precious")
    before = path.read_text()
    fresh = ResultsTsv(path, journal.entries)
    with pytest.raises(LedgerError, match=r"not written by this cockpit.*move it away"):
        fresh(journal.add(SessionResumed(agent="x"))[0])
    assert path.read_text() == before
    assert fresh.refusal.endswith("move it away")
    fresh(journal.add(SessionResumed(agent="x"))[0])
    assert path.read_text() == before


def test_a_power_cut_between_marker_and_table_does_not_lock_us_out(
    tmp_path: Path, journal: Journal
) -> None:
    path = tmp_path / "results.tsv"
    ResultsTsv(path, journal.entries[:5])(journal.add(SessionResumed(agent="x"))[0])
    before = path.read_text()
    ResultsTsv(path, journal.entries)(journal.add(SessionResumed(agent="x"))[0])
    assert (tmp_path / MARKER).exists()
    path.write_text(before)
    ResultsTsv(path, journal.entries)(journal.add(SessionResumed(agent="x"))[0])
    assert path.read_text() == TABLE
