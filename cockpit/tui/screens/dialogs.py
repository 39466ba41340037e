"""Dialogs: a question with Cancel focused, and a one-line note. Esc and `q` close both."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Button, Input, Label

from cockpit.tui.keymap import DIALOG


class Dialog(ModalScreen[ScreenResultType]):
    """What lies over the main screen and is closed once, however many keys of a burst close it.

    Textual would close what lies below as well, and end the app when nothing does.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close, unless it is closed already or something lies over it."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)


class Confirm(Dialog[bool]):
    """Ask before something that is not easily undone; Enter alone changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *DIALOG,
        Binding("left,right", "other", "other button", show=False, id="dialog-other"),
        Binding("y", "agree", "agree", show=False, id="dialog-agree"),
    ]

    def __init__(self, question: str, detail: str, deed: str) -> None:
        super().__init__()
        self._question = question
        self._detail = detail
        self._deed = deed

    def compose(self) -> ComposeResult:
        """Make the question and its two buttons; the first has the focus."""
        with Vertical(classes="dialog"):
            yield Label(self._question, classes="question", markup=False)
            yield Label(self._detail, classes="detail", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(f"{self._deed} (y)", id="do", compact=True)

    def on_mount(self) -> None:
        """Put the focus where it is safe."""
        self.query("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "do")

    def action_agree(self) -> None:
        """Do it."""
        self.dismiss(result=True)

    def action_other(self) -> None:
        """Move between the buttons."""
        self.focus_next()

    def action_close(self) -> None:
        """Cancel."""
        self.dismiss(result=False)


class Note(Dialog[str | None]):
    """Ask for one line; an empty one counts as closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="dialog-close"),
    ]

    def __init__(self, question: str, hint: str, *, required: bool = True) -> None:
        super().__init__()
        self._question = question
        self._hint = hint
        self._required = required

    def compose(self) -> ComposeResult:
        """Make the question and the line."""
        with Vertical(classes="dialog"):
            yield Label(self._question, classes="question", markup=False)
            yield Input(placeholder=self._hint, compact=True)
            yield Label("Enter sends · Esc or q on an empty line closes", classes="detail")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Close on `q` as the only letter typed, as in every dialog."""
        if event.value == "q":
            event.stop()
            self.set_timer(0.4, self._close_on_q)

    def _close_on_q(self) -> None:
        if self.query_one(Input).value == "q":
            self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the line back."""
        text = event.value.strip()
        self.dismiss(text if text or not self._required else None)

    def action_close(self) -> None:
        """Give nothing."""
        self.dismiss(None)
