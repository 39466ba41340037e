"""The buttons of the session that the keys press."""

from __future__ import annotations

from typing import Protocol

from cockpit.engine.control import Seen


class Buttons(Protocol):
    """The part of the session's Control that the keys press; none of it blocks."""

    def pause(self) -> None:
        """Rest after this trial."""

    def resume(self) -> None:
        """Go on."""

    def release(self) -> None:
        """Take the GPU."""

    def skip(self) -> None:
        """Abandon the trial in hand."""

    def stop(self, why: str = ...) -> None:
        """End the session's work."""

    def revert(self, trial: int) -> None:
        """Make a kept trial the incumbent again."""

    def steer(self, text: str, *, pinned: bool = False) -> None:
        """Leave a note for the agent, once or, pinned, for every proposal."""

    def accept(self, of: Seen) -> None:
        """Accept the proposal in review."""

    def refuse(self, of: Seen, reason: str) -> None:
        """Refuse it."""

    def edit(self, of: Seen, text: str) -> None:
        """Replace its file."""

    def hold(self, of: Seen) -> None:
        """Stop the review's countdown."""

    def approve_keep(self, trial: int) -> None:
        """Let a provisional keep stand."""

    def refuse_keep(self, trial: int, reason: str) -> None:
        """Give a kept trial up."""

    def strike(self, trial: int, text: str) -> None:
        """Strike a lesson."""

    def trust(self, of: Seen) -> None:
        """Accept, and review no more."""
