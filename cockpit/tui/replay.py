"""The full screen over a recorded night: nothing can be changed but the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from textual.binding import BindingType

from cockpit.ports import Listener
from cockpit.tui.app import CockpitApp
from cockpit.tui.keymap import REPLAY, Key, bindings
from cockpit.tui.view import View


class Deck(Protocol):
    """What the keys of a replay press; none of it blocks."""

    @property
    def speed(self) -> float:
        """Recorded seconds of a real one."""

    @property
    def paused(self) -> bool:
        """Say whether the time stands still."""

    def pause(self) -> None:
        """Stand still, or go on."""

    def step(self) -> None:
        """Go to the end of the trial in hand."""

    def faster(self, factor: float) -> None:
        """Go on `factor` times as fast."""


class ReplayApp(CockpitApp):
    """The screen of a replay.

    Args:
        view: read-only, its clock the recorded time.
        deck: what the keys press.
        start: begins to play, given the listener, after the first frame.
        theme, theme_folders, keys: as for the screen of a session.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(REPLAY)
    own_keys: ClassVar[tuple[Key, ...]] = REPLAY

    def __init__(
        self,
        view: View,
        deck: Deck,
        *,
        start: Callable[[Listener], None],
        theme: str = "night",
        theme_folders: tuple[Path, ...] = (),
        keys: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(view, start=start, theme=theme, theme_folders=theme_folders, keys=keys)
        self.deck = deck

    def on_mount(self) -> None:
        """Say which keys there are."""
        self._say("p stands still, s next trial, + and - change the speed", seconds=8)

    def action_replay_pause(self) -> None:
        """Stand still, or go on."""
        self.deck.pause()
        self._say("standing still; p goes on" if self.deck.paused else "going on")

    def action_replay_step(self) -> None:
        """Go to the end of the trial in hand."""
        self.deck.step()

    def action_replay_faster(self, factor: float) -> None:
        """Change the speed."""
        self.deck.faster(factor)
        self._say("")

    def _say(self, words: str, seconds: float = 2) -> None:
        told = f"replay at {self.deck.speed:g}x"
        self.notify(f"{told}: {words}" if words else told, timeout=seconds, markup=False)
