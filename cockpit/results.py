"""Facts about one run: what it cost, what was measured, how it ended.

Import them from `cockpit.trial`, beside the trial they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TrustTier = Literal["examined", "examined-open", "printed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measured value."""

    metric: str
    split: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run cost, as the warden measured it; None where the machine does not tell.

    Seconds are wall clock: `wait` until the device was free, `launch` before the clock started,
    `train` from the first line of `train.py` to hand-over (or to the end), `examine` afterwards.
    `cpu_share` is CPU seconds over wall seconds and threads; `memory` is peak bytes (VRAM, else
    resident), `energy` GPU joules.
    """

    launch: float = 0.0
    train: float = 0.0
    examine: float = 0.0
    cpu_share: float | None = None
    memory: int | None = None
    steps: int | None = None
    tokens: int | None = None
    contended: str = ""
    energy: float | None = None
    wait: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Handed over in time and examined, if not a dry run; the only result with readings.

    `sample` is a tune the model wrote, `parameters` counts the numbers in the weights.
    """

    readings: tuple[Reading, ...]
    usage: Usage
    trust: TrustTier = "examined"
    sample: str = ""
    probes: int = 0
    weights_digest: str = ""
    parameters: int | None = None

    def value(self, metric: str, split: str = "val") -> float | None:
        """Return the reading of `metric` on `split`, or None when it was not taken."""
        return next(
            (r.value for r in self.readings if r.metric == metric and r.split == split), None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """Died through its own failure; `reason` is one sentence, `log_tail` its last lines."""

    reason: str
    usage: Usage
    log_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """Handed nothing over within the budget; ended by the warden."""

    reason: str
    usage: Usage
    log_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Ended by the human, a quit or our own failure; never held against the idea.

    `again`: the file is to be run once more in the same trial, with a fresh seed.
    """

    reason: str
    usage: Usage = field(default_factory=Usage)
    again: bool = False
