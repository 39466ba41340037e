"""What the keys do: each asks the session's Control, the screen changes when the engine answers."""

from __future__ import annotations

import asyncio

from textual.app import SuspendNotSupported

from cockpit import events as ev
from cockpit.engine.rows import Row
from cockpit.errors import CockpitError
from cockpit.tui import ink
from cockpit.tui.keymap import BY_ACTION
from cockpit.tui.screens.dialogs import Confirm, Note
from cockpit.tui.screens.editor import open_in_editor
from cockpit.tui.screens.reviewing import Reviewing

PROGRAM = "program.md"
WHOLE = ("audit", "write")
"""Actions that need the whole journal, besides those that change something."""


class Deeds(Reviewing):
    """The actions of the main screen that reach the engine, or the human's own files."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide keys that would do nothing: of a review when none is open, all of them read-only."""
        key = BY_ACTION.get(action)
        if key is None:
            return True
        if self.view.reading is not None and (key.changes or action in WHOLE):
            return False
        if key.changes and (self.view.read_only or self.cockpit.control is None):
            return False
        if key.group == "review":
            return self.view.review is not None
        if action == "skip":
            return self.view.open is not None
        if action == "revert":
            return self.revertible is not None
        if action == "again":
            return self.repeatable is not None
        return True

    def hear(self, event: ev.Event) -> None:
        """Say it where the engine refuses what a key asked for."""
        if not isinstance(event, ev.RequestAcknowledged) or self.cockpit.control is None:
            return
        if event.state == "refused":
            self.notify(event.text, severity="warning", timeout=6, markup=False)

    # --- session ---------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Rest after this trial, or go on."""
        if self.view.board.paused:
            self._press(lambda c: c.resume(), "going on")
        elif self._pausing():
            self._press(lambda c: c.resume(), "not pausing after all")
        else:
            self._press(lambda c: c.pause(), "pausing after this trial; p takes it back")

    def action_release(self) -> None:
        """Take the GPU, or give it back."""
        if self.view.board.released:
            self._press(lambda c: c.resume(), "going on with the same proposal")
        else:
            self._press(lambda c: c.release(), "releasing the GPU; P gives it back")

    def _pausing(self) -> bool:
        request = self.view.board.request
        return request is not None and request.request == "pause" and request.state == "pending"

    def action_skip(self) -> None:
        """Abandon the trial in hand, once confirmed."""
        row = self.view.open
        if row is None:
            return
        detail = (
            f"{ink.what(row)}\nIts run is ended within a second and the trial abandoned; that is "
            "never held against the idea."
        )

        def answered(agreed: bool | None) -> None:  # noqa: FBT001 - Textual calls it
            now = self.view.open
            if not agreed:
                return
            if now is None or now.number != row.number:
                self.notify(f"#{ink.number(row.number)} ended by itself meanwhile", timeout=4)
            else:
                self._press(lambda c: c.skip(), f"skipping #{ink.number(row.number)}")

        question = f"Skip trial #{ink.number(row.number)}?"
        self.app.push_screen(Confirm(question, detail, "Skip"), answered)

    @property
    def repeatable(self) -> Row | None:
        """The selected trial, if it has a file that is not the best already."""
        row = self.target
        if self.cockpit.again is None or row is None or row.number < 0:
            return None
        free = row.state in ("settled", "abandoned") and row.number != self.view.board.incumbent
        return row if free and row.archived else None

    async def action_again(self) -> None:
        """Queue the selected trial's file for another trial, against the best of now."""
        row, again = self.repeatable, self.cockpit.again
        if row is None or again is None:
            return
        name = f"#{ink.number(row.number)}"
        try:
            queued = await asyncio.to_thread(again, row.number)
        except CockpitError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        words = (
            "is queued: the next trial runs it again" if queued else "waits in the queue already"
        )
        self.notify(f"{name} {words}", timeout=4, markup=False)

    @property
    def revertible(self) -> Row | None:
        """The selected trial, if it was kept (or is the baseline) and is not the best now."""
        row = self.target
        if row is None or row.number == self.view.board.incumbent:
            return None
        return row if row.kept else None

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
        """Leave a note for the agent, or answer its question; with `!` before it, it is pinned."""
        asked = self.view.board.steering

        def noted(text: str | None) -> None:
            if text and text.startswith("!"):
                idea = text[1:].strip()
                said = "told before every proposal" if idea else "nothing is pinned any more"
                self._press(lambda c: c.steer(idea, pinned=True), said)
            elif text:
                self._press(lambda c: c.steer(text), "the agent reads it before its next proposal")

        title = f"{asked.asker} asks: {asked.question}" if asked.question else "A note to the agent"
        unpin = " · ! alone unpins" if asked.pinned else ""
        self.app.push_screen(Note(title, f"! before it pins it{unpin}"), noted)

    # --- files and leaving ----------------------------------------------------------------------

    def action_program(self) -> None:
        """Open program.md in $EDITOR; the agent reads what it says before its next proposal."""
        path = self.view.root / PROGRAM
        try:
            open_in_editor(self.app, path)
            self.view.take("program", path.read_text(encoding="utf-8", errors="replace"))
        except (OSError, ValueError, SuspendNotSupported) as error:
            self._no_editor(error)
        self.repaint("plan")

    async def action_quit(self) -> None:
        """End the session's work and leave; a second time leaves at once."""
        self.cockpit.leave()
