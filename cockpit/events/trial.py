"""Events about one trial, in the order in which they come about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cockpit.trial import Constant, Lane, Proposal, Rejected, RunResult, RunRole, TrialKind, Verdict

Decision = Literal["accepted", "refused", "edited", "trusted", "unanswered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStarted:
    """A turn of the loop began. Trial 0 is the baseline; rehearsals count down from -1."""

    trial: int
    kind: TrialKind
    lane: Lane | None = None
    against: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An agent was asked for a proposal; the mouth of the funnel."""

    trial: int
    lane: Lane
    model: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDeclined:
    """The agent answered with no proposal; the turn passes to another lane."""

    trial: int
    lane: Lane
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A reply was read as a proposal; not yet applied."""

    trial: int
    attempt: int
    proposal: Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRejected:
    """The gate turned the proposal back; the agent may repair it."""

    trial: int
    attempt: int
    lane: Lane
    rejection: Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The candidate applies, compiles, passes the guard and is new; `commit` holds its text."""

    trial: int
    digest: str
    key: str
    base: str
    nodes: int
    summary: str
    diff: str
    commit: str
    constants: dict[str, Constant] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened:
    """The proposal waits for the human until `until` (Unix time; None: as long as it takes)."""

    trial: int
    until: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The review ended; `waited` are the seconds for which the machine stood still for it."""

    trial: int
    decision: Decision
    reason: str = ""
    waited: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """Run number `run` of trial `trial` began, of the file that trial `of` proposed."""

    trial: int
    run: int
    role: RunRole
    of: int
    seed: int
    budget: float
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """One execution ended."""

    trial: int
    run: int
    role: RunRole
    of: int
    seed: int
    result: RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialJudged:
    """The verdict; the only commit point of a trial."""

    trial: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSettled:
    """Git and the tree agree with the verdict; `commit` is a keep's, `tree` what was done."""

    trial: int
    commit: str = ""
    tree: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAbandoned:
    """Ended by the human or a power cut; no verdict, never held against the idea."""

    trial: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalFinished:
    """One rehearsal iteration came through the whole loop, or did not and why."""

    trial: int
    through: bool
    repaired: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonLearned:
    """One line for learnings.md, filed under a section.

    The `text` is the cockpit's own and carries the numbers; a second one for the same trial has
    the same text, and `said` is what `model` made of it, under `tags`.
    """

    trial: int
    section: Literal["wins", "dead ends", "crashes", "open ideas"]
    text: str
    said: str = ""
    tags: tuple[str, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonStruck:
    """The human struck the lesson of a trial; it is not shown to the agent again."""

    trial: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncumbentReverted:
    """The human made kept trial `to` (0: the baseline) the incumbent again, by a new commit."""

    to: int
    commit: str
    tree: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepApproved:
    """The human approved a provisional keep."""

    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRefused:
    """The human refused a keep; where it was the incumbent, `back_to` (a trial) is that again.

    `commit` puts that file back on the branch; None and empty where later keeps stand on it.
    """

    trial: int
    reason: str = ""
    back_to: int | None = None
    commit: str = ""
    tree: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestRemeasured:
    """Best against baseline, with fresh seeds, run in pairs; values in run order."""

    best: int
    baseline_values: tuple[float, ...]
    best_values: tuple[float, ...]
    gain: float
    half_width: float | None
