"""A cockpit as a process of its own, real but for its runner, which makes its numbers up.

For keeps that come in a second, and wait for approval: `python -m tests.e2e.simulated NAME=VALUE`
goes on with the newest session of the workspace it is started in, by one trial that sets that
constant. Any other file than the best is much better than the best was when it was really measured,
however fast the machine is.
"""

from __future__ import annotations

import ast
import random
import sys
from pathlib import Path

from cockpit.cli.here import SystemClock
from cockpit.cli.journal import open_journal
from cockpit.demo import FakeClock, ScriptedAgent, SimulatedRunner, Single, setting
from cockpit.engine.control import Control
from cockpit.engine.desk import Opening, Plan
from cockpit.engine.fold import Fold
from cockpit.engine.session import Session
from cockpit.headless import JsonLines
from cockpit.judges.sequential import SequentialJudge
from cockpit.ledgers.tsv import ResultsTsv
from cockpit.lock import WorkspaceLock
from cockpit.memory.learnings import LearningsFile, Lessons
from cockpit.ports import RunOrder, Watch
from cockpit.trial import Completed, Reading, RunResult, Usage
from cockpit.workspace import GitWorkspace

GAIN, SIGMA = 1.0, 0.001


def main(change: str) -> None:
    """Run the session."""
    name, _, value = change.partition("=")
    root, clock = Path.cwd(), SystemClock()
    with WorkspaceLock(root), open_journal(root) as ledger:
        workspace, past = GitWorkspace(root), list(ledger.read())
        board = Fold(past).board
        fingerprint, isolation = board.fingerprint, board.isolation
        assert fingerprint is not None
        assert isolation is not None
        best, known = board.incumbent or 0, board.incumbent_value
        assert known is not None

        def measure(order: RunOrder) -> RunResult | None:
            if order.examine == "none":
                return None
            noise = random.Random(order.seed).gauss(0.0, SIGMA)
            found = known + noise - GAIN * (order.text != workspace.text_of(best))
            splits = ("val", "audit") if order.audit else ("val",)
            readings = (Reading(metric="val_bpb", split=split, value=found) for split in splits)
            return Completed(readings=tuple(readings), usage=Usage(train=order.budget))

        proposal = setting("a good one", **{name: ast.literal_eval(value)})
        opening = Opening(
            fingerprint=fingerprint,
            isolation=isolation,
            data=board.data,
            agent="sweep",
            roster=Single(ScriptedAgent([proposal])),
            runner=SimulatedRunner(clock=FakeClock(), outcome=measure),
        )

        def prepare(watch: Watch) -> Opening:
            return opening

        session = Session(
            prepare=prepare,
            plan=Plan(budget=fingerprint.budget, turns=1, review="keeps", rehearsals=0),
            workspace=workspace,
            judge=SequentialJudge(),
            ledger=ledger,
            scribe=Lessons(),
            clock=clock,
            control=Control(),
            listeners=[
                ResultsTsv(root / "results.tsv", past),
                LearningsFile(past, workspace.write_learnings, workspace.learnings),
                JsonLines(sys.stdout),
            ],
            past=past,
        )
        session.start()
        session.join()


if __name__ == "__main__":
    main(sys.argv[1])
