"""The engine's desk: the five roles, the plan, the journal in hand, and the human at the door.

`Desk.emit` is durable-first. `Desk` is also the `Watch` that every port is given: whenever a port
asks whether it is halted, the requests of the human are taken, acknowledged and acted on here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cockpit import events as ev
from cockpit.constraints import FREE, Constraints
from cockpit.engine.board import Board
from cockpit.engine.control import Control
from cockpit.engine.fold import Fold
from cockpit.engine.hearing import hear
from cockpit.ports import Clock, Judge, Ledger, Listener, Roster, Runner, Scribe, Watch, Workspace

REPAIRS = 3
"""How often a rejected proposal goes back to its agent before the turn passes on."""
RELEASED = "the GPU was released to the human"
"""Why work is halted that is made again once the human gives the GPU back."""
SKIPPED = "skipped by the human"
"""Why a trial is abandoned that the human does not want to wait for."""
FIRST = 10
"""Experiments whose proposals are shown for review before autonomy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What this start of the engine is to do; see cockpit.toml for the meaning of each.

    `experiments` counts trials that reach a scoring run, `turns` every trial; `until` is Unix
    time; seconds and tokens elsewhere. `rehearsals` None leaves the count to the `Opening`.
    `constraints` are what every candidate is held to.
    """

    budget: float = 300.0
    experiments: int | None = None
    turns: int | None = None
    until: float | None = None
    review: str = "timed"
    review_seconds: float = 60.0
    rehearsals: int | None = None
    rehearsal_tokens: int = 10_000
    remeasure_pairs: int = 0
    constraints: Constraints = FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What setting up found: enough to open a session and to run its trials.

    `offer` takes a `train.py` that the human edited by hand, to be tried next. `vacate` unloads the
    model for a human who takes the GPU, and says in words what was freed.
    """

    fingerprint: ev.Fingerprint
    isolation: ev.IsolationMeasured
    data: str
    agent: str
    roster: Roster
    runner: Runner
    notices: tuple[ev.Noticed, ...] = ()
    rehearsals: int = 3
    offer: Callable[[str], bool] = lambda _: False
    vacate: Callable[[Watch], str] = lambda _: "the run is ended"


@dataclass(slots=True, kw_only=True)
class Desk:
    """Everything the loop works with; used by the engine's thread alone."""

    plan: Plan
    opening: Opening
    workspace: Workspace
    judge: Judge
    ledger: Ledger
    scribe: Scribe
    clock: Clock
    control: Control
    fold: Fold
    listeners: list[Listener]
    tag: str = ""
    waiting_since: float | None = None
    skipping: bool = False
    pausing: bool = False
    releasing: bool = False
    holding: bool = False
    reverts: list[int] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    edits: dict[int, str] = field(default_factory=dict)
    scored: int = 0
    begun: int = 0
    idle: int = 0
    faults: int = 0

    @property
    def board(self) -> Board:
        """The fold of the journal so far."""
        return self.fold.board

    # --- telling -----------------------------------------------------------------------------

    def emit(self, event: ev.Event) -> None:
        """Record an event, then fold it, then tell the listeners.

        Raises:
            LedgerError: it could not be recorded; nothing else has happened then.
        """
        seq, now = self.fold.seq + 1, self.clock.now()
        entry = ev.Entry(seq=seq, at=now, session=self.tag, slot=0, event=event)
        self.ledger.append(entry)
        self.fold.apply(entry)
        self._tell(entry)

    def sample(self, sample: ev.Sample) -> None:
        """Tell the listeners something live."""
        self._tell(sample)

    def notice(self, level: ev.Level, topic: str, text: str) -> None:
        """Say something once: an unchanged notice is not repeated; an empty text withdraws it."""
        shown = self.board.notices.get(topic)
        if (shown.text if shown else "") != text:
            self.emit(ev.Noticed(level=level, topic=topic, text=text))

    def _tell(self, item: ev.Entry | ev.Sample) -> None:
        for listener in tuple(self.listeners):
            try:
                listener(item)
            except Exception as error:  # a listener may be anybody's; the loop must outlive it
                self.listeners.remove(listener)
                name = getattr(listener, "__name__", type(listener).__name__)
                self.emit(ev.ListenerFailed(listener=name, error=str(error) or repr(error)))

    # --- waiting (this is what ports know as Watch) --------------------------------------------

    def halted(self) -> str | None:
        """Take what the human asked for; return why the work in hand must end now, or None."""
        for request in self.control.take():
            hear(self, request)
        if not self.holding:
            self._expire_review()
        if self.control.stopping or self.holding:
            return self.control.stopping or None
        if self.skipping:
            return SKIPPED
        return RELEASED if self.releasing else None

    def wait(self, seconds: float) -> str | None:
        """Wait up to `seconds` on the human; return the reason of a halt, or None."""
        until = self.clock.monotonic() + seconds
        while (reason := self.halted()) is None:
            left = until - self.clock.monotonic()
            if left <= 0:
                return None
            self.control.wait(min(left, 0.25))
        return reason

    def _expire_review(self) -> None:
        row = self.board.review
        if row is None or row.review_until is None or self.clock.now() < row.review_until:
            return
        self.reviewed(row.number, "unanswered")

    def reviewed(self, trial: int, decision: ev.Decision, reason: str = "") -> None:
        """Record how a review ended, and for how long the machine stood still for it."""
        since, now = self.waiting_since, self.clock.now()
        waited = 0.0 if since is None else max(0.0, now - since)
        self.emit(ev.Reviewed(trial=trial, decision=decision, reason=reason, waited=waited))


def fan_out(listeners: Iterable[Listener]) -> Callable[[ev.Sample], None]:
    """Return a function that tells every listener a sample, for work before there is a desk."""
    heard = tuple(listeners)

    def tell(sample: ev.Sample) -> None:
        for listener in heard:
            listener(sample)

    return tell
