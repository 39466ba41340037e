"""One place that builds an engine out of the shipped fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from cockpit import events as ev
from cockpit.demo import (
    FakeClock,
    MemoryWorkspace,
    PlainScribe,
    ScriptedAgent,
    SimulatedRunner,
    Single,
)
from cockpit.engine.control import Control, Seen, seen
from cockpit.engine.desk import Desk, Opening, Plan
from cockpit.engine.fold import Fold
from cockpit.judges.sequential import SequentialJudge
from cockpit.ledgers.memory import MemoryLedger
from cockpit.ports import Agent, Ledger, Listener, Scribe


def fingerprint(budget: float = 300.0) -> ev.Fingerprint:
    return ev.Fingerprint(
        metric="val_bpb",
        budget=budget,
        data="d" * 8,
        prepare="p" * 8,
        device="cpu",
        driver="",
        torch="2.13.0",
        threads=1,
        trust="examined",
    )


Moment = Literal["before", "after"]
ISOLATION = ev.IsolationMeasured(level="sealed", detail="simulated", blocked=20, attempts=20)


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


class Mortal(MemoryLedger):
    """A ledger that outlives its cockpit, which is killed once, at the entry that is `doomed`.

    A kill before it comes after all that was done for it, one after it before any listener heard.
    """

    def __init__(
        self, doomed: Callable[[ev.Entry], bool] = lambda _: False, moment: Moment = "after"
    ) -> None:
        super().__init__()
        self._doomed, self._moment = doomed, moment

    def append(self, entry: ev.Entry) -> None:
        """Record, or be killed before or after."""
        doomed = self._doomed(entry)
        if doomed:
            self._doomed = lambda _: False
        if not doomed or self._moment == "after":
            super().append(entry)
        if doomed:
            raise Killed


@dataclass
class Room:
    """The fakes of one engine, kept so that a second start finds what the first left."""

    agents: Iterable[Agent] = ()
    plan: Plan = field(default_factory=lambda: Plan(experiments=3, review="off", rehearsals=0))
    ledger: Ledger = field(default_factory=MemoryLedger)
    workspace: MemoryWorkspace = field(default_factory=MemoryWorkspace)
    clock: FakeClock = field(default_factory=lambda: FakeClock(tick=0.01))
    listeners: list[Listener] = field(default_factory=list)
    scribe: Scribe = field(default_factory=PlainScribe)

    def __post_init__(self) -> None:
        self.runner = SimulatedRunner(clock=self.clock)
        self.control = Control(idle=self.clock.advance)

    def desk(self) -> Desk:
        agents = tuple(self.agents) or (ScriptedAgent([]),)
        opening = Opening(
            fingerprint=fingerprint(self.plan.budget),
            isolation=ISOLATION,
            data="generated",
            agent="sweep",
            roster=Single(*agents),
            runner=self.runner,
        )
        return Desk(
            plan=self.plan,
            opening=opening,
            workspace=self.workspace,
            judge=SequentialJudge(),
            ledger=self.ledger,
            scribe=self.scribe,
            clock=self.clock,
            control=self.control,
            fold=Fold(self.ledger.read()),
            listeners=self.listeners,
        )

    def seen(self, trial: int) -> Seen:
        """Return the proposal of a trial that a human sees now."""
        return seen(Fold(self.ledger.read()).board.rows[trial])


def names(ledger: Ledger) -> list[str]:
    return [type(entry.event).__name__ for entry in ledger.read()]
