"""Facts about one trial: what was proposed, what it became, how its runs ended, what was decided.

Everything here is frozen and every outcome is a closed union, so that a `match` with `assert_never`
covers it. A missing value is None, never 0.0. Words are those of docs/ARCHITECTURE.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
TrustTier = Literal["examined", "examined-open", "printed"]


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

    `seconds` and the token counts are what making it cost; `replicate` declares a wanted repeat;
    `notice` is what the human should know about its maker, in a sentence (a tier that changed).
    """

    hypothesis: str
    edit: Edit
    lane: Lane
    tier: Tier = ""
    model: str = ""
    seconds: float = 0.0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    replicate: bool = False
    notice: str = ""


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


# --- runs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measured value."""

    metric: str
    split: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run cost, as the warden measured it; None where the machine does not tell.

    Seconds are wall clock: `launch` before the clock started, `train` from the first line of
    `train.py` to hand-over (or to the end), `examine` afterwards. `cpu_share` is CPU seconds over
    wall seconds and threads; `memory` is peak bytes (VRAM, else resident), `energy` GPU joules.
    """

    launch: float = 0.0
    train: float = 0.0
    examine: float = 0.0
    cpu_share: float | None = None
    memory: int | None = None
    steps: int | None = None
    tokens: int | None = None
    contended: str = ""
    energy: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Handed over in time and examined, if not a dry run; the only result with readings.

    `sample` is a tune the model wrote, `parameters` counts the numbers in the weights.
    """

    readings: tuple[Reading, ...]
    usage: Usage
    trust: TrustTier = "examined"
    sample: str = ""
    probes: int = 0
    weights_digest: str = ""
    parameters: int | None = None

    def value(self, metric: str, split: str = "val") -> float | None:
        """Return the reading of `metric` on `split`, or None when it was not taken."""
        return next(
            (r.value for r in self.readings if r.metric == metric and r.split == split), None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """Died through its own failure; `reason` is one sentence, `log_tail` its last lines."""

    reason: str
    usage: Usage
    log_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """Handed nothing over within the budget; ended by the warden."""

    reason: str
    usage: Usage
    log_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Ended by the human, a quit or our own failure; never held against the idea."""

    reason: str
    usage: Usage = field(default_factory=Usage)


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
