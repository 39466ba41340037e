"""The Board: what a session knows, as a fold of its journal entries.

The engine decides by it, every front end shows it, `status` and replay rebuild it: they agree
because there is one fold. A `Board` is one session; `engine.fold` follows a journal of many.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit import events as ev
from cockpit.engine.funnel import Funnel
from cockpit.engine.measurements import Measurements
from cockpit.engine.rows import Rehearsal, Row, forgive
from cockpit.engine.steering import Steering, file_lesson
from cockpit.metric import Direction, Metric
from cockpit.trial import Lane, TrialKind


@dataclass(slots=True, kw_only=True)
class Board:
    """Everything known about one session; mutable, advanced by `apply` alone.

    `rows` holds trial 0 (the baseline) and the experiments; rehearsals are in `rehearsals`.
    `funnels` counts the steps of the funnel by kind of trial and lane; `measured` holds the runs
    of each trial's file, whichever trial ran it. `trusted`: the human wants to see no more
    proposals, whatever became of the one that they said it at.
    """

    session_tag: str = ""
    branch: str = ""
    metric: Metric = field(default_factory=Metric)
    fingerprint: ev.Fingerprint | None = None
    data: str = ""
    agent: str = ""
    review_mode: str = "timed"
    trusted: bool = False
    constraints: tuple[str, ...] = ()
    phase: ev.Phase = "setup"
    running: bool = False
    ended: str = ""
    started_at: float | None = None
    seq: int = -1
    at: float = 0.0
    rows: dict[int, Row] = field(default_factory=dict)
    rehearsals: dict[int, Row] = field(default_factory=dict)
    rehearsal: Rehearsal = field(default_factory=Rehearsal)
    incumbent: int | None = None
    best_value: float | None = None
    measured: Measurements = field(default_factory=Measurements)
    sigma: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    funnels: dict[tuple[TrialKind, Lane], Funnel] = field(default_factory=dict)
    notices: dict[str, ev.Noticed] = field(default_factory=dict)
    isolation: ev.IsolationMeasured | None = None
    lessons: list[ev.LessonLearned] = field(default_factory=list)
    struck: list[ev.LessonStruck] = field(default_factory=list)
    steering: Steering = field(default_factory=Steering)
    remeasured: ev.BestRemeasured | None = None
    paused: bool = False
    released: bool = False
    request: ev.RequestAcknowledged | None = None

    # --- questions ---------------------------------------------------------------------------

    @property
    def imported(self) -> bool:
        """Say whether it came from elsewhere: its values are the word of their scripts."""
        return self.fingerprint is not None and self.fingerprint.trust == "printed"

    @property
    def next_number(self) -> int:
        """The number of the next experiment."""
        return max((n for n in self.rows if n > 0), default=0) + 1

    @property
    def next_rehearsal(self) -> int:
        """The number of the next rehearsal; they count down from -1."""
        return min(self.rehearsals, default=0) - 1

    @property
    def open_trials(self) -> tuple[Row, ...]:
        """Trials begun and neither settled nor abandoned, oldest first."""
        both = (*self.rehearsals.values(), *self.rows.values())
        return tuple(r for r in both if r.state in ("open", "judged"))

    @property
    def open_trial(self) -> Row | None:
        """The trial in hand: of the open ones, the one that was begun first."""
        return next(iter(self.open_trials), None)

    @property
    def review(self) -> Row | None:
        """The trial whose proposal waits for the human."""
        return next((r for r in self.rows.values() if r.in_review), None)

    @property
    def incumbent_value(self) -> float | None:
        """Mean of the incumbent's runs, never its luckiest."""
        return None if self.incumbent is None else self.mean(self.incumbent)

    @property
    def baseline_value(self) -> float | None:
        """Mean of the baseline's runs."""
        return self.mean(0)

    @property
    def tried(self) -> dict[str, int]:
        """Normal-form keys of what this session tried, with its trial; abandoned ones not."""
        return {r.key: r.number for r in self.rows.values() if r.key and r.counts_as_tried}

    @property
    def funnel(self) -> Funnel:
        """The funnel of the experiments, all lanes together."""
        total = Funnel()
        for (kind, _), funnel in self.funnels.items():
            if kind == "experiment":
                total.add(funnel)
        return total

    def values(self, of: int) -> tuple[float, ...]:
        """Return the measured values of the file that trial `of` proposed, in run order."""
        return tuple(run.value for run in self.measured.runs(of))

    def mean(self, of: int) -> float | None:
        """Return the mean of its runs that had the machine to themselves, else of all, or None."""
        return self.measured.mean(of)

    def apply(self, entry: ev.Entry) -> None:
        """Advance by one entry of this session."""
        self.seq, self.at = entry.seq, entry.at
        event = entry.event
        match event:
            case ev.SessionStarted():
                self._start(event, entry)
            case ev.SessionResumed():
                self.running, self.ended, self.agent = True, "", event.agent
                self.review_mode = event.review
                self.paused, self.released, self.request = False, False, None
                self.notices.clear()
                if event.constraints != self.constraints:
                    forgive(self.rows.values())
                self.constraints = event.constraints
            case ev.SessionEnded():
                self.running, self.ended = False, event.reason
            case ev.PhaseEntered():
                self.phase = event.phase
                self.rehearsal.needed = event.needed or self.rehearsal.needed
            case ev.IsolationMeasured():
                self.isolation = event
            case ev.Noticed():
                if event.text:
                    self.notices[event.topic] = event
                else:
                    self.notices.pop(event.topic, None)
            case ev.RequestAcknowledged():
                self._request(event)
            case ev.Steered():
                self.steering.apply(event)
            case ev.ListenerFailed():
                text = f"{event.listener} failed and was dropped: {event.error}"
                self.notices["listener"] = ev.Noticed(level="warning", topic="listener", text=text)
            case ev.LessonLearned():
                file_lesson(self.lessons, event)
            case ev.LessonStruck():
                self.struck.append(event)
            case ev.BestRemeasured():
                self.remeasured = event
            case ev.IncumbentReverted():
                self.incumbent = event.to
            case ev.TrialStarted():
                self._begin(event, entry.at)
            case _:
                self._apply_trial(event, entry.at)

    def _start(self, event: ev.SessionStarted, entry: ev.Entry) -> None:
        self.session_tag, self.branch, self.data = event.tag, event.branch, event.data
        self.metric = Metric(name=event.fingerprint.metric, direction=Direction(event.direction))
        self.fingerprint, self.agent = event.fingerprint, event.agent
        self.started_at, self.running, self.review_mode = entry.at, True, event.review
        self.constraints = event.constraints

    def _request(self, event: ev.RequestAcknowledged) -> None:
        self.request = event
        if event.request in ("pause", "release") and event.state == "done":
            self.paused, self.released = True, event.request == "release"
        elif event.request == "resume":
            self.paused = self.released = False

    def _begin(self, event: ev.TrialStarted, at: float) -> None:
        number, kind = event.trial, event.kind
        row = Row(number=number, kind=kind, lane=event.lane, against=event.against, started_at=at)
        (self.rehearsals if kind == "rehearsal" else self.rows)[number] = row
        self.measured.forget(number)  # a baseline begun again may be another file

    def _apply_trial(self, event: ev.Event, at: float) -> None:
        number: int = getattr(event, "trial")  # noqa: B009 - every remaining event names its trial
        row = self.rows.get(number) or self.rehearsals[number]
        row.apply(event, at)
        self.steering.apply(event)
        self._count(row, event)
        match event:
            case ev.Reviewed(decision="trusted"):
                self.trusted = True
            case ev.RunFinished():
                self.measured.apply(event, at, self.metric.name)
                if row.word is None:
                    row.value = self.mean(number)
            case ev.TrialJudged(verdict=verdict):
                if verdict.sigma is not None:
                    self._know_noise(verdict.sigma)
                if row.kind == "experiment":
                    self.counts[verdict.word] = self.counts.get(verdict.word, 0) + 1
                if verdict.kept:
                    row.provisional = self.review_mode == "keeps" and row.kind == "experiment"
                    self._keep(row)
            case ev.TrialAbandoned():
                if row.kind == "experiment":
                    self.counts["abandoned"] = self.counts.get("abandoned", 0) + 1
            case ev.RehearsalFinished():
                self.rehearsal.apply(event)
            case ev.KeepRefused(back_to=best):
                self.incumbent = self.incumbent if best is None else best
                self.best_value = None
                for kept in filter(lambda row: row.kept, self.rows.values()):
                    self._reach(kept.value)
            case _:
                pass

    def _know_noise(self, sigma: float) -> None:
        if self.sigma is None:
            for row in self.rows.values():  # what was judged before the noise was known
                if row.delta is not None and row.sigmas is None:
                    row.sigmas = row.delta / sigma
        self.sigma = sigma

    def _keep(self, row: Row) -> None:
        row.replaced, self.incumbent = self.incumbent, row.number
        self._reach(row.value)

    def _reach(self, value: float | None) -> None:
        known = self.best_value
        if value is not None and (known is None or self.metric.better(value, known)):
            self.best_value = value

    def _count(self, row: Row, event: ev.Event) -> None:
        lane = event.lane if isinstance(event, ev.Asked) else row.lane
        if lane is not None and not row.repeats_run(event):
            self.funnels.setdefault((row.kind, lane), Funnel()).apply(event)
