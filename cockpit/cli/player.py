"""A recorded night, played again: entries at their recorded times, at any speed.

The clock that the screen looks at tells the recorded time, so a countdown on a replay counts what
the warden's did.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from cockpit import events as ev
from cockpit.ports import Clock, Listener

LONGEST = 5.0
"""Real seconds without a run that nothing may happen; a longer silence of the night is cut."""
FASTEST = 1e6
SOON = 1e-3
"""Real seconds that are not waited for: a clock may be too coarse to tell them."""
PERIOD = 0.25
"""Real seconds between two looks at the curve."""
Curve = Callable[[int, int], Sequence[ev.StepLogged]]
"""The steps of a trial's run, as read back."""


class ReplayClock:
    """Recorded time, `speed` times as fast as the real one; both clocks of the port tell it.

    Args:
        real: the time outside.
        at: recorded Unix time to begin at.
        speed: recorded seconds of a real one.
    """

    def __init__(self, real: Clock, at: float, speed: float) -> None:
        self._real, self._at, self._speed = real, at, min(speed, FASTEST)
        self._since = real.monotonic()
        self._paused = False
        self._lock = threading.RLock()

    @property
    def speed(self) -> float:
        """Recorded seconds of a real one."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Say whether the time stands still."""
        return self._paused

    def now(self) -> float:
        """Return the recorded Unix time that is shown now."""
        with self._lock:
            passed = 0.0 if self._paused else self._real.monotonic() - self._since
            return self._at + passed * self._speed

    def monotonic(self) -> float:
        """Return the same: on a replay spans are recorded spans."""
        return self.now()

    def pause(self) -> None:
        """Stand still, or go on."""
        with self._lock:
            self._set(self.now())
            self._paused = not self._paused

    def faster(self, factor: float) -> None:
        """Go on `factor` times as fast."""
        with self._lock:
            self._set(self.now())
            self._speed = min(FASTEST, max(1.0, self._speed * factor))

    def jump(self, to: float) -> None:
        """Show the recorded time `to`, if it is not past."""
        with self._lock:
            self._set(max(self.now(), to))

    def _set(self, at: float) -> None:
        self._at, self._since = at, self._real.monotonic()


class Player:
    """Tells a listener a recorded night; `play` blocks until it ended or `stop` was called.

    Args:
        entries: in order.
        clock: the recorded time.
        wait: waits some real seconds, less when interrupted.
        curve: reads back the steps of a run; none where there are no run folders.
    """

    def __init__(
        self,
        entries: Sequence[ev.Entry],
        clock: ReplayClock,
        wait: Callable[[float], object],
        curve: Curve = lambda _trial, _run: (),
    ) -> None:
        self._entries, self._clock, self._wait, self._curve = entries, clock, wait, curve
        self._stopped = False
        self._skipping = False
        self._steps: list[ev.StepLogged] = []
        self._began = 0.0
        self._running = False

    def stop(self) -> None:
        """End within a moment."""
        self._stopped = True

    def step(self) -> None:
        """Go to the end of the trial in hand."""
        self._skipping = True

    def play(self, listener: Listener) -> None:
        """Announce everything."""
        for entry in self._entries:
            self._until(entry.at, listener)
            if self._stopped:
                return
            listener(entry)
            if isinstance(entry.event, ev.RunStarted | ev.RunFinished):
                self._running = isinstance(entry.event, ev.RunStarted)
            for sample in self._samples(entry.event):
                listener(sample)
            if isinstance(entry.event, ev.TrialSettled | ev.TrialAbandoned):
                self._skipping = False

    def _until(self, at: float, listener: Listener) -> None:
        """Let the recorded time come to `at`, telling the steps on the way."""
        while not self._stopped:
            if self._skipping:
                self._clock.jump(at)
            left = (at - self._clock.now()) / self._clock.speed
            if left > LONGEST and not (self._clock.paused or self._running):
                self._clock.jump(at - LONGEST * self._clock.speed)
                left = LONGEST
            for step in self._due():
                listener(step)
            if left < SOON:
                return
            self._wait(PERIOD if self._clock.paused else min(left, PERIOD))

    def _due(self) -> Iterator[ev.StepLogged]:
        elapsed = self._clock.now() - self._began
        while self._steps and self._steps[0].elapsed <= elapsed:
            yield self._steps.pop(0)

    def _samples(self, event: ev.Event) -> Iterator[ev.Sample]:
        match event:
            case ev.TrialStarted(trial=trial):
                yield ev.StageReached(trial=trial, stage="propose")
            case ev.Staged(trial=trial):
                yield ev.StageReached(trial=trial, stage="stage")
            case ev.ReviewOpened(trial=trial):
                yield ev.StageReached(trial=trial, stage="review")
            case ev.RunStarted():
                yield from self._run(event)
            case ev.RunFinished(trial=trial, role=role) if role != "dry run":
                yield ev.StageReached(trial=trial, stage="examine")
            case ev.TrialJudged(trial=trial):
                yield ev.StageReached(trial=trial, stage="judge")
            case ev.TrialSettled(trial=trial) | ev.TrialAbandoned(trial=trial):
                yield ev.StageReached(trial=trial, stage="idle")
            case _:
                pass

    def _run(self, event: ev.RunStarted) -> Iterator[ev.Sample]:
        self._began = self._clock.now()
        self._steps = list(self._curve(event.trial, event.run))
        stage: ev.Stage = "dry run" if event.role == "dry run" else "train"
        yield ev.StageReached(trial=event.trial, stage=stage)
        yield ev.ClockStarted(
            trial=event.trial,
            run=event.run,
            role=event.role,
            monotonic=self._began,
            budget=event.budget,
        )
