"""What the keys do: each asks the session's Control, the screen changes when the engine answers."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from textual.app import SuspendNotSupported
from textual.screen import Screen

from cockpit.engine.rows import Row
from cockpit.errors import CockpitError
from cockpit.tui import ink
from cockpit.tui.keymap import BY_ID
from cockpit.tui.screens.dialogs import Confirm, Note
from cockpit.tui.screens.pages import help_page, trial_page
from cockpit.tui.view import View

if TYPE_CHECKING:
    from cockpit.tui.app import CockpitApp


class Buttons(Protocol):
    """The part of the session's Control that the keys press; none of it blocks."""

    def pause(self) -> None:
        """Rest after this trial."""

    def resume(self) -> None:
        """Go on."""

    def skip(self) -> None:
        """Abandon the trial in hand."""

    def stop(self, why: str = ...) -> None:
        """End the session's work."""

    def revert(self, trial: int) -> None:
        """Make a kept trial the incumbent again."""

    def steer(self, text: str) -> None:
        """Leave a note for the agent."""

    def accept(self) -> None:
        """Accept the proposal in review."""

    def refuse(self, reason: str) -> None:
        """Refuse it."""

    def edit(self, text: str) -> None:
        """Replace its file."""

    def hold(self) -> None:
        """Stop the review's countdown."""

    def trust(self) -> None:
        """Accept, and review no more."""


class Deeds(Screen[None]):
    """The actions of the main screen that reach the engine."""

    view: View

    @property
    def cockpit(self) -> CockpitApp:
        """The app, by its own type."""
        from cockpit.tui.app import CockpitApp  # the app imports the screens

        assert isinstance(self.app, CockpitApp)
        return self.app

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide keys that would do nothing: of a review when none is open, all of them read-only."""
        key = BY_ID.get(action)
        if key is None:
            return True
        if key.changes and (self.view.read_only or self.cockpit.control is None):
            return False
        if key.group == "review":
            return self.view.review is not None
        if action == "skip":
            return self.view.open is not None
        if action == "revert":
            return self.revertible is not None
        return True

    def _press(self, press: Callable[[Buttons], object], saying: str) -> None:
        """Press a button and say that it was pressed; the engine's answer follows as an event."""
        control = self.cockpit.control
        if control is not None:
            press(control)
            self.notify(saying, timeout=3, markup=False)

    # --- session ---------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Rest after this trial, or go on."""
        if self.view.board.paused:
            self._press(lambda c: c.resume(), "going on")
        elif self._pausing():
            self._press(lambda c: c.resume(), "not pausing after all")
        else:
            self._press(lambda c: c.pause(), "pausing after this trial; p takes it back")

    def _pausing(self) -> bool:
        request = self.view.board.request
        return request is not None and request.request == "pause" and request.state == "pending"

    def action_skip(self) -> None:
        """Abandon the trial in hand."""
        row = self.view.open
        if row is not None:
            self._press(lambda c: c.skip(), f"skipping #{ink.number(row.number)}")

    @property
    def revertible(self) -> Row | None:
        """The selected trial, if it was kept (or is the baseline) and is not the best now."""
        row = self.view.shown
        if row is None or row.number == self.view.board.incumbent:
            return None
        kept = row.word in ("keep", "simpler") or (row.kind == "baseline" and row.word is not None)
        return row if kept else None

    def action_revert(self) -> None:
        """Make the selected kept trial the best again, once confirmed."""
        row = self.revertible
        if row is None:
            return
        number, commit = row.number, (row.commit or row.archived)[:10]
        value = self.view.board.metric.format(row.value)
        detail = (
            f"{ink.what(row)}\ncommit {commit or 'unknown'}, {value}. A new commit with the old "
            "file; nothing is lost."
        )

        def answered(agreed: bool | None) -> None:  # noqa: FBT001 - Textual calls it
            if agreed:
                self._press(lambda c: c.revert(number), f"reverting to #{number}")

        self.app.push_screen(Confirm(f"Revert to trial #{number}?", detail, "Revert"), answered)

    def action_steer(self) -> None:
        """Leave a note for the agent."""

        def noted(text: str | None) -> None:
            if text:
                self._press(lambda c: c.steer(text), "the agent reads it before its next proposal")

        self.app.push_screen(Note("A note to the agent", "try a longer warm-down"), noted)

    # --- review ----------------------------------------------------------------------------------

    def action_accept(self) -> None:
        """Train the proposal in review."""
        self._press(lambda c: c.accept(), "accepted")

    def action_refuse(self) -> None:
        """Turn it down, with a reason."""

        def refused(reason: str | None) -> None:
            if reason is not None:
                self._press(lambda c: c.refuse(reason), "refused")

        self.app.push_screen(
            Note("Refuse: why? The agent sees it", "we tried that by hand", required=False), refused
        )

    def action_hold(self) -> None:
        """Stop the review's countdown."""
        self._press(lambda c: c.hold(), "held: it waits for you")

    def action_trust(self) -> None:
        """Accept, and review no more."""
        self._press(lambda c: c.trust(), "trusted from here on")

    def action_edit(self) -> None:
        """Open the candidate in $EDITOR and train what comes back."""
        row = self.view.review
        if row is None:
            return
        try:
            text = self.cockpit.text_of(row.number)
            edited = self._in_editor(text)
        except (CockpitError, OSError, SuspendNotSupported) as error:
            self.notify(f"the editor did not work: {error}", severity="error", markup=False)
            return
        if edited != text:
            self._press(lambda c: c.edit(edited), "your edit goes through the gate")
        else:
            self.notify("nothing was changed", timeout=3)

    def _in_editor(self, text: str) -> str:
        """Return the text as the human's editor left it."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        with tempfile.TemporaryDirectory(prefix="cockpit-") as folder:
            path = Path(folder) / "train.py"
            path.write_text(text, encoding="utf-8")
            with self.app.suspend():
                subprocess.run([*shlex.split(editor), str(path)], check=False)
            return path.read_text(encoding="utf-8")

    # --- pages -----------------------------------------------------------------------------------

    def action_open(self) -> None:
        """Show everything about the selected trial."""
        row = self.view.shown
        if row is not None:
            self.app.push_screen(trial_page(self.view, row, self.view.board.metric))

    def action_help(self) -> None:
        """Show the keys that are active now."""
        layout: str = getattr(self, "layout_words", "")
        self.app.push_screen(help_page(self.view, self.active_bindings.values(), layout))

    def action_next_theme(self) -> None:
        """Change to the next theme."""
        self.cockpit.next_theme()

    async def action_quit(self) -> None:
        """End the session's work and leave; a second time leaves at once."""
        self.cockpit.leave()
