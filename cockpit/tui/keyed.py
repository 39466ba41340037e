"""The part of the app that knows keys: remapping, clashes, the palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from cockpit.tui.keymap import KEYS, unknown_ids


class Keyed(App[None]):
    """An app whose keys are remapped by id and listed in the palette."""

    COMMAND_PALETTE_BINDING = "colon"

    def remap(self, keys: Mapping[str, str]) -> None:
        """Give actions other keys; an id that no key has is named and left out."""
        unknown = unknown_ids(keys)
        for name in unknown:
            self.notify(f"[keys] {name} is no key of the cockpit; see ?", severity="warning")
        self.set_keymap({k: v for k, v in keys.items() if k not in unknown})

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Say which keys took another's place."""
        names = ", ".join(sorted(b.id or b.action for b in clashed_bindings))
        self.notify(f"one key for two things: {names}", severity="warning", markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Put every key that does something now into the palette."""
        yield from super().get_system_commands(screen)
        base = self.screen_stack[0]
        for key in KEYS:
            if base.check_action(key.action.partition("(")[0], ()):
                yield SystemCommand(key.label, key.help, self._runner(key.action))

    def _runner(self, action: str) -> Callable[[], None]:
        async def run() -> None:
            await self.screen_stack[0].run_action(action)

        def later() -> None:
            self.call_later(run)

        return later
