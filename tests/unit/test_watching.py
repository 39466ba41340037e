"""The curve of a run that another process makes, read from its log while it grows."""

from __future__ import annotations

from pathlib import Path

from cockpit import events as ev
from cockpit.cli.watching import RunWatcher
from cockpit.demo import FakeClock
from cockpit.engine.board import Board
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
