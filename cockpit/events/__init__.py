"""What happened: past-tense facts for the journal, and samples for whoever is looking.

An `Event` is durable: it is appended to the ledger before anyone hears of it, and folding all of
them gives the Board. A `Sample` is live only: it goes to the screen and to the run folder. Both
are frozen. `Entry` is an event with its place in the journal; `docs/EVENTS.md` documents the JSON.
"""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.events.samples import (
    AgentSpoke,
    ClockStarted,
    ContextSized,
    Device,
    LinesLogged,
    Progress,
    Sample,
    Stage,
    StageReached,
    StepLogged,
    Telemetry,
    WaitingFor,
)
from cockpit.events.session import (
    Fingerprint,
    IsolationMeasured,
    Level,
    ListenerFailed,
    Noticed,
    Phase,
    PhaseEntered,
    RequestAcknowledged,
    Requested,
    RequestState,
    SessionEnded,
    SessionResumed,
    SessionStarted,
    Steered,
)
from cockpit.events.trial import (
    AgentDeclined,
    Asked,
    BestRemeasured,
    Decision,
    IncumbentReverted,
    KeepApproved,
    KeepRefused,
    LessonLearned,
    LessonStruck,
    ProposalRejected,
    Proposed,
    RehearsalFinished,
    Reviewed,
    ReviewOpened,
    RunFinished,
    RunStarted,
    Staged,
    TrialAbandoned,
    TrialJudged,
    TrialSettled,
    TrialStarted,
)
from cockpit.events.verify import (
    VERIFY,
    KeepVerified,
    VerifyFile,
    VerifyKeep,
    VerifyRan,
    VerifyStarted,
)

__all__ = [
    "SCHEMA",
    "VERIFY",
    "AgentDeclined",
    "AgentSpoke",
    "Asked",
    "BestRemeasured",
    "ClockStarted",
    "ContextSized",
    "Decision",
    "Device",
    "Entry",
    "Event",
    "Fingerprint",
    "IncumbentReverted",
    "IsolationMeasured",
    "KeepApproved",
    "KeepRefused",
    "KeepVerified",
    "LessonLearned",
    "LessonStruck",
    "Level",
    "LinesLogged",
    "ListenerFailed",
    "Noticed",
    "Phase",
    "PhaseEntered",
    "Progress",
    "ProposalRejected",
    "Proposed",
    "RehearsalFinished",
    "RequestAcknowledged",
    "RequestState",
    "Requested",
    "ReviewOpened",
    "Reviewed",
    "RunFinished",
    "RunStarted",
    "Sample",
    "SessionEnded",
    "SessionResumed",
    "SessionStarted",
    "Stage",
    "StageReached",
    "Staged",
    "Steered",
    "StepLogged",
    "Telemetry",
    "TrialAbandoned",
    "TrialJudged",
    "TrialSettled",
    "TrialStarted",
    "VerifyFile",
    "VerifyKeep",
    "VerifyRan",
    "VerifyStarted",
    "WaitingFor",
]

SCHEMA = 1
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
    | KeepApproved
    | KeepRefused
    | BestRemeasured
    | VerifyStarted
    | VerifyRan
    | KeepVerified
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event in the journal: `seq` orders it, `at` is Unix time in seconds, `slot` its device."""

    seq: int
    at: float
    session: str
    slot: int
    event: Event
