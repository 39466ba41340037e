"""What every pane looks at: the screen's own folds, and what is derived from them.

The screen shares nothing with the engine: it folds the same entries into its own Board, so that
what it shows is what a replay would show. Only the screen's thread touches a View.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cockpit import events as ev
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.engine.live import LiveRun
from cockpit.engine.rows import Row
from cockpit.ports import Clock
from cockpit.report.timeline import Timeline
from cockpit.tui.bridge import Recalled
from cockpit.tui.curves import Curves
from cockpit.tui.shelf import Shelf

BESIDE = 22.0
"""Seconds a trial takes beside its run, until one was timed; upstream's compile and evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What this start of the engine was asked for; `pairs` are those of the re-measurement.

    `review` is as `[review] mode`, `wait` the seconds a timed one waits; `budget` in seconds.
    """

    budget: float = 300.0
    experiments: int | None = None
    review: str = "timed"
    wait: float = 60.0
    pairs: int = 0


@dataclass(slots=True, kw_only=True)
class View:
    """Folds, settings of the screen, and the human's selection.

    Attributes:
        stop_at: Unix time of the stop hour, or None.
        start: what this start was asked for, where this process runs the engine.
        shelf: files, logs and curves of earlier trials.
        timeline: when each session was at work.
        alive: says whether there is still a cockpit at work; may be asked in any thread.
        reports: the folder that reports are written to.
        base: the trial that every other one's file is held against, or None.
        split: whether diffs stand side by side; None where there is room.
        program, learnings: the files as last read.
        first_read: the same as they were when the screen opened, to mark what changed.
        behind: by pane, the panes that its place on the screen hides, for its title.
        reading: how much of a long journal was read so far, 0 to 1; None once all of it was.
        ended: why the engine's work ended, or nothing.
        waiting: how many keeps wait for approval.
        began: Unix time at which the screen opened.
        left: how many of the experiments that this start was asked for are still to come.
        quitting: the human pressed `q`; the session is being ended.
    """

    fold: Fold
    live: LiveRun
    clock: Clock
    root: Path
    stop_at: float | None = None
    start: Start = field(default_factory=Start)
    read_only: bool = False
    ascii_only: bool = False
    shelf: Shelf = field(default_factory=Shelf)
    timeline: Timeline = field(default_factory=Timeline)
    alive: Callable[[], bool] = lambda: True
    reports: Path = Path()
    base: int | None = None
    split: bool | None = None
    program: str = ""
    learnings: str = ""
    first_read: dict[str, str] = field(default_factory=dict)
    selected: int | None = None
    behind: dict[str, str] = field(default_factory=dict)
    quitting: bool = False
    reading: float | None = None
    ended: str = ""
    curves: Curves = field(default_factory=Curves)
    turns: list[float] = field(default_factory=list)
    waiting: int = 0
    open: Row | None = None
    review: Row | None = None
    best: float | None = None
    baseline: float | None = None
    began: float = 0.0
    left: int | None = None

    def __post_init__(self) -> None:
        self.began = self.clock.now()
        self.derive()

    @property
    def board(self) -> Board:
        """The board of the current session."""
        return self.fold.board

    # --- folding -----------------------------------------------------------------------------

    def apply(self, item: ev.Entry | ev.Sample | Recalled) -> None:
        """Advance by one item; call `derive` after the last one of a batch."""
        if isinstance(item, Recalled):
            self._recall(item)
            return
        if isinstance(item, ev.Entry):
            before = self.board
            self.fold.apply(item)
            self.timeline.apply(item)
            if before.seq >= 0 and before is not self.board:
                self._forget()
            return
        self.live.apply(item)
        if isinstance(item, ev.StepLogged):
            self.curves.take(item, self.board, self.live.clock)

    def _recall(self, piece: Recalled) -> None:
        for entry in piece.entries:
            self.apply(entry)
        self.reading = piece.share if piece.share < 1.0 else None

    def _forget(self) -> None:
        """Let go of the session before: another one's trials have the same numbers."""
        self.selected = self.base = None
        self.curves = Curves()
        self.shelf.forget()

    def derive(self) -> None:
        """Work out what is asked of the board many times a second but changes only by entries."""
        if self.reading is not None:  # what was open or best half-way is of no use
            return
        board = self.board
        self.open, self.review = board.open_trial, board.review
        self.best, self.baseline = board.incumbent_value, board.baseline_value
        self.curves.keep({board.incumbent, self.open.number if self.open else None})
        ended = [r for r in board.rows.values() if r.ended_at is not None][-12:]
        self.waiting = sum(row.provisional for row in board.rows.values())
        ends = [0.0, *(row.ended_at or 0.0 for row in ended)]  # drafts are made ahead of their run
        turns = zip(ended, ends, ends[1:], strict=False)
        self.turns = [end - max(r.started_at, before) for r, before, end in turns if r.scored]
        if self.start.experiments is not None:
            new = (r for r in board.rows.values() if r.number > 0 and r.started_at >= self.began)
            self.left = max(0, self.start.experiments - sum(r.scored for r in new))

    def take(self, name: str, text: str) -> None:
        """Take the text of program.md (`program`) or learnings.md (`learnings`) as it is now."""
        self.first_read.setdefault(name, text)
        match name:
            case "program":
                self.program = text
            case "learnings":
                self.learnings = text
            case _:
                raise ValueError(name)

    def titled(self, pane: str, title: str) -> str:
        """Return a pane's title, with the panes behind it where the layout shows one at a time."""
        behind = self.behind.get(pane, "")
        return f"{title} │ {behind}" if behind else title

    # --- questions -----------------------------------------------------------------------------

    @property
    def rows(self) -> dict[int, Row]:
        """The rows of the ledger pane; the rehearsals, until there is a baseline."""
        board = self.board
        return board.rows or board.rehearsals

    @property
    def shown(self) -> Row | None:
        """The row that diff and detail show: the selected one, else in review, else in hand."""
        if self.selected is None:
            return self.review or self.open or next(reversed(self.rows.values()), None)
        return self.rows.get(self.selected)

    @property
    def ghost(self) -> Sequence[ev.StepLogged]:
        """The loss curve of the incumbent, oldest step first."""
        best = self.board.incumbent
        if best is None:
            return ()
        return self.curves.of(best) or self.shelf.steps(best)

    @property
    def remaining(self) -> float | None:
        """Seconds until the warden's deadline; None when no clock runs."""
        clock = self.live.clock
        if clock is None:
            return None
        return max(0.0, clock.monotonic + clock.budget - self.clock.monotonic())

    @property
    def deadline(self) -> float | None:
        """Unix time of the warden's deadline."""
        left = self.remaining
        return None if left is None else self.clock.now() + left

    @property
    def budget(self) -> float:
        """Seconds of one run."""
        if self.live.clock is not None:
            return self.live.clock.budget
        print_ = self.board.fingerprint
        return print_.budget if print_ is not None else self.start.budget

    @property
    def turn(self) -> float:
        """Seconds a trial takes, as lately measured; before that, the budget and a little."""
        return sum(self.turns) / len(self.turns) if self.turns else self.budget + BESIDE

    @property
    def fit(self) -> int | None:
        """How many trials fit before the stop hour, and before the last re-measurement."""
        if self.stop_at is None:
            return None
        last = 2 * self.start.pairs * self.budget
        return max(0, int((self.stop_at - last - self.clock.now()) / max(self.turn, 1.0)))

    @property
    def gain(self) -> tuple[float | None, float | None]:
        """Best against baseline: share of the baseline, and sigmas."""
        if self.best is None or self.baseline is None or not self.board.incumbent:
            return None, None
        delta = self.best - self.baseline
        sigma = self.board.sigma
        share = delta / self.baseline if self.baseline else None
        return share, abs(delta) / sigma if sigma else None

    @property
    def stale(self) -> float | None:
        """Seconds since the last telemetry sample when it is too old to be called live."""
        if not self.live.telemetry:
            return None
        age = self.clock.now() - self.live.telemetry[-1].at
        return age if age > 3 else None
