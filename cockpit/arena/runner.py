"""A Runner of real processes: run folder, warden, examination, result."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from cockpit.arena import job as jobs
from cockpit.arena.exam import Examination, ExamOrder
from cockpit.arena.follower import Follower
from cockpit.arena.footing import Footing
from cockpit.arena.isolation import training_policy
from cockpit.arena.leftovers import close_leftovers
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.messages import ClockBegan, Ended
from cockpit.arena.meter import Meter
from cockpit.arena.outcome import Traces, outcome_of, unfinished, usage
from cockpit.arena.runfolder import RunFolder
from cockpit.arena.tree import SWEEP_SECONDS
from cockpit.arena.weights import count_parameters
from cockpit.constraints import measured
from cockpit.errors import ArenaError
from cockpit.events import ClockStarted, StageReached
from cockpit.ports import RunOrder, Watch
from cockpit.trial import Completed, RunResult, TrustTier

BEAT = 0.1
"""Seconds between two looks at the watch while a run is on."""
DRY_CAP = 60.0
PASSED_ON = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "CUDA_PATH")
"""The only variables of the cockpit's own environment that a run sees."""
PROGRAMS = "/usr/local/bin:/usr/bin:/bin"
"""Where a run that may start a compiler finds it."""


class Examiner(Protocol):
    """Scores a hand-over; `cockpit.arena.examiner.Examiner` does."""

    def expect(
        self, order: ExamOrder, patience: float, watch: Watch
    ) -> AbstractContextManager[Callable[[], Examination]]:
        """Make ready for a hand-over within `patience` seconds; call what it gives to score it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRunner:
    """Runs candidates under a warden on this machine, one at a time.

    `root` is the workspace, `session` names the folder of its runs. `python` is the interpreter
    with torch. `threads` are those of a run; `device` is a torch device. `trust` is what an
    examined reading is worth here. `warm` imports torch before the clock. `walls` False leaves a
    run unjailed, where the machine has no walls; `landlock` is as in `Policy`. `footing` is what
    each run must find, `meter` makes what watches its GPU.
    """

    root: Path
    examiner: Examiner
    lockbox: Lockbox
    session: Callable[[], str] = lambda: "session"
    python: str = sys.executable
    device: str = "cpu"
    threads: int = 1
    trust: TrustTier = "examined"
    warm: bool = True
    landlock: int | None = None
    walls: bool = True
    launch_cap: float = 60.0
    grace: float = 2.0
    data: Path | None = None
    start: Callable[[jobs.Job, Sequence[int]], jobs.Warden] = field(default=jobs.start)
    footing: Footing = field(default_factory=Footing)
    meter: Callable[[], Meter] = Meter

    @property
    def runs(self) -> Path:
        """The folder of all runs of the workspace."""
        return self.root.resolve() / ".cockpit" / "runs"

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        """Train under the warden, examine, and return how it ended.

        Raises:
            LockError: a locked file, torch or the driver was changed; the session must stop.
            ArenaError: our own side failed; the trial is abandoned.
        """
        self.lockbox.check()
        try:
            result = self._in_folder(order, watch)
        except OSError as error:
            raise ArenaError(f"the run could not go on ({error})", jobs.SHORT) from error
        self.lockbox.check()
        return result

    def recover(self) -> int:
        """End what an earlier cockpit left running and close its run folders; return how many."""
        return close_leftovers(self.runs)

    def _in_folder(self, order: RunOrder, watch: Watch) -> RunResult:
        path = self.runs / self.session()
        folder = RunFolder.create(path, order.trial, order.run, order.text)
        result: RunResult | None = None
        try:
            result = self._measure(order, folder, watch)
        finally:
            folder.close(keep_weights=order.audit and isinstance(result, Completed))
        return result

    def _measure(self, order: RunOrder, folder: RunFolder, watch: Watch) -> RunResult:
        with self._expect(order, folder, watch) as examine:
            ended, traces, halted = self._train(order, folder, watch)
            over = unfinished(ended, self._budget(order), traces, halted)
            if over is not None:
                return over
            used, parameters = usage(ended, traces), count_parameters(folder.handover)
            broken = measured(order.constraints, memory=used.memory, parameters=parameters)
            if broken is not None:
                return broken
            if examine is None:
                return Completed(readings=(), usage=used, trust=self.trust, parameters=parameters)
            watch.sample(StageReached(trial=order.trial, stage="examine"))
            began = time.monotonic()
            found = examine()
        used = replace(used, examine=time.monotonic() - began)
        return outcome_of(found, used, self.trust, parameters)

    def _expect(
        self, order: RunOrder, folder: RunFolder, watch: Watch
    ) -> AbstractContextManager[Callable[[], Examination] | None]:
        if order.examine == "none":
            return nullcontext()
        patience = self.launch_cap + self._budget(order) + SWEEP_SECONDS
        return self.examiner.expect(self._exam(order, folder), patience, watch)

    def _train(
        self, order: RunOrder, folder: RunFolder, watch: Watch
    ) -> tuple[Ended, Traces, str | None]:
        follower = Follower(folder.output, order.trial, order.run, watch)
        halted: str | None = None
        meter = self.meter()
        with self.start(self._job(order, folder), ()) as warden:
            while warden.ended is None:
                for message in warden.poll(BEAT):
                    if isinstance(message, ClockBegan):
                        self.footing.check(message)
                        follower.clock = message.monotonic
                        watch.sample(self._clock_started(order, message))
                if follower.look():
                    meter.look()
                if halted is None and (halted := watch.halted()) is not None:
                    warden.cancel()
            ended = warden.ended
        follower.look(final=True)
        room = ended.reason == "disk full" or ended.signal is not None
        traces = Traces(
            output=follower.end(),
            last=follower.last,
            silent=follower.silent,
            late=folder.late(ended),
            filled=folder.filled() if room else 0,
            memory=meter.memory,
            energy=meter.energy,
            foreign=meter.foreign(),
        )
        return ended, traces, halted

    def _clock_started(self, order: RunOrder, message: ClockBegan) -> ClockStarted:
        return ClockStarted(
            trial=order.trial,
            run=order.run,
            role=order.role,
            monotonic=message.monotonic,
            budget=message.budget,
        )

    def _budget(self, order: RunOrder) -> float:
        return order.budget if order.tokens is None else min(order.budget, DRY_CAP)

    def _job(self, order: RunOrder, folder: RunFolder) -> jobs.Job:
        sandbox = self.root.resolve() / "sandbox"
        read = (folder.script, sandbox, self._data)
        policy = training_policy(
            work=folder.work, read=read, device=self.device, landlock=self.landlock
        )
        return jobs.Job(
            entry=str(folder.script),
            budget=self._budget(order),
            cwd=str(folder.work),
            folder=str(folder.path),
            output=str(folder.output),
            policy=replace(policy, walls=self.walls),
            python=self.python,
            env=self._environment(order, folder),
            path=(str(sandbox),),
            warm=self.warm,
            launch_cap=self.launch_cap,
            handover=str(folder.handover),
            grace=self.grace,
            threads=self.threads,
            hold=self.device == "cpu",
        )

    @property
    def _data(self) -> Path:
        return (self.data or self.root / ".cockpit" / "data").resolve()

    def _environment(self, order: RunOrder, folder: RunFolder) -> dict[str, str]:
        env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        env |= folder.environment()
        env |= {
            "COCKPIT_DATA": str(self._data),
            "COCKPIT_RUN": str(folder.work),
            "COCKPIT_SEED": str(order.seed),
            "COCKPIT_BUDGET": str(self._budget(order)),
            "COCKPIT_DEVICE": self.device,
            "OMP_NUM_THREADS": str(self.threads),
            "OMP_WAIT_POLICY": "PASSIVE",
            "GOMP_SPINCOUNT": "0",
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "HF_HUB_OFFLINE": "1",
            "LANG": "C.UTF-8",
            "PATH": PROGRAMS,
            "USER": "candidate",
        }
        if order.tokens is not None:
            env["COCKPIT_TOKENS"] = str(order.tokens)
        return env

    def _exam(self, order: RunOrder, folder: RunFolder) -> ExamOrder:
        folder.exam.mkdir(mode=0o700, exist_ok=True)
        return ExamOrder(
            text=order.text,
            weights=folder.handover,
            folder=folder.exam,
            depth="brief" if order.examine == "brief" else "full",
            thorough=order.examine == "thorough",
            audit=order.audit,
            sample=order.audit,
            seed=order.seed,
            device=self.device,
            threads=self.threads,
        )
