"""The curve of a run that another process makes, read from its log while it grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cockpit import events as ev
from cockpit.cli.watching import RunWatcher, curve
from cockpit.demo import FakeClock, ScriptedAgent, setting
from cockpit.engine.board import Board
from cockpit.engine.desk import Plan
from cockpit.engine.loop import run_session
from tests.engine_room import Room
from tests.journals import opening


def test_time_never_goes_back_in_the_curve_of_a_run_elsewhere(tmp_path: Path) -> None:
    clock, board = FakeClock(1000.0), Board()
    began = ev.RunStarted(trial=1, run=1, role="scoring run", of=1, seed=1, budget=300.0)
    begun: tuple[ev.Event, ...] = (
        opening(),
        ev.TrialStarted(trial=1, kind="experiment", against=0),
        began,
    )
    for seq, event in enumerate(begun):
        board.apply(ev.Entry(seq=seq, at=1000.0, session="mar8", slot=0, event=event))
    log = tmp_path / ".cockpit/runs/mar8/1-1/output.log"
    log.parent.mkdir(parents=True)
    watcher, told = RunWatcher(tmp_path, clock), list[ev.StepLogged]()
    # A slow launch, then a quick run: each look sees many more steps than the one before.
    for last in (2, 20, 200):
        clock.advance(5.0)
        lines = (f"step {n} | loss 2.5 | tok/s 900\n" for n in range(1, last + 1))
        log.write_text("".join(lines))
        news = watcher.look(board)
        told += [sample for sample in news if isinstance(sample, ev.StepLogged)]
    assert [step.step for step in told] == list(range(1, 201))
    elapsed = [step.elapsed for step in told]
    assert elapsed == sorted(elapsed)
    assert elapsed[1] == 5.0 and elapsed[19] == 10.0 and elapsed[-1] == 15.0


def journal(tmp_path: Path) -> Iterator[tuple[ev.Event, list[ev.Stage]]]:
    """Go through the journal of two reviewed trials: each event, and the stages told after it."""
    agent = ScriptedAgent([setting("a rate", LR=3e-3), setting("a batch", BATCH=4)])
    room = Room(agents=[agent], plan=Plan(experiments=2, review="timed", rehearsals=0))
    run_session(room.desk())
    board, watcher = Board(), RunWatcher(tmp_path, room.clock)
    for entry in room.ledger.read():
        board.apply(entry)
        news = watcher.look(board)
        yield entry.event, [s.stage for s in news if isinstance(s, ev.StageReached)]


def test_a_screen_that_only_looks_leaves_the_run_when_it_is_over(tmp_path: Path) -> None:
    ends: list[list[ev.Stage]] = []
    whole: list[ev.Stage] = []
    for event, stages in journal(tmp_path):
        whole += stages
        if isinstance(event, ev.RunFinished) and event.role != "dry run":
            ends.append(stages)
    assert len(ends) >= 3 and all(stages == ["judge"] for stages in ends)
    at = whole.index("judge")
    assert "propose" in whole[:at], "the next one is drafted before the run"
    assert whole[-1] == "idle"
    assert "dry run" in whole and "stage" in whole


def test_a_rehearsal_elsewhere_has_a_curve(tmp_path: Path) -> None:
    log = tmp_path / ".cockpit/runs/mar8/r1-1/output.log"
    log.parent.mkdir(parents=True)
    log.write_text("step 1 | loss 2.5 | tok/s 900\nstep 2 | loss 2.4 | tok/s 900\n")
    assert [step.step for step in curve(tmp_path, "mar8", -1, 1, 60.0)] == [1, 2]
