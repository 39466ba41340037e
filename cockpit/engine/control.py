"""What the human asks for, handed from the screen's thread to the engine's.

The screen calls the imperative methods, from any thread; none of them blocks. The engine takes
the requests with `take` wherever it waits, acknowledges each with an event, and acts.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cockpit.engine.rows import Row

ReviewWord = Literal["accept", "refuse", "edit", "hold", "trust"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Rest after this trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Give the GPU to the human, now; the run is made again when they give it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Abandon the trial in hand, now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the session's work, now; it can be resumed."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revert:
    """Make kept trial `trial` the incumbent again, between two trials."""

    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """Tell the agents something before the next proposal; pinned, before every one."""

    text: str
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The proposal that the human looked at: of `trial`, after `rejected` were turned back."""

    trial: int
    rejected: int = 0


def seen(row: Row) -> Seen:
    """Return the proposal that a trial shows now."""
    return Seen(trial=row.number, rejected=len(row.rejections))


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Decide on `of`, if it is in review still; `text`: why it is refused, or the edited file."""

    word: ReviewWord
    of: Seen
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveKeep:
    """Let the provisional keep `trial` stand."""

    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseKeep:
    """Give the kept trial `trial` up, between two trials."""

    trial: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """Strike the lesson `text` of a trial; no agent reads it again."""

    trial: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Put a notice from beside the loop into the journal; an empty text withdraws it."""

    topic: str
    text: str
    level: Literal["info", "warning"] = "warning"


Request = (
    Pause
    | Resume
    | Release
    | Skip
    | Stop
    | Revert
    | Steer
    | Review
    | ApproveKeep
    | RefuseKeep
    | Strike
    | Report
)


class Control:
    """A mailbox of requests; the engine waits on it instead of sleeping.

    Args:
        idle: called with the seconds to wait instead of waiting; a fake clock's `advance`.
    """

    def __init__(self, idle: Callable[[float], None] | None = None) -> None:
        self._idle = idle
        self._condition = threading.Condition()
        self._requests: deque[Request] = deque()
        self._stopping = ""

    # --- the human's side --------------------------------------------------------------------

    def pause(self) -> None:
        """Rest after this trial."""
        self._put(Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        self._put(Resume())

    def release(self) -> None:
        """Take the GPU; a second time, or `resume`, gives it back and makes the run again."""
        self._put(Release())

    def skip(self) -> None:
        """Abandon the trial in hand; it is never held against the idea."""
        self._put(Skip())

    def stop(self, why: str = "stopped by the human") -> None:
        """End now; the trial in hand is abandoned, the session can be resumed."""
        self._put(Stop(why=why))

    def revert(self, trial: int) -> None:
        """Make a kept trial the incumbent again."""
        self._put(Revert(trial=trial))

    def steer(self, text: str, *, pinned: bool = False) -> None:
        """Leave a note for the agents; a pinned one lasts, and an empty pinned one ends it."""
        self._put(Steer(text=text, pinned=pinned))

    def accept(self, of: Seen) -> None:
        """Accept the proposal in review."""
        self._put(Review(word="accept", of=of))

    def refuse(self, of: Seen, reason: str) -> None:
        """Refuse the proposal in review; the agent sees the reason."""
        self._put(Review(word="refuse", of=of, text=reason))

    def edit(self, of: Seen, text: str) -> None:
        """Replace the candidate in review by a file edited by hand."""
        self._put(Review(word="edit", of=of, text=text))

    def hold(self, of: Seen) -> None:
        """Let the review wait as long as it takes."""
        self._put(Review(word="hold", of=of))

    def trust(self, of: Seen) -> None:
        """Accept, and review no more proposals."""
        self._put(Review(word="trust", of=of))

    def approve_keep(self, trial: int) -> None:
        """Let a provisional keep stand."""
        self._put(ApproveKeep(trial=trial))

    def refuse_keep(self, trial: int, reason: str) -> None:
        """Give a kept trial up: what it replaced is the incumbent again."""
        self._put(RefuseKeep(trial=trial, reason=reason))

    def strike(self, trial: int, text: str) -> None:
        """Strike a lesson."""
        self._put(Strike(trial=trial, text=text))

    def report(self, topic: str, text: str, level: Literal["info", "warning"] = "warning") -> None:
        """Tell the human of something beside the loop; the last text of a topic counts."""
        self._put(Report(topic=topic, text=text, level=level))

    # --- the engine's side -------------------------------------------------------------------

    @property
    def stopping(self) -> str:
        """Why the session was told to stop, or nothing; it never un-stops."""
        return self._stopping

    def take(self) -> tuple[Request, ...]:
        """Return and forget the requests made since the last call."""
        with self._condition:
            taken = tuple(self._requests)
            self._requests.clear()
            return taken

    def wait(self, seconds: float) -> None:
        """Wait up to `seconds`, or until there is a request to take."""
        with self._condition:
            if self._requests:
                return
            if self._idle is not None:
                self._idle(seconds)
            else:
                self._condition.wait(timeout=max(0.0, seconds))

    def _put(self, request: Request) -> None:
        with self._condition:
            if isinstance(request, Stop):
                self._stopping = self._stopping or request.why
            self._requests.append(request)
            self._condition.notify_all()
