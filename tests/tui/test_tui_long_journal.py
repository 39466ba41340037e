"""A long journal is read under the screen: rows and keys are there before the end of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cockpit import events as ev
from cockpit.cli import recall
from cockpit.cli.journal import LEDGER
from cockpit.cli.screen import looking
from cockpit.engine.fold import Fold
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.tui.screens.audit import AuditScreen
from cockpit.tui.visits import Visits
from tests.tui.replay import MIDNIGHT, Night
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui
TRIALS = 60


@dataclass
class Reading(Stage):
    """A screen that begins before its journal was read; the test hands it over in pieces."""

    past: list[ev.Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.view.fold, self.view.reading = Fold(), 0.0
        self.view.derive()
        self.past = self.past or list(Night().night(self.trials))

    def read(self, begin: float, end: float) -> None:
        """Read from one share of the journal to another."""
        count = len(self.past)
        self.app.bridge.recall(self.past[int(begin * count) : int(end * count)], end)
        self.app.tick()

    @property
    def title(self) -> str:
        return next(line for line in self.text().split("\n") if "5 Ledger" in line)


async def test_rows_and_keys_are_there_while_the_rest_is_read() -> None:
    stage = Reading(trials=TRIALS)
    async with stage.run(120, 40) as pilot:
        assert "reading, 0%" in stage.title and "READING" in stage.text()
        stage.read(0.0, 0.5)
        await pilot.pause()
        some = len(stage.view.rows)
        assert 10 < some < TRIALS and f"{some - 1} trials · reading, 50%" in stage.title
        await pilot.press("j", "j", "k")
        selected = stage.view.selected
        assert selected == max(stage.view.rows) - 1 and f"2 Diff · #{selected} " in stage.text()
        stage.read(0.5, 1.0)
        await pilot.pause()
        assert stage.view.selected == selected and f"2 Diff · #{selected} " in stage.text()
        assert f"{TRIALS} trials ─" in stage.title.replace("━", "─")
        assert "READING" not in stage.text() and "best 2." in stage.text()
    assert stage.view.board == Fold(stage.past).board
    assert stage.failures() == []


async def test_what_acts_on_the_session_waits_until_all_was_read() -> None:
    stage = Reading(trials=TRIALS)
    async with stage.run(120, 40) as pilot:
        stage.read(0.0, 0.5)
        await pilot.press("p", "r", "g", "i", "m", "s")
        assert stage.control.take() == () and len(stage.app.screen_stack) == 1
        assert "pause" not in stage.strips()[-1].text
        stage.read(0.5, 1.0)
        await pilot.press("p")
        assert len(stage.control.take()) == 1
        assert "pause" in stage.strips()[-1].text


async def test_a_review_of_the_past_rings_for_nobody() -> None:
    stage = Reading(trials=TRIALS)
    staged = [at for at, e in enumerate(stage.past) if isinstance(e.event, ev.Staged)][17]
    opened = ev.ReviewOpened(trial=18, until=None)
    stage.past[staged + 1] = replace(stage.past[staged + 1], event=opened)
    async with stage.run(120, 40) as pilot:
        stage.read(0.0, (staged + 2) / len(stage.past))
        assert stage.view.board.review is not None
        await pilot.pause()
        assert stage.view.review is None and "waits for you" not in stage.text()


async def test_the_audit_greets_at_the_first_key_that_knows_what_is_new() -> None:
    stage = Reading(trials=TRIALS)
    stage.app.visits = Visits(clock=stage.night.clock, last=MIDNIGHT)
    async with stage.run(120, 40) as pilot:
        stage.read(0.0, 0.5)
        await pilot.press("j")
        assert not isinstance(stage.app.screen, AuditScreen)
        stage.read(0.5, 1.0)
        await pilot.press("j")
        assert isinstance(stage.app.screen, AuditScreen)


async def test_another_sessions_trials_are_not_selected_by_number() -> None:
    stage = Reading(trials=TRIALS)
    night = Night(seq=stage.past[-1].seq)
    second = [replace(entry, session="mar9") for entry in night.night(5)]
    first, stage.past = stage.past, [*stage.past, *second]
    async with stage.run(120, 40) as pilot:
        share = len(first) / len(stage.past)
        stage.read(0.0, share)
        await pilot.press("j")
        before = stage.view.selected
        stage.read(share, 1.0)
        assert (before, stage.view.selected, len(stage.view.rows)) == (TRIALS - 1, None, 6)


async def test_a_filter_that_leaves_few_rows_scrolls_back_to_them() -> None:
    stage = Stage(trials=TRIALS)
    async with stage.run(120, 40) as pilot:
        await pilot.press("end", "slash", *"#33")
        await stage.settle(pilot)
        rows = [line for line in stage.text().split("\n") if line.startswith("│    33  ")]
        assert len(rows) == 1 and "1 of 60 trials" in stage.text()
        await pilot.press("escape")
        await stage.settle(pilot)
        assert f"5 Ledger · {TRIALS} trials" in stage.text()
        assert [line for line in stage.text().split("\n") if line.startswith("┃    60  ")]


@pytest.mark.parametrize("damaged", [False, True])
async def test_who_only_looks_sees_all_of_it_or_what_is_wrong_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, damaged: bool
) -> None:
    monkeypatch.setattr(recall, "SHORT", 20)
    monkeypatch.setattr(recall, "PIECE", 30)
    path = tmp_path / LEDGER
    path.parent.mkdir()
    with SqliteLedger(path) as ledger:
        entries = list(Night(seq=-1).night(12))
        for entry in entries:
            ledger.append(entry)
    if damaged:
        connection = sqlite3.connect(path)
        connection.executescript("DROP TRIGGER entries_stay")
        connection.execute("UPDATE entries SET body = '{}' WHERE seq = 70")
        connection.commit()
        connection.close()
    app, stop, trouble = looking(tmp_path, "night")
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(500):
            if trouble or app.view.reading is None:
                break
            await pilot.pause(0.02)
        app.tick()
        known = entries[:60] if damaged else entries
        assert app.view.board == Fold(known).board
        said = f"entry 70 of {path} is damaged"
        assert (said in app.view.ended, said in str(trouble)) == (damaged, damaged)
    stop.set()
