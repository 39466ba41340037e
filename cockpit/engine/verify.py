"""The loop of a verification: what is waiting is run, recorded, and at the end assessed.

Durable first: each run is in the journal before the next begins. Killed at any moment, the same
verification goes on with the run it was at; nothing of a session is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cockpit import events as ev
from cockpit.engine.fold import Fold
from cockpit.engine.verification import Verification, pair_seed
from cockpit.errors import ArenaError
from cockpit.ports import Clock, Ledger, Runner, RunOrder, Watch
from cockpit.trial import RunResult, Stopped

PATIENCE = 3
"""Failures of the arena in a row that end the work."""

Assess = Callable[[Verification, ev.VerifyKeep], ev.KeepVerified]
"""Says what the runs show of one keep; pure."""


@dataclass(slots=True, kw_only=True)
class Verifier:
    """The roles at work; `texts` holds the files by digest, `tell` hears every entry.

    Used by one thread, with the workspace's lock held.
    """

    ledger: Ledger
    fold: Fold
    runner: Runner
    clock: Clock
    watch: Watch
    texts: Mapping[str, str]
    assess: Assess
    tell: Callable[[ev.Entry], None] = lambda _: None

    def verify(self, plan: ev.VerifyStarted) -> Verification:
        """Run what is waiting of `plan`, unless halted, and say a word on each keep at the end.

        Raises:
            ArenaError: the arena failed three times in a row; the same call goes on there.
            LedgerError: a run could not be recorded.
            LockError: a locked file was changed.
        """
        known = self.fold.verifications.known.get(plan.verify)
        if known is None or known.plan != plan:
            self._emit(plan)
        found = self.fold.verifications.known[plan.verify]
        while (waiting := found.waiting()) and self.watch.halted() is None:
            file, pair = waiting[0]
            result, seed = self._run(plan, file, pair)
            self._emit(
                ev.VerifyRan(
                    verify=plan.verify, digest=file.digest, pair=pair, seed=seed, result=result
                )
            )
            if isinstance(result, Stopped):
                break
        for keep in plan.keeps if not found.waiting() else ():
            if keep.label not in found.said:
                self._emit(self.assess(found, keep))
        return found

    def _run(self, plan: ev.VerifyStarted, file: ev.VerifyFile, pair: int) -> tuple[RunResult, int]:
        order = RunOrder(
            trial=1 + plan.files.index(file),
            run=pair,
            role="repeat",
            text=self.texts[file.digest],
            seed=pair_seed(plan.verify, pair),
            budget=plan.fingerprint.budget,
            examine="thorough",
        )
        for attempt in range(1, PATIENCE + 1):
            try:
                return self.runner.run(order, self.watch), order.seed
            except ArenaError:
                if attempt == PATIENCE:
                    raise
        raise AssertionError("the loop returns or raises")

    def _emit(self, event: ev.Event) -> None:
        entry = ev.Entry(
            seq=self.fold.seq + 1,
            at=self.clock.now(),
            session=ev.VERIFY,
            slot=0,
            event=event,
        )
        self.ledger.append(entry)
        self.fold.apply(entry)
        self.tell(entry)
