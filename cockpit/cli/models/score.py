"""One model asked for a few proposals: what they come to and cost. Nothing is trained."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from cockpit import events as ev
from cockpit.agents.models import CAPABLE, Model
from cockpit.constraints import Bounds
from cockpit.engine.desk import REPAIRS
from cockpit.engine.funnel import passed_before
from cockpit.ports import Agent, Brief, Clock, PastTrial, Watch
from cockpit.source.stage import stage
from cockpit.trial import Candidate, Declined, Proposal, Rejected, Tier

AFFORDABLE: Final = 0.15
"""Share of a run's budget that a proposal may cost, loading included; training is to have 85 %."""
FAIR: Final = 0.5
"""A model is worth its size if at least this share of the best one's rate of new ideas is its."""


class Tiered(Agent, Protocol):
    """An agent whose edit tier is known."""

    @property
    def tier(self) -> Tier:
        """The edit tier it is asked for now."""


@dataclass(slots=True, kw_only=True)
class Score:
    """What a model's replies came to; each count is part of the one before.

    `seconds` is the time of all of them without loading, which took `load`; `tier` is the edit tier
    at the end; `why` says why it was asked less often than wanted, or what was wrong last.
    """

    model: str
    bytes: int
    parameters: float | None = None
    asked: int = 0
    parsed: int = 0
    applied: int = 0
    compiled: int = 0
    novel: int = 0
    seconds: float = 0.0
    load: float = 0.0
    tier: Tier = ""
    why: str = ""

    @property
    def each(self) -> float | None:
        """Return the seconds of one proposal, loading left out; None before the first reply."""
        return self.seconds / self.asked if self.asked else None

    @property
    def rate(self) -> float:
        """Return the share of replies that were something new to train."""
        return self.novel / self.asked if self.asked else 0.0


def score(
    agent: Tiered, model: Model, told: Brief, count: int, watch: Watch, clock: Clock
) -> Score:
    """Ask an agent for `count` proposals, each after the one before was tried, as far as it knows.

    What the gate would turn back goes back to the agent with the reason, as in a session.
    """
    made = Score(model=model.name, bytes=model.bytes, parameters=model.parameters)
    rejection: Rejected | None = None
    attempts = 0
    while made.asked < count:
        began = clock.monotonic()
        answer = agent.propose(told, rejection, watch)
        made.tier = agent.tier
        if isinstance(answer, Declined):
            made.why = answer.reason
            break
        made.asked += 1
        load = answer.load if isinstance(answer, Proposal) else 0.0
        made.seconds += max(0.0, clock.monotonic() - began - load)
        made.load = max(made.load, load)
        outcome = gate(answer, told)
        _count(made, answer, outcome)
        if isinstance(outcome, Candidate):
            told, rejection, attempts = _after(told, outcome, agent), None, 0
        elif attempts < REPAIRS:
            rejection, attempts = outcome, attempts + 1
        else:
            told, rejection, attempts = replace(told, trial=told.trial + 1), None, 0
    return made


def gate(answer: Proposal | Rejected, told: Brief) -> Candidate | Rejected:
    """Return what the engine's gate makes of a reply, short of running it."""
    if isinstance(answer, Rejected):
        return answer
    staged = stage(answer, told.text, Bounds(constraints=told.constraints, baseline_nodes=None))
    if isinstance(staged, Rejected):
        return staged
    tried = told.tried.get(staged.key)
    if tried is None:
        return staged
    reason = f"repeats #{tried}: {staged.summary}"
    advice = f"This is the same experiment as trial {tried}. Propose something that was not tried."
    return Rejected(stage="novelty", reason=reason, advice=advice, repeats=tried)


def recommended(scores: Sequence[Score], budget: float) -> tuple[str, str]:
    """Return the model to take for the night and why; no model when none is of use.

    Of those with a fair rate of new ideas the largest whose proposals are affordable beside a run
    of `budget` seconds: size decides how good ideas are, which only training would show.
    """
    best = max((one.rate for one in scores), default=0.0)
    fair = [one for one in scores if one.rate > 0 and one.rate >= FAIR * best]
    if not fair:
        return "", "no model made a proposal that could be trained; the sweep needs none"
    able = [one for one in fair if _cost(one) <= AFFORDABLE * budget]
    if not able:
        one = min(fair, key=_cost)
        return one.model, f"{_told(one)}; the quickest, but dear beside runs of {budget:g} s"
    one = max(able, key=lambda one: (one.parameters or one.bytes / 0.6e9, one.rate, -_cost(one)))
    which = "the largest that is quick enough" if len(able) > 1 else "the only one that will do"
    small = 0 < (one.parameters or 0.0) < CAPABLE
    warning = "; models this small propose little of use" if small else ""
    return one.model, f"{_told(one)}; {which} beside runs of {budget:g} s{warning}"


class Patience:
    """A Watch that is halted when the time of one model is over, or by Ctrl-C.

    Args:
        clock: tells when.
        seconds: of this model.
        stopping: set by Ctrl-C.
    """

    def __init__(self, clock: Clock, seconds: float, stopping: threading.Event) -> None:
        self._clock, self._seconds, self._stopping = clock, seconds, stopping
        self._until = clock.monotonic() + seconds

    def halted(self) -> str | None:
        """Say why the model is asked no more."""
        if self._stopping.is_set():
            return "stopped by Ctrl-C"
        return f"its {self._seconds:g} s are over" if self._left() <= 0 else None

    def wait(self, seconds: float) -> str | None:
        """Wait, at most until the time is over."""
        self._stopping.wait(max(0.0, min(seconds, self._left())))
        return self.halted()

    def sample(self, sample: ev.Sample) -> None:
        """Drop what is live."""

    def _left(self) -> float:
        return self._until - self._clock.monotonic()


def _count(made: Score, answer: Proposal | Rejected, outcome: Candidate | Rejected) -> None:
    made.parsed += isinstance(answer, Proposal)
    passed: tuple[str, ...] = ("applied", "compiled", "novel")
    if isinstance(outcome, Rejected):
        passed, made.why = passed_before(outcome.stage), outcome.reason
    for step in passed:
        setattr(made, step, getattr(made, step) + 1)


def _after(told: Brief, candidate: Candidate, agent: Tiered) -> Brief:
    """Return the next brief: the idea counts as tried, and as not good enough."""
    past = PastTrial(
        trial=told.trial,
        lane=agent.lane,
        hypothesis="",
        summary=candidate.summary,
        word="discard",
        reason="inside the noise",
        value=None,
        delta=None,
        sigmas=None,
        constants=candidate.constants,
        base=candidate.base,
    )
    tried = {**told.tried, candidate.key: told.trial}
    return replace(told, trial=told.trial + 1, history=(*told.history, past), tried=tried)


def _cost(one: Score) -> float:
    """Return the seconds of a proposal on a GPU that is shared: the model is loaded for it."""
    return (one.each or 0.0) + one.load


def _told(one: Score) -> str:
    return f"{one.novel} of {one.asked} new and ready to train, {one.each or 0:.1f} s each"
