"""Trials against one file, by the engine's own measuring and judging; the journal is in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cockpit import events as ev
from cockpit.cli.here import SystemClock
from cockpit.demo import MemoryWorkspace, PlainScribe
from cockpit.engine.control import Control
from cockpit.engine.desk import Desk, Opening, Plan
from cockpit.engine.draft import record
from cockpit.engine.fold import Fold
from cockpit.engine.loop import measure_baseline
from cockpit.engine.measure import execute, judged, order_of, scoring_run
from cockpit.engine.opening import open_session
from cockpit.judges.sequential import SequentialJudge
from cockpit.ledgers.memory import MemoryLedger
from cockpit.ports import Listener, Runner, RunOrder, Watch
from cockpit.source.stage import describe
from cockpit.trial import Completed, RunResult, Stopped, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Unhurried:
    """A Runner that does not tell whether the machine was shared, so that no run is repeated for
    it: where a verdict hangs on whole bits, the noise of a busy machine does not matter.
    """

    runner: Runner

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        """Run, and leave the mark out."""
        result = self.runner.run(order, watch)
        if isinstance(result, Completed):
            return replace(result, usage=replace(result.usage, contended=""))
        return result

    def recover(self) -> int:
        """Recover the runs."""
        return self.runner.recover()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Judges files against one that was measured once and for all: their order does not matter.

    `entries` is the journal up to there, `text` the file; `control` ends what is under way.
    """

    opening: Opening
    budget: float
    text: str
    control: Control
    entries: tuple[ev.Entry, ...] = ()

    def measured(self, repeats: int = 0) -> Trials:
        """Return the same with the file measured, `1 + repeats` times.

        Raises:
            CockpitError: it did not come through.
        """
        desk = self._desk(())
        open_session(desk)
        measure_baseline(desk)
        for _ in range(repeats):
            execute(desk, order_of(desk, 0, "repeat", self.text), of=0)
        return replace(self, entries=tuple(desk.ledger.read()))

    @property
    def value(self) -> float:
        """The mean of the file's runs; infinite before there is one."""
        found = Fold(self.entries).board.incumbent_value
        return float("inf") if found is None else found

    def judge(
        self, number: int, text: str, *, runs: int = 1, hear: Listener = lambda _: None
    ) -> Verdict | Stopped:
        """Return the verdict on `text` as trial `number`, without asking the guard.

        Args:
            number: of the trial; its seeds follow from it.
            text: the file.
            runs: how many scoring runs come before the judge is asked.
            hear: is told all that is journalled and sampled.

        Raises:
            CockpitError: our own side failed, or a locked file was changed.
        """
        desk, candidate = self._begun(number, text), describe(text)
        desk.listeners.append(hear)
        result = [scoring_run(desk, number, text) for _ in range(runs)][-1]
        return judged(desk, number, candidate, result)

    def measure(
        self, number: int, text: str, *, budget: float | None = None, tokens: int | None = None
    ) -> RunResult:
        """Return how one run of `text` as trial `number` ends.

        Args:
            number: of the trial; its seed follows from it.
            text: the file.
            budget: seconds of the run, where not the usual.
            tokens: how many it trains on, where not as many as there is time for.

        Raises:
            CockpitError: our own side failed, or a locked file was changed.
        """
        desk = self._begun(number, text)
        order = order_of(desk, number, "scoring run", text)
        order = replace(order, budget=budget or order.budget, tokens=tokens, examine="full")
        return execute(desk, order, of=number)

    def _begun(self, number: int, text: str) -> Desk:
        desk, candidate = self._desk(self.entries), describe(text)
        desk.emit(ev.TrialStarted(trial=number, kind="experiment", against=0))
        record(desk, number, candidate, desk.workspace.archive(number, candidate, "calibrate"))
        return desk

    def _desk(self, entries: tuple[ev.Entry, ...]) -> Desk:
        workspace = MemoryWorkspace(self.text)
        desk = Desk(
            plan=Plan(budget=self.budget, review="off"),
            opening=self.opening,
            workspace=workspace,
            judge=SequentialJudge(),
            ledger=MemoryLedger(entries),
            scribe=PlainScribe(),
            clock=SystemClock(),
            control=self.control,
            fold=Fold(entries),
            listeners=[],
        )
        if entries:
            desk.tag = desk.board.session_tag
            workspace.open_session(desk.tag, self.text)
            workspace.archive(0, describe(self.text), "baseline")
        return desk
