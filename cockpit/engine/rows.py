"""Rows of the Board: a trial, its runs, the rehearsal count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from cockpit import events as ev
from cockpit.engine.costs import Spent
from cockpit.orders import Fallen
from cockpit.trial import (
    Completed,
    Constant,
    Lane,
    Rejected,
    RunResult,
    RunRole,
    Stopped,
    Tier,
    TrialKind,
    VerdictWord,
)


@dataclass(slots=True, kw_only=True)
class RunRow:
    """One execution, finished when `result` is there."""

    run: int
    role: RunRole
    of: int
    seed: int
    budget: float
    why: str
    started_at: float
    result: RunResult | None = None

    @property
    def examined(self) -> float | None:
        """The seconds its examination took; None for a dry run, or before there is one."""
        usage = getattr(self.result, "usage", None)
        return usage.examine if usage and usage.examine and self.role != "dry run" else None


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """How the rehearsal goes: iterations needed, through, tried, and repaired on the way."""

    needed: int = 0
    through: int = 0
    tries: int = 0
    repaired: int = 0
    text: str = ""

    def apply(self, event: ev.RehearsalFinished) -> None:
        """Count one iteration that ended."""
        self.through += event.through
        self.tries += 1
        self.repaired += event.repaired if event.through else 0
        self.text = event.text


@dataclass(slots=True, kw_only=True)
class Row:
    """One trial as the ledger shows it; advanced by `apply` alone."""

    number: int
    kind: TrialKind
    lane: Lane | None
    against: int | None
    started_at: float
    state: Literal["open", "judged", "settled", "abandoned"] = "open"
    model: str = ""
    tier: Tier = ""
    hypothesis: str = ""
    summary: str = ""
    diff: str = ""
    digest: str = ""
    key: str = ""
    base: str = ""
    nodes: int = 0
    constants: dict[str, Constant] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    attempts: int = 0
    rejections: list[Rejected] = field(default_factory=list)
    fallen: list[Fallen] = field(default_factory=list)
    proposal_seconds: float = 0.0
    made_at: int | None = None
    spent: Spent = field(default_factory=Spent)
    review_open: bool = False
    review_until: float | None = None
    decision: ev.Decision | None = None
    decision_reason: str = ""
    waited: float = 0.0
    runs: list[RunRow] = field(default_factory=list)
    word: VerdictWord | None = None
    reason: str = ""
    provisional: bool = False
    refused: str | None = None
    replaced: int | None = None
    value: float | None = None
    delta: float | None = None
    sigma: float | None = None
    sigmas: float | None = None
    seconds: float = 0.0
    memory: int | None = None
    sample: str = ""
    audit: float | None = None
    archived: str = ""
    commit: str = ""
    tree: str = ""
    ended_at: float | None = None
    forgiven: bool = False

    @property
    def in_review(self) -> bool:
        """Say whether the proposal waits for the human."""
        return self.state == "open" and self.review_open and self.decision is None

    @property
    def kept(self) -> bool:
        """Say whether it was kept, and the human did not refuse that."""
        return self.word in ("keep", "simpler") and self.refused is None

    @property
    def forbidden(self) -> bool:
        """Say whether it ended by breaking a constraint; it says nothing about the idea."""
        last = self.runs[-1].result if self.runs else None
        refused = last if isinstance(last, Rejected) else None
        if refused is None and self.rejections:
            refused = self.rejections[-1]
        ended = self.state in ("judged", "settled") and self.value is None
        return ended and refused is not None and refused.stage == "constraints"

    @property
    def counts_as_tried(self) -> bool:
        """Say whether it is held against an equal proposal: not if abandoned or forgiven."""
        return self.state != "abandoned" and not self.forgiven

    @property
    def shared(self) -> bool:
        """Say whether its last run did not have the machine to itself."""
        usage = getattr(self.runs[-1].result, "usage", None) if self.runs else None
        return usage is not None and bool(usage.contended)

    def repeats_run(self, event: ev.Event) -> bool:
        """Say whether an event turns back what the last run was refused for; counted by then."""
        last = self.runs[-1].result if self.runs else None
        return isinstance(event, ev.ProposalRejected) and event.rejection == last

    @property
    def scored(self) -> bool:
        """Say whether the trial reached a scoring run; `--experiments` counts these."""
        return any(
            run.role == "scoring run"
            and run.result is not None
            and not isinstance(run.result, Stopped)
            for run in self.runs
        )

    def apply(self, event: ev.Event, at: float) -> None:
        """Advance by one event of this trial."""
        self.spent.apply(event, at)
        match event:
            case ev.Asked():
                self.lane, self.model, self.attempts = event.lane, event.model, event.attempt
            case ev.AgentDeclined():
                self.reason = event.reason
            case ev.Proposed(proposal=proposal):
                self.lane, self.model, self.tier = proposal.lane, proposal.model, proposal.tier
                self.hypothesis = proposal.hypothesis
                self.proposal_seconds += proposal.seconds
                self.made_at = proposal.made_at
            case ev.ProposalRejected():
                self.rejections.append(event.rejection)
                if event.rejection.stage == "dry run":
                    why = event.rejection.reason
                    told, had = self.summary, self.constants
                    fall = Fallen(summary=told, reason=why, constants=had, shared=self.shared)
                    self.fallen.append(fall)
                self.review_open, self.decision = False, None
            case ev.Staged():
                self._stage(event)
            case ev.ReviewOpened():
                self.review_open, self.review_until, self.decision = True, event.until, None
            case ev.Reviewed():
                self.decision, self.decision_reason = event.decision, event.reason
                self.waited += event.waited
            case ev.RunStarted():
                self._run_started(event, at)
            case ev.RunFinished():
                self._run_finished(event)
            case ev.TrialJudged(verdict=verdict):
                self.state, self.word, self.reason = "judged", verdict.word, verdict.reason
                self.value, self.delta = verdict.value, verdict.delta
                self.sigma, self.sigmas = verdict.sigma, verdict.sigmas
            case ev.TrialSettled():
                self.state, self.commit, self.tree = "settled", event.commit, event.tree
                self.ended_at = at
            case ev.KeepApproved():
                self.provisional = False
            case ev.KeepRefused():
                self.provisional, self.refused = False, event.reason
            case ev.TrialAbandoned():
                self.state, self.reason, self.ended_at = "abandoned", event.reason, at
            case ev.RehearsalFinished():
                self.state, self.reason, self.ended_at = "settled", event.text, at
            case _:
                pass

    def _stage(self, event: ev.Staged) -> None:
        self.digest, self.key, self.base = event.digest, event.key, event.base
        self.nodes, self.summary, self.diff = event.nodes, event.summary, event.diff
        self.constants, self.warnings = event.constants, event.warnings
        self.archived = event.commit

    def _run_started(self, event: ev.RunStarted, at: float) -> None:
        self.runs.append(
            RunRow(
                run=event.run,
                role=event.role,
                of=event.of,
                seed=event.seed,
                budget=event.budget,
                why=event.why,
                started_at=at,
            )
        )

    def _run_finished(self, event: ev.RunFinished) -> None:
        run = next(r for r in reversed(self.runs) if r.run == event.run)
        run.result = event.result
        usage = getattr(event.result, "usage", None)
        if usage is not None and event.role != "dry run":
            self.seconds += usage.train
            if event.of == self.number and usage.memory is not None:
                self.memory = max(self.memory or 0, usage.memory)
        if isinstance(event.result, Completed) and event.of == self.number:
            self.sample = event.result.sample or self.sample
            audits = [r.value for r in event.result.readings if r.split == "audit"]
            self.audit = audits[0] if audits else self.audit


def forgive(rows: Iterable[Row]) -> None:
    """Let what only constraints forbade be tried again, for they have changed."""
    for row in rows:
        row.forgiven |= row.forbidden
