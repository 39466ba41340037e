"""Samples: what is only shown while it happens; to the screen and the run folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cockpit.trial import RunRole

Stage = Literal["idle", "propose", "stage", "review", "dry run", "train", "examine", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached:
    """The open trial reached a stage of the strip `propose > stage > dry run > TRAIN > ...`."""

    trial: int
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStarted:
    """The warden started the budget at `monotonic` (CLOCK_MONOTONIC seconds, this machine)."""

    trial: int
    run: int
    role: RunRole
    monotonic: float
    budget: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLogged:
    """A progress line of `train.py`, as parsed; display only, decides nothing."""

    trial: int
    run: int
    step: int
    loss: float
    elapsed: float
    tokens_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesLogged:
    """Raw output of the run, control codes stripped, batched."""

    trial: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpoke:
    """More text from the model; `thinking` is dimmed on screen. Empty text starts a new reply."""

    trial: int
    text: str
    thinking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSized:
    """Tokens of the prompt, of the window `num_ctx`, for the Plan pane."""

    tokens: int
    window: int
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One GPU as NVML sees it; None where it does not tell. Bytes, watts, degrees Celsius."""

    index: int
    name: str
    driver: str
    utilisation: float | None
    memory_used: int | None
    memory_total: int | None
    power: float | None
    temperature: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """One sample of the machine; `devices` is empty without a GPU; shares 0 to 1, bytes."""

    at: float
    devices: tuple[Device, ...]
    cpu: float
    memory_used: int
    memory_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFor:
    """What the engine waits for now and until when (Unix time); an empty text ends it."""

    text: str
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Setup work, for example `reading tunes`; done is 0 to 1, or None when unknown."""

    text: str
    done: float | None = None


Sample = (
    StageReached
    | ClockStarted
    | StepLogged
    | LinesLogged
    | AgentSpoke
    | ContextSized
    | Telemetry
    | WaitingFor
    | Progress
)
