"""Choose a theme: each is tried on as the cursor comes to it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from cockpit.tui.keymap import DIALOG
from cockpit.tui.screens.dialogs import Dialog
from cockpit.tui.themed import Themed


class ThemePicker(Dialog[str | None]):
    """Gives the chosen theme's name, or None and the theme that was there before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *DIALOG,
        Binding("j", "step(1)", "next theme", show=False, id="dialog-next"),
        Binding("k", "step(-1)", "previous theme", show=False, id="dialog-back"),
        Binding("t", "step(1)", "next theme", show=False, id="dialog-theme"),
    ]

    def __init__(self, names: list[str], current: str) -> None:
        super().__init__()
        self._names = names
        self._before = current

    def compose(self) -> ComposeResult:
        """Make the list, with the theme of now under the cursor."""
        with Vertical(classes="dialog picker"):
            yield Label("Theme", classes="question")
            yield OptionList(*(Option(name, id=name) for name in self._names), compact=True)
            yield Label("Enter takes it · Esc or q goes back", classes="detail")

    def on_mount(self) -> None:
        """Begin at the theme of now."""
        for options in self.query(OptionList):
            if self._before in self._names:
                options.highlighted = self._names.index(self._before)
            options.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Try a theme on."""
        if event.option.id is not None:
            self.app.theme = event.option.id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        self.dismiss(event.option.id)

    def action_step(self, step: int) -> None:
        """Move by letters as well as by arrows."""
        options = self.query_one(OptionList)
        at = (options.highlighted or 0) + step
        options.highlighted = at % len(self._names)

    def action_close(self) -> None:
        """Go back to the theme of before."""
        self.app.theme = self._before
        self.dismiss(None)


def pick_theme(app: Themed) -> None:
    """Open the picker; what is chosen is remembered."""

    def picked(name: str | None) -> None:
        if name is not None:
            app.choose_theme(name)

    app.push_screen(ThemePicker(app.themes, app.theme), picked)
