"""What the roles are handed, and what settling gives back: briefs, run orders, cases.

Import them from `cockpit.ports`, beside the roles that take them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.constraints import FREE, Constraints
from cockpit.metric import Metric
from cockpit.trial import (
    Constant,
    Lane,
    RunRole,
    VerdictWord,
)

DROUGHT = 20
"""Judged experiments without a keep that make a plateau, however often there were keeps before."""
GAPS = 3
"""Or so many times the mean distance of the keeps: were keeps still as likely as before, one
stretch in twenty would be that long by chance (exp -3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A candidate that was staged, and then turned back by its dry run."""

    summary: str
    reason: str
    constants: dict[str, Constant]
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTrial:
    """One row of history for an agent: what was tried and how it ended.

    `comparable` is False for a trial under another fingerprint: a hint, not a value to rank by.
    `seconds` is what it cost, proposing and all its runs included; `fallen` are the candidates of
    the trial that its dry runs turned back before the last one. `shared` says that its last run did
    not have the machine to itself.
    """

    trial: int
    lane: Lane | None
    hypothesis: str
    summary: str
    word: VerdictWord | None
    reason: str
    value: float | None
    delta: float | None
    sigmas: float | None
    constants: dict[str, Constant]
    base: str
    comparable: bool = True
    seconds: float = 0.0
    fallen: tuple[Fallen, ...] = ()
    shared: bool = False


def plateau(history: Iterable[PastTrial]) -> int:
    """Return how many experiments were judged since the last keep, if that is a plateau, else 0.

    `simpler` ends none: it gains nothing.
    """
    rows = [row for row in history if row.comparable and row.trial > 0 and row.word is not None]
    keeps = [at for at, row in enumerate(rows, start=1) if row.word == "keep"]
    since = len(rows) - (keeps[-1] if keeps else 0)
    gap = keeps[-1] / len(keeps) if keeps else 0.0
    return since if since >= max(DROUGHT, GAPS * gap) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All an agent is told before it proposes.

    `text` is the incumbent's `train.py`, `incumbent` its trial; `history` is oldest first;
    `notes` are the human's, refusals with their reasons included, the latest last, and `pinned` the
    one that is told every time; `asked` is what the model asked and nobody answered; `sigma` is the
    noise floor. `skipped` are keys of what the human skipped: not tried, but who proposes by a rule
    would come back to it for ever. `reflect` is the trial of this lane that nothing was said about
    yet; `plateau` counts as `plateau()` does.
    """

    trial: int
    metric: Metric
    budget: float
    text: str
    incumbent: int
    incumbent_value: float | None
    sigma: float | None
    program: str
    learnings: str
    history: tuple[PastTrial, ...]
    tried: dict[str, int]
    skipped: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    constraints: Constraints = FREE
    pinned: str = ""
    asked: str = ""
    reflect: int | None = None
    plateau: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What settling did: the commit of a keep (or empty) and the tree's fate in words."""

    commit: str = ""
    tree: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """One execution to be done: serialisable, the seam that serves other machines.

    `budget` is in seconds. A dry run has `tokens` set: `batches()` ends after the first optimiser
    step past that many. `examine` says how thoroughly the hand-over is scored: not at all, a few
    windows (rehearsal), or whole; `audit` adds the audit split and a sample tune. A run that breaks
    `constraints` is Rejected with what it measured. `room` is the memory in bytes that the best's
    runs peaked at, None where that is not known.
    """

    trial: int
    run: int
    role: RunRole
    text: str
    seed: int
    budget: float
    tokens: int | None = None
    examine: str = "full"
    audit: bool = False
    constraints: Constraints = FREE
    room: int | None = None


STRETCH = 24
"""Runs that lie no further apart than this many are taken for runs on the same machine: two hours
at the usual budget. The judge's simulation drifts faster and slower than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The value of one scoring run, and the circumstances it was taken under.

    `tick` counts the runs of the session, whatever file they ran, so that two ticks tell how far
    apart two runs were; a long break counts as many. `contended` is the warden's word.
    """

    value: float
    tick: int = 0
    contended: bool = False


def stretches(runs: Iterable[Measured]) -> tuple[tuple[float, ...], ...]:
    """Return the values of one file's runs in groups that were taken under like circumstances."""
    groups: dict[tuple[bool, int], list[float]] = {}
    begun: dict[bool, int] = {}
    for run in runs:
        first = begun.setdefault(run.contended, run.tick)
        if run.tick - first > STRETCH:
            first = begun[run.contended] = run.tick
        groups.setdefault((run.contended, first), []).append(run.value)
    return tuple(tuple(group) for group in groups.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All a judge looks at.

    Runs are in order; `spreads` are the repeated runs of each other file of this session that had
    the machine to themselves (for the pooled noise floor); `best_value` is the best mean ever kept;
    `lately` holds the gains in sigma of the candidates judged since the incumbent last ran, oldest
    first.
    """

    metric: Metric
    candidate: tuple[Measured, ...]
    incumbent: tuple[Measured, ...]
    spreads: tuple[tuple[Measured, ...], ...]
    candidate_nodes: int
    incumbent_nodes: int
    best_value: float | None = None
    lately: tuple[float, ...] = ()
