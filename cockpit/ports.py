"""The five roles of the loop, and what it is given beside them, as small Protocols.

An Agent proposes, a Workspace applies, a Runner measures, a Judge decides, a Ledger remembers.
`cockpit.cli` alone knows which concrete classes play them; `cockpit.demo` ships a fake of each.
What they are handed is in `cockpit.orders`, and may be imported from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from cockpit.constraints import NO_BOUNDS, Bounds
from cockpit.events import Entry, LessonLearned, LessonStruck, Sample
from cockpit.orders import (
    Brief,
    Case,
    Fallen,
    Measured,
    PastTrial,
    RunOrder,
    Settlement,
    plateau,
)
from cockpit.trial import (
    Candidate,
    Declined,
    Lane,
    MoreRuns,
    Proposal,
    Rejected,
    RunResult,
    Verdict,
)

__all__ = [
    "Agent",
    "Brief",
    "Case",
    "Clock",
    "Fallen",
    "Judge",
    "Ledger",
    "Listener",
    "Measured",
    "PastTrial",
    "Roster",
    "RunOrder",
    "Runner",
    "Scribe",
    "Settlement",
    "Watch",
    "Workspace",
    "plateau",
]


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


class Workspace(Protocol):
    """The files and the git repository; never touches the human's branch, index or hooks."""

    def stage(
        self, proposal: Proposal, base: str, bounds: Bounds = NO_BOUNDS
    ) -> Candidate | Rejected:
        """Apply the edit to the text `base`, compile it, hold it against guard and bounds; pure."""

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

    def refined(self, lesson: LessonLearned, proposal: Proposal) -> LessonLearned | None:
        """Return a lesson with what the maker of a later proposal says of it; None: nothing."""

    def struck(self, learnt: tuple[LessonLearned, ...], text: str) -> tuple[LessonStruck, ...]:
        """Return the lessons that the human struck in the text of learnings.md."""

    def for_agent(self, text: str, budget_tokens: int) -> str:
        """Return learnings.md as an agent reads it: struck lines out, condensed when long."""


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


class Judge(Protocol):
    """Decides keep, simpler or discard; deterministic, so a replay decides the same."""

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return the verdict, or which file to run once more."""


class Ledger(Protocol):
    """The append-only record; the only truth about the past."""

    def append(self, entry: Entry) -> None:
        """Record durably before returning.

        Raises:
            LedgerError: it could not be recorded.
        """

    def read(self, after: int = -1) -> Iterator[Entry]:
        """Yield the entries with `seq` above `after`, oldest first."""
