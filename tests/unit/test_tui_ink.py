"""Numbers and verdicts as they are written on screen."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.content import Content

from cockpit.engine.rows import Row
from cockpit.metric import Metric
from cockpit.trial import VerdictWord
from cockpit.tui import ink
from cockpit.tui.panes.columns import cells, fitting, heading
from cockpit.tui.strip import Piece, fit


def row(word: VerdictWord | None = None, sigmas: float | None = None, hypothesis: str = "x") -> Row:
    return Row(
        number=7,
        kind="experiment",
        lane="ollama",
        against=0,
        started_at=0.0,
        state="settled" if word else "open",
        word=word,
        value=1.68,
        delta=-0.0312,
        sigmas=sigmas,
        hypothesis=hypothesis,
        tier="C",
    )


@pytest.mark.parametrize(
    ("seconds", "shown"), [(221.9, "3:41"), (0, "0:00"), (-3, "0:00"), (3661, "1:01:01")]
)
def test_spans(seconds: float, shown: str) -> None:
    assert ink.span(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(812, "812"), (35_100, "35.1k"), (412_000, "412k"), (2.4e6, "2.4M")]
)
def test_counts(value: float, shown: str) -> None:
    assert ink.count(value) == shown


def test_what_is_missing_is_empty_never_zero() -> None:
    assert [ink.gib(None), ink.signed(None), ink.count(None), ink.span(None)] == [""] * 4


def test_a_proposal_that_waits_for_the_run_before_it_is_not_called_running() -> None:
    waiting = row()
    assert ink.verdict(waiting)[1] == "running"
    waiting.review_open = True
    assert ink.verdict(waiting)[1] == "in review"
    waiting.decision = "unanswered"
    assert ink.verdict(waiting)[1] == "accepted"
    waiting.decision = "refused"
    assert ink.verdict(waiting)[1] == "running", "another one is being made"


def test_verdicts_differ_without_colour() -> None:
    words: list[VerdictWord | None] = ["keep", "simpler", "discard", "crash", None]
    assert len({ink.verdict(row(word))[:2] for word in words}) == 5


def test_a_discard_within_the_noise_has_its_own_glyph() -> None:
    near, far = ink.verdict(row("discard", 1.2)), ink.verdict(row("discard", 9.3))
    assert near[1] == far[1] == "discard"
    assert near[0] != far[0]


def test_every_glyph_is_one_cell_and_has_an_ascii_stand_in_of_the_same_width() -> None:
    for glyph, plain in ink.PLAIN.items():
        assert cell_len(glyph) == len(plain) == 1
    assert ink.to_ascii(Content("σ 1…")).plain == "z 1."


@pytest.mark.parametrize("width", [60, 76, 90, 116, 140, 196])
def test_rows_of_the_ledger_fill_the_line_and_keep_their_columns(width: int) -> None:
    columns, metric = fitting(width), Metric()
    title = heading(columns, width, metric)
    line = cells(columns, row("keep", -14.3, "QK-norm " * 40), width, metric)
    assert line.cell_length == title.cell_length == width
    assert line.plain.index("-0.0312") + 7 == title.plain.index("Δ") + 1
    assert line.plain.index("▲ KEEP") == title.plain.index("verdict")


def test_a_status_line_gives_up_the_least_important_first() -> None:
    pieces = [
        Piece(text=Content("must")),
        Piece(text=Content("nice"), rank=2),
        Piece(text=Content("good"), rank=1),
        Piece(text=Content("end"), right=True),
    ]
    assert fit(pieces, 40).plain == "must   nice   good" + " " * 19 + "end"
    assert fit(pieces, 18).plain == "must   good" + " " * 4 + "end"
    assert fit(pieces, 10).plain == "must   end"
