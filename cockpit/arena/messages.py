"""What a warden says about its job: one JSON line each, the last one always `Ended`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

EndReason = Literal["exit", "deadline", "cancelled", "grace", "launch cap", "orphaned", "disk full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The child exists; nothing of the candidate runs yet."""

    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBegan:
    """The walls are up (`walls` says which, in words) and the budget runs from `monotonic`.

    `torch` and `driver` are versions, as the launcher found them; empty where it did not look.
    """

    monotonic: float
    budget: float
    launch_seconds: float
    walls: str
    torch: str = ""
    driver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The hand-over file appeared, `seconds` after the clock began."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Nothing of the job is left, unless `survivors` says otherwise; always the last message.

    Reasons: it left by itself (`exit`); it was ended at its `deadline`, when the `grace` after its
    hand-over was over, at the `launch cap`, because the `disk` was `full`, because it was
    `cancelled`, or `orphaned`: the cockpit is gone.
    `seconds` run from the clock's start to the end (None: it never started), `handed_over` to the
    hand-over. `exit_code` and `signal` are the child's; `launch_error` is our own sentence when it
    failed before the clock. `peak_rss` is bytes; `contended` is a sentence, or empty.
    """

    reason: EndReason
    exit_code: int | None = None
    signal: int | None = None
    seconds: float | None = None
    launch_seconds: float = 0.0
    handed_over: float | None = None
    survivors: int = 0
    cpu_seconds: float = 0.0
    cpu_share: float | None = None
    peak_rss: int | None = None
    contended: str = ""
    output_bytes: int = 0
    launch_error: str = ""


Message = Started | ClockBegan | HandedOver | Ended
_KINDS: dict[str, type[Message]] = {k.__name__: k for k in get_args(Message)}


def encode(message: Message) -> bytes:
    """Render a message as one JSON line."""
    return json.dumps({"kind": type(message).__name__, **asdict(message)}).encode() + b"\n"


def decode(line: bytes | str) -> Message:
    """Read what `encode` wrote; unknown fields of a newer warden are dropped."""
    raw: dict[str, Any] = json.loads(line)
    kind = _KINDS[raw.pop("kind")]
    return kind(**_known(kind, raw))


def decode_ended(raw: dict[str, Any]) -> Ended:
    """Read the last message back from a record."""
    return Ended(**_known(Ended, raw))


def _known(kind: type[Message], raw: dict[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {k: v for k, v in raw.items() if k in names}
