"""Events about a session as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cockpit.trial import TrustTier

Phase = Literal["setup", "rehearsal", "baseline", "first ten", "autonomous"]
Level = Literal["info", "warning", "needs human"]
Requested = Literal[
    "pause",
    "resume",
    "release",
    "skip",
    "stop",
    "revert",
    "accept",
    "edit",
    "hold",
    "trust",
    "steer",
    "approve",
    "refuse",
    "strike",
]
RequestState = Literal["pending", "done", "refused"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """A new line of research on `branch`, whose baseline is the file of `digest`.

    `review` is the review mode; under `keeps` a keep is provisional until the human approves it.
    `constraints` are the sentences that candidates are held to.
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
    constraints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed:
    """The same session went on after a restart, perhaps under other constraints."""

    agent: str
    review: str = "timed"
    constraints: tuple[str, ...] = ()


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
    """What the self-test found: `level` is sealed, walled, netless or open.

    `residuals` begin with the holes, one for each attempt that was not blocked; `remedy` is what
    would make it hold more, empty when it is sealed.
    """

    level: str
    detail: str
    blocked: int
    attempts: int
    residuals: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Something the human should know, in one sentence; a topic's last notice replaces it."""

    level: Level
    topic: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAcknowledged:
    """The engine heard the human: what it will do and when; `state` says where it is now."""

    request: Requested
    state: RequestState
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """The human left a note for the agent, perhaps in answer to its question.

    A `pinned` note is told before every proposal until another takes its place; an empty one
    takes it away.
    """

    text: str
    pinned: bool = False
    answers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerFailed:
    """A listener raised and was dropped; the loop goes on."""

    listener: str
    error: str
