"""What examinations cost, where a person looks for it."""

from __future__ import annotations

from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.board import Board
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.report.summary import status_facts
from cockpit.report.text import show_text, status_text
from cockpit.tui.panes.detail import describe
from tests.engine_room import Room

BAD = setting("a smaller batch takes more steps", BATCH=64)


def night(*, experiments: int) -> tuple[Fold, Board]:
    plan = Plan(experiments=experiments, review="off", rehearsals=0)
    room = Room(agents=[ScriptedAgent([BAD])], plan=plan)
    run_session(room.desk())
    fold = Fold(room.ledger.read())
    return fold, fold.board


def test_status_says_what_a_run_s_examination_costs_and_its_share_of_the_budget() -> None:
    fold, _ = night(experiments=1)
    facts = status_facts(fold, None)
    assert facts["examination"] == {"runs": 2, "seconds": 3.0, "share": 0.01}
    assert "exams    3.0 s a run, 1.0% of the budget (2 runs)" in status_text(facts)
    assert status_facts(Fold(), None)["examination"] is None


def test_a_trial_says_what_its_examinations_cost_and_a_dry_run_does_not_count() -> None:
    _, board = night(experiments=1)
    row = board.rows[1]
    assert row.runs[0].role == "dry run"
    assert [run.examined for run in row.runs] == [None, 3.0]
    assert "300.0 s + 3.0 s exam" in show_text(row, board)
    told = [line.plain for line in describe(row, board, 60)]
    assert "examination    3.0 s a run, 1.0% of the budget" in told
