"""Tables from elsewhere: thirteen dialects, no row lost, nothing believed that is not written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.ledgers.dialects import ForeignLedger, read_dialect
from cockpit.metric import Direction

DATA = Path(__file__).parents[1] / "data"


def read(name: str) -> ForeignLedger:
    return read_dialect((DATA / "dialects" / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "rows", "keeps", "crashes", "metric", "direction"),
    [
        ("01-upstream.tsv", 4, 2, 1, "val_bpb", "minimize"),
        ("02-crash-blank.tsv", 4, 2, 2, "val_bpb", "minimize"),
        ("03-no-memory.tsv", 3, 2, 0, "val_loss", "minimize"),
        ("04-statuses.tsv", 12, 2, 1, "val_bpb", "minimize"),
        ("05-ragged.tsv", 7, 4, 0, "val_bpb", "minimize"),
        ("06-embedded-newlines.tsv", 6, 3, 0, "val_bpb", "minimize"),
        ("07-repeated-header.tsv", 3, 3, 0, "val_bpb", "minimize"),
        ("08-maximize.tsv", 4, 3, 0, "accuracy", "maximize"),
        ("09-score.tsv", 5, 3, 0, "score", "maximize"),
        ("10-thirteen-columns.tsv", 3, 2, 0, "metric_after", "minimize"),
        ("11-utf16.tsv", 3, 2, 0, "val_bpb", "minimize"),
        ("12-twin.jsonl", 4, 2, 1, "val_rmse", "minimize"),
        ("13-no-header.csv", 3, 2, 0, "val_bpb", "minimize"),
    ],
)
def test_no_row_is_lost(
    name: str, rows: int, keeps: int, crashes: int, metric: str, direction: str
) -> None:
    ledger = read(name)
    words = [row.word for row in ledger.rows]
    assert (len(words), words.count("keep"), words.count("crash")) == (rows, keeps, crashes)
    assert (ledger.metric.name, ledger.metric.direction) == (metric, direction)
    assert ledger.direction_why
    assert all(row.value is None for row in ledger.rows if row.word == "crash")


def test_ragged_rows_are_realigned_and_marked() -> None:
    rows = read("05-ragged.tsv").rows
    assert [(r.commit, r.value) for r in rows] == [
        ("1111111", 1.50),
        ("2222222", 1.49),
        ("", 1.48),
        ("4444444", 1.47),
        ("5555555", 1.46),
        ("6666666", None),
        ("", 1.45),
    ]
    assert [bool(r.marks) for r in rows] == [False, True, True, True, True, True, False]
    assert rows[1].marks == ("1 field fewer than the header", "realigned by its status")
    assert rows[1].memory is None and rows[2].memory == 8 * 2**30
    assert rows[3].description == "tabs\tin\tthe words"


def test_a_field_may_go_over_several_lines_with_and_without_quotes() -> None:
    rows = read("06-embedded-newlines.tsv").rows
    assert "for step in range(100)" in rows[1].description
    assert rows[1].description.endswith("and more words")
    assert rows[2].description == "quoted words,\nover two lines"
    assert rows[4].description == '"never closed' and rows[5].line == 12


def test_a_status_that_is_no_verdict_stays_none_and_says_so() -> None:
    ledger = read("04-statuses.tsv")
    unjudged = [row for row in ledger.rows if row.word is None]
    assert [r.status for r in unjudged] == (
        ["tentative", "pending", "done", "", "-", "contender", "repair", "run"]
    )
    assert unjudged[0].value == 1.18 and all(r.marks for r in unjudged)


def test_what_is_said_of_the_file() -> None:
    assert read("07-repeated-header.tsv").notes == (
        "line 3 repeats the header",
        "line 5 is a new header",
    )
    assert read("09-score.tsv").direction_why == "2 of 2 keeps are larger than the keep before"
    asked = read_dialect((DATA / "dialects/09-score.tsv").read_bytes(), Direction.MINIMIZE)
    assert asked.metric.direction is Direction.MINIMIZE


def test_times_and_other_columns_are_kept() -> None:
    row = read("10-thirteen-columns.tsv").rows[1]
    assert row.at == 1773007570.0
    assert dict(row.extra)["hypothesis"] == "higher is faster" and dict(row.extra)["mfu"] == "40.9"


def test_ten_thousand_rows_are_looked_at_a_few_times_each() -> None:
    lines = [f"{i:07x}\t{1 + i / 1e4:.4f}\t4.0\tdiscard\twords" for i in range(10_000)]
    text = "\n".join(["commit\tval_bpb\tmemory_gb\tstatus\tdescription", *lines])
    assert len(read_dialect(text.encode()).rows) == 10_000  # a square of them would be minutes


def test_upstreams_night() -> None:
    ledger = read_dialect((DATA / "upstream-mar8.tsv").read_bytes())
    kept = [row.value for row in ledger.rows if row.word == "keep"]
    assert (len(ledger.rows), len(kept), kept[0], kept[-1]) == (126, 23, 0.9979, 0.969686)
    assert not ledger.marked and ledger.metric.decimals == 6


NO_BREAKS = st.characters(blacklist_categories=("C", "Z"), blacklist_characters=chr(34))
WORDS = st.text(NO_BREAKS, min_size=1)


@given(st.lists(st.tuples(st.floats(0.1, 9), st.sampled_from(["keep", "discard"]), WORDS)))
def test_as_many_rows_as_lines(rows: list[tuple[float, str, str]]) -> None:
    lines = [f"{i:07x}\t{v:.6f}\t4.0\t{s}\t{d}" for i, (v, s, d) in enumerate(rows)]
    text = "\n".join(["commit\tval_bpb\tmemory_gb\tstatus\tdescription", *lines])
    found = read_dialect(text.encode()).rows
    assert [row.description for row in found] == [d.strip() for _, _, d in rows]


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    read_dialect(data)
