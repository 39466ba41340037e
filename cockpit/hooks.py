"""Commands of the human's own, run when something happens: `[hooks]` in cockpit.toml.

A `Hooks` is a listener like any other: it hears the journal, decides nothing, and never makes the
engine wait. What happened is handed over in the environment, never in the command's text, so that
no hypothesis of a model can become part of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from cockpit import events as ev
from cockpit.ports import Clock

Hook = Literal["needs_human", "keep", "stopped", "stalled"]
SECONDS = 30.0
"""A command that runs longer is ended, with all that it started."""
SILENCE = 600.0
"""Seconds without a word from the engine, beyond a run's budget, that count as stalled."""
LOOKS = 15.0
"""Seconds between looks whether it stalled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a hook is for, in one sentence."""

    hook: Hook
    text: str
    trial: int | None = None
    value: float | None = None

    def environment(self, root: Path) -> dict[str, str]:
        """Return what a command is told."""
        told = {"": self.hook, "_TEXT": self.text, "_WORKSPACE": str(root)}
        if self.trial is not None:
            told["_TRIAL"] = str(self.trial)
        if self.value is not None:
            told["_VALUE"] = f"{self.value:.6f}"
        return {f"COCKPIT_HOOK{name}": text for name, text in told.items()}


class Alarms:
    """Tells alarms from the rest of what is announced; pure, so that a test needs no commands."""

    def __init__(self) -> None:
        self._heard: float | None = None
        self._budget = 0.0
        self._resting = False
        self._reviewed = -1

    def hear(self, item: ev.Entry | ev.Sample, now: float) -> Alarm | None:
        """Return the alarm that an item gives; `now` in monotonic seconds."""
        if isinstance(item, ev.Telemetry):  # the meters go on when nothing else does
            return None
        self._heard = now
        return self._of(item.event) if isinstance(item, ev.Entry) else None

    def look(self, now: float) -> Alarm | None:
        """Say once that nothing was heard for too long, unless it rests on the human's word."""
        if self._heard is None or self._resting or now - self._heard < SILENCE + self._budget:
            return None
        silent, self._heard = now - self._heard, None
        return Alarm(hook="stalled", text=f"nothing was heard for {silent / 60:.0f} minutes")

    def _of(self, event: ev.Event) -> Alarm | None:
        match event:
            case ev.Noticed(level="needs human", text=text) if text:
                return Alarm(hook="needs_human", text=text)
            case ev.ReviewOpened(trial=trial):
                self._resting = event.until is None
                if trial == self._reviewed:
                    return None  # held by a human, who is there
                self._reviewed = trial
                return Alarm(hook="needs_human", text=f"#{trial} waits for a review", trial=trial)
            case ev.Reviewed():
                self._resting = False
            case ev.RequestAcknowledged(request="pause" | "release", state="done"):
                self._resting = True
            case ev.RequestAcknowledged(request="resume"):
                self._resting = False
            case ev.RunStarted(budget=budget):
                self._budget = budget
            case ev.TrialJudged(trial=trial, verdict=verdict) if verdict.kept and trial > 0:
                text = f"#{trial} {verdict.word}: {verdict.reason}"
                return Alarm(hook="keep", text=text, trial=trial, value=verdict.value)
            case ev.SessionEnded(reason=reason):
                self._resting = True
                return Alarm(hook="stopped", text=reason)
            case _:
                pass
        return None


class Hooks:
    """Runs the human's command for each alarm, detached, and reports what fails.

    Args:
        commands: shell command lines by `Hook`; hooks without one are not run.
        root: the workspace, where they run.
        clock: tells how long nothing was heard.
        report: is given a sentence about a command that failed, from any thread.
    """

    def __init__(
        self,
        commands: Mapping[str, str],
        root: Path,
        clock: Clock,
        report: Callable[[str], object],
    ) -> None:
        self._commands = {hook: line for hook, line in commands.items() if line}
        self._root = root
        self._clock = clock
        self._report = report
        self._alarms = Alarms()
        self._over = threading.Event()
        if "stalled" in self._commands:
            threading.Thread(target=self._watch, name="hooks", daemon=True).start()

    def __call__(self, item: ev.Entry | ev.Sample) -> None:
        """Run the command of what happened, if there is one; returns at once."""
        alarm = self._alarms.hear(item, self._clock.monotonic())
        if alarm is not None:
            self.ring(alarm)

    def ring(self, alarm: Alarm) -> threading.Thread | None:
        """Start the command of an alarm; the thread returned waits for its end."""
        line = self._commands.get(alarm.hook)
        if line is None:
            return None
        said = tempfile.TemporaryFile()  # noqa: SIM115 - read when the command has ended
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", line],
                cwd=self._root,
                env={**os.environ, **alarm.environment(self._root)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            said.close()
            self._report(f"[hooks] {alarm.hook} could not be run: {error}")
            return None
        waiter = threading.Thread(target=self._wait, args=(alarm.hook, process, said), daemon=True)
        waiter.start()
        return waiter

    def close(self) -> None:
        """Watch no longer; commands under way go on by themselves."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(LOOKS):
            alarm = self._alarms.look(self._clock.monotonic())
            if alarm is not None:
                self.ring(alarm)

    def _wait(self, hook: Hook, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        """Wait for a command's end, or end it; report what went wrong."""
        with said:
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                self._report(f"[hooks] {hook} ran longer than {SECONDS:g} s and was ended")
                return
            said.seek(0)
            lines = said.read(4096).decode("utf-8", "replace").strip().splitlines()
        if code:
            why = f": {lines[-1]}" if lines else ""
            self._report(f"[hooks] {hook} ended with exit code {code}{why}")
