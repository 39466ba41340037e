"""Events of `cockpit verify`: keeps run again against their predecessors, later, by themselves.

They stand in the journal under the session name `verify`, beside the sessions: no row, no mean and
no incumbent of a session is changed by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cockpit.events.session import Fingerprint
from cockpit.trial import RunResult

VERIFY = "verify"
"""What entries of these events have for a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFile:
    """One `train.py`: the SHA-256 of its text, the commit that holds it, and how people call it."""

    digest: str
    commit: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyKeep:
    """What is to be verified: that file `new` is better than `old` (both digests).

    `trial` is the kept one of a session, None for a commit; `gain` is what it was kept for, in the
    metric's unit, positive when better, and `sigma` the noise it was judged by. A `simpler` one
    only has to cost next to nothing.
    """

    label: str
    summary: str
    old: str
    new: str
    trial: int | None = None
    gain: float | None = None
    sigma: float | None = None
    simpler: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyStarted:
    """A verification began, or was given more pairs; `verify` names it, `subject` says of what.

    Each of the `files` is run once a pair, all with the pair's seed, one after the other.
    """

    verify: str
    subject: str
    fingerprint: Fingerprint
    direction: str
    pairs: int
    files: tuple[VerifyFile, ...]
    keeps: tuple[VerifyKeep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRan:
    """The file `digest` was run in pair number `pair`, counted from 1."""

    verify: str
    digest: str
    pair: int
    seed: int
    result: RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepVerified:
    """What the pairs say of one keep; gains are positive when better, None where nothing is known.

    `low` and `high` are the 95 % interval; `sigma` the noise of one run within its pair, with
    `freedom`; `pairs` counts those with a value of both files, `shared` their runs that did not
    have the machine to themselves.
    """

    verify: str
    keep: VerifyKeep
    word: Literal["real", "unproven", "luck"]
    pairs: int
    shared: int
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    sigma: float | None = None
    freedom: int | None = None
    note: str = ""
