"""What is going on this second: a fold of samples, for screens only. Decides nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import assert_never

from cockpit import events as ev

HISTORY = 3600
"""Telemetry samples kept: an hour at 1 Hz."""
LINES = 500
"""Log lines kept."""


@dataclass(slots=True)
class LiveRun:
    """The stage, clock, curve, log and telemetry of now; a new run starts a new curve."""

    trial: int | None = None
    stage: ev.Stage = "idle"
    clock: ev.ClockStarted | None = None
    steps: list[ev.StepLogged] = field(default_factory=list)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LINES))
    thinking: str = ""
    reply: str = ""
    context: ev.ContextSized | None = None
    telemetry: deque[ev.Telemetry] = field(default_factory=lambda: deque(maxlen=HISTORY))
    waiting: ev.WaitingFor | None = None
    progress: ev.Progress | None = None

    def apply(self, sample: ev.Sample) -> None:
        """Advance by one sample."""
        match sample:
            case ev.StageReached():
                self.trial, self.stage, self.clock = sample.trial, sample.stage, None
                if sample.stage in ("train", "dry run"):  # a run begins; torch is loaded first
                    self.steps.clear()
                    self.lines.clear()
            case ev.ClockStarted():
                self.clock, self.trial = sample, sample.trial
                self.steps.clear()
                self.lines.clear()
            case ev.StepLogged():
                self.steps.append(sample)
            case ev.LinesLogged():
                self.lines.extend(sample.lines)
            case ev.AgentSpoke():
                self._speak(sample)
            case ev.ContextSized():
                self.context = sample
            case ev.Telemetry():
                self.telemetry.append(sample)
            case ev.WaitingFor():
                self.waiting = sample if sample.text else None
            case ev.Progress():
                self.progress = sample if sample.text else None
            case _:
                assert_never(sample)

    def _speak(self, sample: ev.AgentSpoke) -> None:
        if not sample.text:
            self.thinking = self.reply = ""
        elif sample.thinking:
            self.thinking += sample.text
        else:
            self.reply += sample.text
