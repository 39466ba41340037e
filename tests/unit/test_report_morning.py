"""The morning report in its three forms, from the same facts."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cockpit import events as ev
from cockpit import resources
from cockpit.cli import main
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.report.audit import Audit, audit_of
from cockpit.report.chart import staircase, svg
from cockpit.report.html import report_html
from cockpit.report.morning import report_markdown, report_text
from cockpit.report.timeline import Timeline
from tests.tui.replay import Night

EVIL = '<script>alert(1)</script> | "x"'


def morning(trials: int = 40) -> tuple[Board, Audit]:
    made = Night()
    entries = list(made.night(trials))
    again = ev.BestRemeasured(
        best=Fold(entries).board.incumbent or 0,
        baseline_values=(2.24, 2.24),
        best_values=(2.2, 2.2),
        gain=0.04,
        half_width=0.01,
    )
    entries.append(made.entry(again))
    entries.append(made.entry(ev.SessionEnded(reason=EVIL)))
    board = Fold(entries).board
    track = Timeline(entries).of(board.session_tag)
    return board, audit_of(board, track, now=made.clock.at + 600)


class Tags(HTMLParser):
    """Counts tags and keeps what would load something."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.loads += [name for name, _ in attrs if name in ("src", "href", "onload")]


def test_the_text_answers_the_questions_of_the_morning() -> None:
    board, audit = morning()
    text = report_text(audit)
    assert "40 experiments in 3 h 46 min" in text
    assert "nothing interrupted it" in text
    assert f"(#{board.incumbent}), better by" in text and "sigma" in text
    assert "measured again:" in text and "10 min ago" in text
    assert "4  " in text and "out of memory" in text
    assert "ollama qwen2.5-coder:14b" in text and "not measured" in text
    assert "THE FIRST TUNE" in text and "X:1" in text


def test_markdown_keeps_its_tables_whole() -> None:
    _, audit = morning()
    lines = report_markdown(audit).splitlines()
    tables = [line for line in lines if line.startswith("|")]
    assert tables and all(line.endswith("|") for line in tables)
    assert (
        len({line.count("|") for line in tables if line.startswith("| #") or "real" in line}) == 1
    )


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    board, audit = morning()
    page = report_html(audit, staircase(board))
    tags = Tags()
    tags.feed(page)
    assert tags.loads == [] and "script" not in tags.seen and "link" not in tags.seen
    assert tags.seen["svg"] == 1 and tags.seen["circle"] == len(staircase(board).points)
    assert "&lt;script&gt;" in page


def test_the_staircase_has_its_noise_around_it() -> None:
    board, _ = morning()
    root = ET.fromstring(svg(staircase(board)))
    kinds = [child.get("class") for child in root]
    kept = [row for row in board.rows.values() if row.word in ("keep", "simpler")]
    assert kinds.count("band") == 1 and kinds.count("best") == 1
    assert kinds.count("keep") == len(kept)
    assert "nothing is measured" in svg(staircase(Board()))


def test_the_command_reports_a_table_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo, page = str(resources.demo()), tmp_path / "night.html"
    assert main(["report", demo]) == 0
    assert "125 experiments" in capsys.readouterr().out
    assert main(["report", demo, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["best"]["value"] == 0.969686
    assert main(["report", demo, "--html", str(page)]) == 0
    assert page.read_text().count("<circle") == 125
    assert main(["report", demo, "--since", "soon"]) == 2
