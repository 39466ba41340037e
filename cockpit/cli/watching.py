"""Loss curves read back from run folders, of earlier trials and of another process's run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cockpit import events as ev
from cockpit.arena.output import clean, parse_step
from cockpit.arena.runfolder import name_of
from cockpit.engine.board import Board
from cockpit.engine.rows import Row, RunRow
from cockpit.ports import Clock

MOST = 4 << 20
"""Bytes of a log that are read for its curve."""
TAIL, LINES = 16 << 10, 40
"""Bytes and lines of a log's end that are read for a trial's page."""


def log_at(root: Path, tag: str, trial: int, run: int) -> Path:
    """Return where a run's log lies, as long as its folder is there."""
    return root / ".cockpit/runs" / tag / name_of(trial, run) / "output.log"


def curve(root: Path, tag: str, trial: int, run: int, seconds: float) -> list[ev.StepLogged]:
    """Return the steps of a run's log, spread evenly over `seconds`; empty when it is gone."""
    try:
        with log_at(root, tag, trial, run).open("rb") as file:
            text = clean(file.read(MOST).decode("utf-8", "replace"))
    except OSError:
        return []
    steps = [step for line in text.split("\n") if (step := parse_step(line)) is not None]
    last = max((s.step for s in steps), default=1)
    return [
        ev.StepLogged(
            trial=trial,
            run=run,
            step=s.step,
            loss=s.loss,
            elapsed=seconds * s.step / max(1, last),
            tokens_per_second=s.tokens_per_second,
        )
        for s in steps
    ]


def past_curve(root: Path, board: Board, trial: int) -> list[ev.StepLogged]:
    """Return the loss curve of a trial's scoring run."""
    row = board.rows.get(trial)
    runs = [r for r in row.runs if r.role == "scoring run"] if row else []
    if not runs:
        return []
    return curve(root, board.session_tag, trial, runs[-1].run, runs[-1].budget)


def past_log(root: Path, board: Board, trial: int) -> list[str]:
    """Return the last lines that a trial's newest run printed; empty when its folder is gone."""
    row = board.rows.get(trial) or board.rehearsals.get(trial)
    if row is None or not row.runs:
        return []
    path = log_at(root, board.session_tag, trial, row.runs[-1].run)
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            text = clean(file.read(TAIL).decode("utf-8", "replace"))
    except OSError:
        return []
    return [line.rstrip() for line in text.split("\n") if line.strip()][-LINES:]


def stage_of(board: Board) -> tuple[int, ev.Stage] | None:
    """Return where the trial in hand stands while nothing runs; None where there is none.

    A trial that is drafted ahead is the one in hand while its agent is asked.
    """
    if not board.running or board.released:
        return None
    asked = (row for row in board.open_trials if row.spent.asked is not None)
    row = next(asked, board.open_trial)
    if row is None:
        return None
    if row.spent.asked is not None:
        return row.number, "propose"
    if row.in_review:
        return row.number, "review"
    if row.state == "judged" or (row.runs and row.runs[-1].role != "dry run"):
        return row.number, "judge"
    return row.number, "stage" if row.digest else "propose"


class RunWatcher:
    """Tells what a session of another process does, once a look, from journal and log."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root, self._clock = root, clock
        self._told: tuple[str, int, int] | None = None
        self._stage: tuple[int, ev.Stage] | None = None
        self._step, self._seconds = 0, 0.0

    def look(self, board: Board) -> list[ev.Sample]:
        """Return what is new since the last look."""
        row = board.open_trial
        run = row.runs[-1] if row is not None and row.runs else None
        if row is None or run is None or run.result is not None:
            self._told = None
            return self._between(stage_of(board))
        news: list[ev.Sample] = []
        told = (board.session_tag, row.number, run.run)
        if self._told != told:
            self._told, self._step, self._seconds = told, 0, 0.0
            news += self._begin(row, run)
        seconds = max(0.1, self._clock.now() - run.started_at)
        steps = curve(self._root, board.session_tag, row.number, run.run, seconds)
        return [*news, *self._since(steps, seconds)]

    def _between(self, now: tuple[int, ev.Stage] | None) -> list[ev.Sample]:
        """Return the stage that was reached since the last run or look; the end of one too."""
        before = self._stage
        if now is None and before is not None:
            now = before[0], "idle"
        if now is None or now == before:
            return []
        self._stage = now
        return [ev.StageReached(trial=now[0], stage=now[1])]

    def _since(self, steps: list[ev.StepLogged], seconds: float) -> list[ev.StepLogged]:
        """Return the steps that are new, spread evenly over the time since the last look."""
        new = [step for step in steps if step.step > self._step]
        if not new:
            return []
        before, at, last = self._step, self._seconds, max(step.step for step in new)
        self._step, self._seconds = last, seconds
        pace = (seconds - at) / (last - before)
        return [replace(step, elapsed=at + pace * (step.step - before)) for step in new]

    def _begin(self, row: Row, run: RunRow) -> list[ev.Sample]:
        # The warden's clock starts a little after the entry: torch is imported first.
        began = self._clock.monotonic() - (self._clock.now() - run.started_at)
        stage: ev.Stage = "dry run" if run.role == "dry run" else "train"
        self._stage = row.number, stage
        return [
            ev.StageReached(trial=row.number, stage=stage),
            ev.ClockStarted(
                trial=row.number,
                run=run.run,
                role=run.role,
                monotonic=began,
                budget=run.budget,
            ),
        ]
