"""The five roles of the loop, and what it is given beside them, as small Protocols.

An Agent proposes, a Workspace applies, a Runner measures, a Judge decides, a Ledger remembers.
`cockpit.cli` alone knows which concrete classes play them; `cockpit.demo` ships a fake of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from cockpit.events import Entry, LessonLearned, LessonStruck, Sample
from cockpit.metric import Metric
from cockpit.trial import (
    Candidate,
    Constant,
    Declined,
    Lane,
    MoreRuns,
    Proposal,
    Rejected,
    RunResult,
    RunRole,
    Verdict,
    VerdictWord,
)


class Clock(Protocol):
    """The time; injected, so that a test runs a night in milliseconds."""

    def now(self) -> float:
        """Return Unix time in seconds; for people, never for spans."""

    def monotonic(self) -> float:
        """Return seconds that never go back; for spans and deadlines."""


class Watch(Protocol):
    """What a port that takes long is given: whether to stop, and where to report."""

    def halted(self) -> str | None:
        """Return why the work in hand must end now, or None."""

    def wait(self, seconds: float) -> str | None:
        """Wait up to `seconds`, or until halted; return the reason of the halt, or None."""

    def sample(self, sample: Sample) -> None:
        """Report something live."""


class Listener(Protocol):
    """Hears every journal entry, in order and already durable, and every sample."""

    def __call__(self, item: Entry | Sample, /) -> None:
        """Take one item; must not block, may raise (it is then dropped and said so)."""


# --- agent -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTrial:
    """One row of history for an agent: what was tried and how it ended.

    `comparable` is False for a trial under another fingerprint: a hint, not a value to rank by.
    `seconds` is what it cost, proposing and all its runs included.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All an agent is told before it proposes.

    `text` is the incumbent's `train.py`, `incumbent` its trial; `history` is oldest first;
    `notes` are the human's, refusals with their reasons included; `sigma` is the noise floor.
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
    notes: tuple[str, ...] = ()


class Agent(Protocol):
    """A maker of proposals."""

    @property
    def lane(self) -> Lane:
        """The lane its proposals are credited to."""

    @property
    def model(self) -> str:
        """The model behind it, empty when there is none."""

    def propose(
        self, brief: Brief, rejection: Rejected | None, watch: Watch
    ) -> Proposal | Rejected | Declined:
        """Return a proposal; a Rejected (stage `ask` or `parse`) when the reply was unreadable.

        `rejection` is why the last attempt of this turn was turned back, the agent's own
        Rejected included; with None a new turn begins.
        """


class Roster(Protocol):
    """Which agent has the next turn; the mixture, or a single lane."""

    def turn(self, history: tuple[PastTrial, ...], failed: frozenset[Lane]) -> Agent | None:
        """Return the agent of the next turn, not of the lanes that `failed` in it; or None."""


# --- workspace -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What settling did: the commit of a keep (or empty) and the tree's fate in words."""

    commit: str = ""
    tree: str = ""


class Workspace(Protocol):
    """The files and the git repository; never touches the human's branch, index or hooks."""

    def stage(self, proposal: Proposal, base: str) -> Candidate | Rejected:
        """Apply the edit to the text `base`, compile it, hold it against the guard; pure."""

    def train(self) -> str:
        """Return `sandbox/train.py` as the tree shows it.

        Raises:
            WorkspaceError: there is none.
        """

    def free_tag(self, today: date) -> str:
        """Return the first tag of `nov23`, `nov23-2`, ... that no session has."""

    def open_session(self, tag: str, text: str) -> tuple[str, str, str]:
        """Begin session `tag` with `text` as its baseline; its branch, commit and text digest."""

    def resume_session(self, tag: str) -> None:
        """Go on with a session that was opened before."""

    def baseline(self, text: str) -> Candidate | Rejected:
        """Return the unedited file as a candidate."""

    def hand_edit(self) -> str | None:
        """Return `train.py` as the human edited it since the cockpit last showed it, or None."""

    def archive(self, trial: int, candidate: Candidate, message: str) -> str:
        """Store the candidate and the program.md of now under the trial's ref; its commit."""

    def text_of(self, trial: int) -> str:
        """Return the archived `train.py` of a trial.

        Raises:
            WorkspaceError: the trial was never archived.
        """

    def settle(self, trial: int, verdict: Verdict, message: str) -> Settlement:
        """Make git and the tree agree with the verdict; doing it again changes nothing."""

    def revert(self, trial: int, message: str) -> Settlement:
        """Commit the archived file of a kept trial on top of the session branch, and show it."""

    def program(self) -> str:
        """Return program.md as it is now."""

    def learnings(self) -> str:
        """Return learnings.md as the agent is to read it."""


class Scribe(Protocol):
    """Keeps the lessons: one line after each verdict, struck by the human alone."""

    def lesson(self, trial: int, summary: str, hypothesis: str, verdict: Verdict) -> LessonLearned:
        """Return the lesson of a verdict."""

    def struck(self, learnt: tuple[LessonLearned, ...], text: str) -> tuple[LessonStruck, ...]:
        """Return the lessons that the human struck in the text of learnings.md."""

    def for_agent(self, text: str, budget_tokens: int) -> str:
        """Return learnings.md as an agent reads it: struck lines out, condensed when long."""


# --- runner ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """One execution to be done: serialisable, the seam that serves other machines.

    `budget` is in seconds. A dry run has `tokens` set: `batches()` ends after the first optimiser
    step past that many. `examine` says how thoroughly the hand-over is scored: not at all, a few
    windows (rehearsal), or whole; `audit` adds the audit split and a sample tune.
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


class Runner(Protocol):
    """Executes and measures one candidate, and leaves no process behind."""

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        """Train under the warden, examine, and return how it ended.

        Raises:
            LockError: a locked file was changed; the session must stop.
            ArenaError: our own side failed; the trial is abandoned.
        """

    def recover(self) -> int:
        """End what an earlier cockpit left running and close its run folders; return how many."""


# --- judge -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All a judge looks at.

    Values are in run order; `spreads` are groups of repeated runs of one file in
    this session (for the pooled noise floor); `best_value` is the best mean ever kept.
    """

    metric: Metric
    candidate: tuple[float, ...]
    incumbent: tuple[float, ...]
    spreads: tuple[tuple[float, ...], ...]
    candidate_nodes: int
    incumbent_nodes: int
    best_value: float | None = None
    contended: bool = False


class Judge(Protocol):
    """Decides keep, simpler or discard; deterministic, so a replay decides the same."""

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return the verdict, or which file to run once more."""


# --- ledger ----------------------------------------------------------------------------------


class Ledger(Protocol):
    """The append-only record; the only truth about the past."""

    def append(self, entry: Entry) -> None:
        """Record durably before returning.

        Raises:
            LedgerError: it could not be recorded.
        """

    def read(self, after: int = -1) -> Iterator[Entry]:
        """Yield the entries with `seq` above `after`, oldest first."""
