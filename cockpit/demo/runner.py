"""A clock that is told the time, and a runner that measures by a formula."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from cockpit import events as ev
from cockpit.constraints import measured
from cockpit.digest import digest_of
from cockpit.ports import RunOrder, Watch
from cockpit.source.constants import values
from cockpit.trial import Completed, Constant, Reading, RunResult, Stopped, Usage


class FakeClock:
    """Time that passes only when told to, or a little at each look, so that no wait is endless."""

    def __init__(self, start: float = 1_800_000_000.0, tick: float = 0.0) -> None:
        self._now = start
        self._tick = tick

    def now(self) -> float:
        """Return the fake Unix time."""
        self._now += self._tick
        return self._now

    def monotonic(self) -> float:
        """Return the same time; it never goes back."""
        return self.now()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


def landscape(constants: dict[str, Constant]) -> float:
    """Return the noiseless value of a setting of `TRAIN`'s constants; lower is better."""
    lr, depth = float(constants.get("LR", 3e-4)), float(constants.get("DEPTH", 2))
    warmdown, batch = float(constants.get("WARMDOWN", 0.0)), float(constants.get("BATCH", 8))
    return (
        1.7
        + 0.12 * abs(math.log10(lr / 3e-3))
        + 0.03 * abs(depth - 3)
        + 0.1 * abs(warmdown - 0.5)
        + 0.02 * abs(math.log2(batch / 4))
        - 0.04 * bool(constants.get("QK_NORM", False))
    )


def size(constants: dict[str, Constant]) -> int:
    """Return how many parameters a setting of `TRAIN`'s constants is said to have."""
    return 50_000 * int(constants.get("DEPTH", 2))


@dataclass(slots=True, kw_only=True)
class SimulatedRunner:
    """Measures by `landscape` plus Gaussian noise of `sigma`, seeded by the order.

    `outcome` may replace the result of an order, to play crashes, time-outs and cheats; `steps`
    progress samples are told per run, and the clock passes the budget between them.
    """

    clock: FakeClock
    sigma: float = 0.01
    steps: int = 4
    outcome: Callable[[RunOrder], RunResult | None] = lambda _: None
    orders: list[RunOrder] = field(default_factory=list)

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        """Play one run."""
        self.orders.append(order)
        seconds = 1.0 if order.tokens is not None else order.budget
        start = ev.ClockStarted(
            trial=order.trial,
            run=order.run,
            role=order.role,
            monotonic=self.clock.monotonic(),
            budget=seconds,
        )
        watch.sample(start)
        value = landscape(values(order.text))
        value += random.Random(order.seed).gauss(0.0, self.sigma)  # noqa: S311 - a simulation
        for step in range(1, self.steps + 1):
            self.clock.advance(seconds / self.steps)
            halted = watch.halted()
            if halted is not None:
                return Stopped(reason=halted, usage=Usage(train=seconds * step / self.steps))
            watch.sample(self._step(order, step, seconds, value))
        replaced = self.outcome(order)
        if replaced is not None:
            return replaced
        usage = Usage(launch=2.0, train=seconds, examine=3.0, cpu_share=0.99, memory=400 << 20)
        parameters = size(values(order.text))
        over = measured(order.constraints, memory=usage.memory, parameters=parameters)
        if over is not None:
            return over
        if order.examine == "none":
            return Completed(readings=(), usage=usage, parameters=parameters)
        readings = [Reading(metric="val_bpb", split="val", value=value)]
        if order.audit:
            readings.append(Reading(metric="val_bpb", split="audit", value=value + 0.01))
        weights = digest_of(f"{order.seed}/{order.text}")
        return Completed(
            readings=tuple(readings),
            usage=usage,
            weights_digest=weights,
            probes=64,
            parameters=parameters,
        )

    def recover(self) -> int:
        """Return 0: a simulation leaves nothing behind."""
        return 0

    def _step(self, order: RunOrder, step: int, seconds: float, value: float) -> ev.StepLogged:
        share = step / self.steps
        return ev.StepLogged(
            trial=order.trial,
            run=order.run,
            step=step * 500,
            loss=math.log(2) * (value + 4.0 * math.exp(-6 * share)),
            elapsed=seconds * share,
            tokens_per_second=35_000.0,
        )
