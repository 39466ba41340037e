"""Choose a lesson to strike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from cockpit import events as ev
from cockpit.tui.keymap import DIALOG
from cockpit.tui.screens.dialogs import Dialog

MOST = 200
"""Lessons offered, the newest; older ones are struck in learnings.md."""


class StrikePicker(Dialog[tuple[int, str] | None]):
    """Gives the trial and the text of the chosen lesson, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *DIALOG,
        Binding("j", "step(1)", "next lesson", show=False, id="dialog-next"),
        Binding("k", "step(-1)", "previous lesson", show=False, id="dialog-back"),
    ]

    def __init__(self, lessons: Sequence[ev.LessonLearned], trial: int | None) -> None:
        super().__init__()
        self._lessons = lessons[:MOST]
        self._trial = trial

    def compose(self) -> ComposeResult:
        """Make the list, newest first, the lesson of the selected keep under the cursor."""
        with Vertical(classes="dialog lessons"):
            yield Label("Strike a lesson: no agent reads it again", classes="question")
            yield OptionList(
                *(Option(Content(f"#{x.trial} {x.section}: {x.text}")) for x in self._lessons),
                compact=True,
            )
            yield Label("Enter strikes it · Esc or q goes back", classes="detail")

    def on_mount(self) -> None:
        """Begin at the lesson of the selected keep."""
        trials = [lesson.trial for lesson in self._lessons]
        for options in self.query(OptionList):
            options.highlighted = trials.index(self._trial) if self._trial in trials else 0
            options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        lesson = self._lessons[event.option_index]
        self.dismiss((lesson.trial, lesson.text))

    def action_step(self, step: int) -> None:
        """Move by letters as well as by arrows."""
        options = self.query_one(OptionList)
        options.highlighted = ((options.highlighted or 0) + step) % len(self._lessons)

    def action_close(self) -> None:
        """Strike nothing."""
        self.dismiss(None)
