"""What the keys of a review do. Each decides on the proposal that stood there when it was pressed:
by the time a reason is typed or a file is edited, another one may be in review.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from cockpit.engine.control import Seen, seen
from cockpit.errors import CockpitError
from cockpit.tui import ink
from cockpit.tui.buttons import Buttons
from cockpit.tui.screens.dialogs import Note
from cockpit.tui.screens.editor import edited_text
from cockpit.tui.screens.looks import Looks

if TYPE_CHECKING:
    from cockpit.tui.app import CockpitApp


class Reviewing(Looks):
    """The actions of a review, and how every action presses a button of the session."""

    @property
    def cockpit(self) -> CockpitApp:
        """The app, by its own type."""
        from cockpit.tui.app import CockpitApp  # the app imports the screens

        assert isinstance(self.app, CockpitApp)
        return self.app

    @property
    def in_review(self) -> Seen | None:
        """The proposal that waits for the human."""
        row = self.view.review
        return None if row is None else seen(row)

    def action_accept(self) -> None:
        """Train the proposal in review."""
        self._decide(self.in_review, lambda c, of: c.accept(of), "accepted")

    def action_refuse(self) -> None:
        """Turn it down, with a reason; it waits while that is typed."""
        of = self.in_review

        def refused(reason: str | None) -> None:
            if reason is None:
                self._still_held(of)
            else:
                self._decide(of, lambda c, of: c.refuse(of, reason), "refused")

        self._wait_for_human(of)
        self.app.push_screen(
            Note("Refuse: why? The agent sees it", "we tried that by hand", required=False), refused
        )

    def action_hold(self) -> None:
        """Stop the review's countdown."""
        self._decide(self.in_review, lambda c, of: c.hold(of), "held: it waits for you")

    def action_trust(self) -> None:
        """Accept, and review no more."""
        self._decide(self.in_review, lambda c, of: c.trust(of), "trusted from here on")

    def action_edit(self) -> None:
        """Open the candidate in $EDITOR and train what comes back; it waits meanwhile."""
        of = self.in_review
        if of is None:
            return
        try:
            text = self.view.shelf.text_of(of.trial)
            self._wait_for_human(of)
            edited = edited_text(self.app, text, "train.py")
        except (CockpitError, OSError, ValueError, SuspendNotSupported) as error:
            self._no_editor(error)
            return
        if edited == text:
            self._still_held(of, "nothing was changed; ")
        else:
            self._decide(of, lambda c, of: c.edit(of, edited), "your edit goes through the gate")

    def _wait_for_human(self, of: Seen | None) -> None:
        """Stop the countdown, if there is one, before something that takes the human a while."""
        row, control = self.view.review, self.cockpit.control
        if of is not None and row is not None and row.review_until is not None and control:
            control.hold(of)

    def _still_held(self, of: Seen | None, before: str = "") -> None:
        if of is not None and of == self.in_review:
            self.notify(f"{before}#{ink.number(of.trial)} is held: it waits for you", timeout=4)

    def _decide(
        self, of: Seen | None, press: Callable[[Buttons, Seen], object], saying: str
    ) -> None:
        """Press a button of the review, unless what it is meant for is in review no more."""
        if of is None:
            return
        if of != self.in_review:
            self.notify(
                f"#{ink.number(of.trial)} was decided meanwhile: too late for that",
                severity="warning",
                timeout=6,
            )
        else:
            self._press(lambda c: press(c, of), saying)

    def _press(self, press: Callable[[Buttons], object], saying: str) -> None:
        """Press a button and say that it was pressed; the engine's answer follows as an event."""
        control = self.cockpit.control
        if control is not None:
            press(control)
            self.notify(saying, timeout=3, markup=False)

    def _no_editor(self, error: Exception) -> None:
        self.notify(
            f"the editor did not work: {error}; set $EDITOR", severity="error", markup=False
        )
