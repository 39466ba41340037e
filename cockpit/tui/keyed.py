"""The part of the app that knows keys: remapping, clashes, the palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from cockpit.tui.keymap import KEYS, Key, fitting, problems


class Keyed(App[None]):
    """An app whose keys are remapped by id and listed in the palette."""

    COMMAND_PALETTE_BINDING = "colon"
    own_keys: ClassVar[tuple[Key, ...]] = ()
    """Keys of the app itself, on every screen of it."""

    def remap(self, keys: Mapping[str, str]) -> None:
        """Give actions other keys; what cannot be, or takes another's key, is named once."""
        for problem in problems(keys):
            self.notify(problem, severity="warning", timeout=10, markup=False)
        self.set_keymap(fitting(keys))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Put every key that does something now into the palette, and a picture of the screen."""
        table: tuple[Key, ...] | None = getattr(screen, "table", None)
        base = self.screen_stack[0] if table is None else screen
        for key in (*self.own_keys, *(table or KEYS)):
            if base.check_action(key.action.partition("(")[0], ()):
                yield SystemCommand(
                    f"{key.label}  ({key.show})", key.help, self._runner(base, key.action)
                )
        yield SystemCommand("picture", "write this screen as an SVG file", self._picture)

    def _picture(self) -> None:
        # The palette has to be gone before the screen is drawn.
        self.set_timer(0.1, self.deliver_screenshot)

    def _runner(self, base: Screen[Any], action: str) -> Callable[[], None]:
        async def run() -> None:
            await base.run_action(action)

        def later() -> None:
            self.call_later(run)

        return later
