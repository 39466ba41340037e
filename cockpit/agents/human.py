"""The human lane: whole files offered by a person, each tried once through the same gate."""

from __future__ import annotations

from collections import deque

from cockpit.digest import digest_of
from cockpit.ports import Brief, Watch
from cockpit.trial import Declined, Lane, Proposal, Rejected, Rewrite


class HumanAgent:
    """A queue of files; any thread may offer one, the engine takes them in order."""

    def __init__(self) -> None:
        self._queue: deque[Proposal] = deque()
        self._seen: set[str] = set()

    @property
    def lane(self) -> Lane:
        """The lane its proposals are credited to."""
        return "human"

    @property
    def model(self) -> str:
        """Empty: there is no model behind it."""
        return ""

    @property
    def waiting(self) -> int:
        """How many files wait for their turn."""
        return len(self._queue)

    def offer(
        self, text: str, hypothesis: str = "edited by hand", *, replicate: bool = False
    ) -> bool:
        """Queue a whole `train.py`; False when this very text was offered before, or still waits.

        A `replicate` is meant to repeat an earlier trial: it is taken however often it is offered.
        """
        key = digest_of(text)
        edit = Rewrite(text=text)
        offered = Proposal(hypothesis=hypothesis, edit=edit, lane=self.lane, replicate=replicate)
        if offered in self._queue or (key in self._seen and not replicate):
            return False
        self._seen.add(key)
        self._queue.append(offered)
        return True

    def propose(
        self,
        brief: Brief,
        rejection: Rejected | None,
        watch: Watch,
    ) -> Proposal | Declined:
        """Return the next file; after a rejection Declined, for only its author can mend it."""
        if rejection is not None:
            return Declined(
                reason=f"your file was turned back: {rejection.reason}", kind="unusable"
            )
        if not self._queue:
            return Declined(reason="no file of yours waits", kind="exhausted")
        return self._queue.popleft()
