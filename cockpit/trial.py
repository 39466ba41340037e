"""Facts about one trial: what was proposed, what it became, how its runs ended, what was decided.

Everything here is frozen and every outcome is a closed union, so that a `match` with `assert_never`
covers it. A missing value is None, never 0.0. Words are those of docs/ARCHITECTURE.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cockpit.results import Completed as Completed
from cockpit.results import Crashed as Crashed
from cockpit.results import Reading as Reading
from cockpit.results import Stopped as Stopped
from cockpit.results import TimedOut as TimedOut
from cockpit.results import TrustTier as TrustTier
from cockpit.results import Usage as Usage

Constant = bool | int | float | str
Lane = Literal["ollama", "sweep", "human"]
Tier = Literal["", "A", "B", "C"]
"""Edit tier of a model: A one typed constant, B one line, C search/replace; empty elsewhere."""
TrialKind = Literal["baseline", "experiment", "rehearsal"]
RunRole = Literal["dry run", "scoring run", "repeat"]
GateStage = Literal[
    "ask",
    "parse",
    "apply",
    "compile",
    "guard",
    "novelty",
    "dry run",
    "review",
    "constraints",
    "examine",
]
"""Where in the funnel a proposal was turned back; `examine` is a result the examiner refused."""
VerdictWord = Literal["keep", "simpler", "discard", "crash"]


# --- proposals -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConstants:
    """Give module-level constants of `train.py` new literal values; tier A and the sweep."""

    changes: tuple[tuple[str, Constant], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One search/replace pair; `search` must match exactly one place."""

    search: str
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Search/replace blocks, applied in order; tiers B and C."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """The whole new file; the human lane."""

    text: str


Edit = SetConstants | Replace | Rewrite


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A hypothesis and the edit that tests it.

    `seconds` and the token counts are what making it cost, `load` those of the seconds in which the
    server loaded the model; `replicate` declares a wanted repeat;
    `notice` is what the human should know about its maker, in a sentence (a tier that changed).
    `lesson` is what its maker says the end of trial `about` teaches, under `tags`; `question` is
    for the human, who need not answer; `made_at` is the trial in whose turn it was made ahead.
    """

    hypothesis: str
    edit: Edit
    lane: Lane
    tier: Tier = ""
    model: str = ""
    seconds: float = 0.0
    load: float = 0.0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    replicate: bool = False
    notice: str = ""
    lesson: str = ""
    about: int | None = None
    tags: tuple[str, ...] = ()
    question: str = ""
    made_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The agent has no proposal now; `reason` is shown on screen.

    `kind`: "unavailable" (server or model not there: back off), "unusable" (it answered, but
    nothing that could be used), "exhausted" (nothing left to try), "halted" (the human or a stop).
    """

    reason: str
    kind: Literal["unavailable", "unusable", "exhausted", "halted"]


# --- staging ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`train.py` with an edit applied, compiled and guarded, not yet judged.

    `digest` is the SHA-256 of `text`; `key` is that of its normal form (equal keys are the same
    experiment); `nodes` counts syntax nodes; `summary` reads like `LR 0.0003 -> 0.0012`;
    `diff` is unified, against the text it was staged on, whose digest is `base`.
    """

    text: str
    digest: str
    key: str
    base: str
    nodes: int
    summary: str
    diff: str
    constants: dict[str, Constant] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An edit that was turned back before training, or a result the examiner refused.

    `reason` is one sentence for the ledger and the screen; `advice` is what the agent is sent
    (an error that is a prompt: precise and short); `repeats` names the trial it repeats.
    """

    stage: GateStage
    reason: str
    advice: str = ""
    repeats: int | None = None


# --- runs -----------------------------------------------------------------------------------------


RunResult = Completed | Crashed | TimedOut | Rejected | Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was decided and why; `reason` carries the numbers.

    `value` is the mean of the candidate's runs, `delta` value minus incumbent as measured,
    `sigmas` the delta in units of the noise floor `sigma`; each is None where unknown.
    """

    word: VerdictWord
    reason: str
    value: float | None = None
    delta: float | None = None
    sigma: float | None = None
    sigmas: float | None = None
    runs: int = 0
    incumbent_runs: int = 0

    @property
    def kept(self) -> bool:
        """Say whether the candidate becomes the incumbent."""
        return self.word in ("keep", "simpler")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreRuns:
    """The judge cannot tell yet: run one file again with a fresh seed, and ask once more."""

    of: Literal["candidate", "incumbent"]
    why: str
