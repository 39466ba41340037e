"""What happened: past-tense facts for the journal, and samples for whoever is looking.

An `Event` is durable: it is appended to the ledger before anyone hears of it, and folding all of
them gives the Board. A `Sample` is live only: it goes to the screen and to the run folder. Both
are frozen. `Entry` is an event with its place in the journal; `docs/EVENTS.md` documents the JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cockpit.trial import (
    Constant,
    Lane,
    Proposal,
    Rejected,
    RunResult,
    RunRole,
    TrialKind,
    TrustTier,
    Verdict,
)

SCHEMA = 1
Phase = Literal["setup", "rehearsal", "baseline", "first ten", "autonomous"]
Stage = Literal["idle", "propose", "stage", "review", "dry run", "train", "examine", "judge"]
Level = Literal["info", "warning", "needs human"]
Decision = Literal["accepted", "refused", "edited", "trusted", "unanswered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What makes two values comparable; another one opens a new session with its own baseline."""

    metric: str
    budget: float
    data: str
    prepare: str
    device: str
    driver: str
    torch: str
    threads: int
    trust: TrustTier


# --- events: the session ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """A new line of research on `branch`, whose baseline is the file of `digest`.

    `review` is the review mode; under `keeps` a keep is provisional until the human approves it.
    """

    tag: str
    branch: str
    base_commit: str
    digest: str
    fingerprint: Fingerprint
    direction: str
    data: str
    agent: str
    review: str = "timed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed:
    """The same session went on after a restart."""

    agent: str
    review: str = "timed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """The engine stopped, for a stated reason; the session can be resumed."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEntered:
    """The session entered `phase`; a restart goes on there. `needed` counts its iterations."""

    phase: Phase
    why: str
    needed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationMeasured:
    """What the self-test found: `level` is sealed, walled, netless or open."""

    level: str
    detail: str
    blocked: int
    attempts: int
    residuals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Something the human should know, in one sentence; a topic's last notice replaces it."""

    level: Level
    topic: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAcknowledged:
    """The engine heard the human: what it will do and when; `state` says where it is now."""

    request: Literal["pause", "resume", "skip", "stop", "revert", "trust", "steer"]
    state: Literal["pending", "done", "refused"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """The human left a note for the agent."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerFailed:
    """A listener raised and was dropped; the loop goes on."""

    listener: str
    error: str


# --- events: one trial -----------------------------------------------------------------------


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
    """The review ended."""

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
    """One line for learnings.md, filed under a section."""

    trial: int
    section: Literal["wins", "dead ends", "crashes", "open ideas"]
    text: str


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
class BestRemeasured:
    """Best against baseline, with fresh seeds, run in pairs; values in run order."""

    best: int
    baseline_values: tuple[float, ...]
    best_values: tuple[float, ...]
    gain: float
    half_width: float | None


Event = (
    SessionStarted
    | SessionResumed
    | SessionEnded
    | PhaseEntered
    | IsolationMeasured
    | Noticed
    | RequestAcknowledged
    | Steered
    | ListenerFailed
    | TrialStarted
    | Asked
    | AgentDeclined
    | Proposed
    | ProposalRejected
    | Staged
    | ReviewOpened
    | Reviewed
    | RunStarted
    | RunFinished
    | TrialJudged
    | TrialSettled
    | TrialAbandoned
    | RehearsalFinished
    | LessonLearned
    | LessonStruck
    | IncumbentReverted
    | BestRemeasured
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event in the journal: `seq` orders it, `at` is Unix time in seconds, `slot` its device."""

    seq: int
    at: float
    session: str
    slot: int
    event: Event


# --- samples: live only ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached:
    """The open trial reached a stage of the strip `propose > stage > dry run > TRAIN > ...`."""

    trial: int
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStarted:
    """The warden started the budget at `monotonic` (CLOCK_MONOTONIC seconds, this machine)."""

    trial: int
    run: int
    role: RunRole
    monotonic: float
    budget: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLogged:
    """A progress line of `train.py`, as parsed; display only, decides nothing."""

    trial: int
    run: int
    step: int
    loss: float
    elapsed: float
    tokens_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesLogged:
    """Raw output of the run, control codes stripped, batched."""

    trial: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpoke:
    """More text from the model; `thinking` is dimmed on screen. Empty text starts a new reply."""

    trial: int
    text: str
    thinking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSized:
    """Tokens of the prompt, of the window `num_ctx`, for the Plan pane."""

    tokens: int
    window: int
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One GPU as NVML sees it; None where it does not tell. Bytes, watts, degrees Celsius."""

    index: int
    name: str
    driver: str
    utilisation: float | None
    memory_used: int | None
    memory_total: int | None
    power: float | None
    temperature: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """One sample of the machine; `devices` is empty without a GPU; shares 0 to 1, bytes."""

    at: float
    devices: tuple[Device, ...]
    cpu: float
    memory_used: int
    memory_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFor:
    """What the engine waits for now and until when (Unix time); an empty text ends it."""

    text: str
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Setup work, for example `reading tunes`; done is 0 to 1, or None when unknown."""

    text: str
    done: float | None = None


Sample = (
    StageReached
    | ClockStarted
    | StepLogged
    | LinesLogged
    | AgentSpoke
    | ContextSized
    | Telemetry
    | WaitingFor
    | Progress
)
