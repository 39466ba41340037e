"""The full screen. It listens and presses buttons; the engine never waits for it."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen

from cockpit import events as ev
from cockpit.errors import WorkspaceError
from cockpit.ports import Listener
from cockpit.tui.bridge import Bridge
from cockpit.tui.files import follow
from cockpit.tui.keyed import Keyed
from cockpit.tui.screens.deeds import Buttons
from cockpit.tui.screens.main import MainScreen
from cockpit.tui.strip import window_title
from cockpit.tui.themes import load_themes, shipped_folder
from cockpit.tui.view import View

LIVELY = 0.2
"""Seconds between repaints that journal entries may cause."""
LIVE = ("header", "plan", "gpu", "run")
"""Panes that change without a journal entry."""


class Wake(Message):
    """The bridge has something that matters."""


def no_text(trial: int) -> str:
    """Know no archived file; the default where no workspace is at hand."""
    raise WorkspaceError(f"the file of trial {trial} is not at hand", "open the workspace itself")


class CockpitApp(Keyed):
    """The screen of one workspace.

    Args:
        view: the screen's own folds and settings.
        control: what the keys press; None on a replay.
        start: begins the engine, given the listener, after the first frame.
        ended: says why the engine's work ended, or None while it goes on.
        text_of: returns the archived `train.py` of a trial, for `e`.
        theme: name of a theme; unknown ones fall back to the first, with a notice.
        theme_folders: where else themes lie, after the shipped ones.
        keys: remapping, key id to Textual key names.

    After `run` returns, `detached` says that the terminal went away and the session should go on.
    """

    CSS_PATH = "cockpit.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, system=True),
    ]
    TITLE = "cockpit"

    def __init__(
        self,
        view: View,
        *,
        control: Buttons | None = None,
        start: Callable[[Listener], None] | None = None,
        ended: Callable[[], str | None] = lambda: None,
        text_of: Callable[[int], str] = no_text,
        theme: str = "night",
        theme_folders: tuple[Path, ...] = (),
        keys: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.view = view
        self.main = MainScreen(view)
        self.control = control
        self.text_of = text_of
        self.bridge = Bridge(lambda: self.post_message(Wake()))
        self.detached = False
        self._start = start
        self._ended = ended
        self._wanted_theme = "contrast" if self.no_color else theme
        self._theme_folders = theme_folders
        self._keys = dict(keys or {})
        self._painted_at = 0.0
        self._dirty = False
        self._stale = False
        self._heard_end = False
        self._window = ""
        self.animation_level = "none"

    # --- begin and end ---------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen."""
        return self.main

    def on_load(self) -> None:
        """Make the themes and the keys known before anything is drawn."""
        self._load_themes()
        if self.view.ascii_only:
            self.add_class("-ascii")

    def on_mount(self) -> None:
        """Take over the signals, then let the engine begin once there is something to see."""
        self._take_signals()
        self.remap(self._keys)
        self.set_interval(1.0, self.tick)
        self.run_worker(follow(self.view.root, self._read), exit_on_error=False, group="files")
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.main.repaint()
        if self._start is not None:
            self._start(self.bridge)

    def _take_signals(self) -> None:
        """Restore the terminal on TERM; on HUP leave it, and let the session go on."""
        loop = asyncio.get_running_loop()
        with suppress(ValueError, NotImplementedError, RuntimeError):  # not the main thread: tests
            loop.add_signal_handler(signal.SIGTERM, self._on_term)
            loop.add_signal_handler(signal.SIGHUP, self._on_hup)

    def _on_term(self) -> None:
        if self.control is not None:
            self.control.stop("ended by SIGTERM")
        self.exit(return_code=128 + signal.SIGTERM)

    def _on_hup(self) -> None:
        self.detached = True
        self.bridge.close()
        self.exit(return_code=128 + signal.SIGHUP)

    async def action_quit(self) -> None:
        """Leave, from the palette or ctrl+q."""
        self.leave()

    def leave(self) -> None:
        """End the session's work, wait for its last word, leave; a second time at once."""
        if self.control is None or self._start is None or self.view.quitting or self._over():
            self.exit()
            return
        self.view.quitting = True
        self.control.stop()
        self.set_interval(0.1, self._leave_when_over)
        self.main.repaint()

    def _over(self) -> bool:
        return bool(self.view.ended)

    def _look_whether_over(self) -> None:
        """Say why the engine's work ended; an end that an earlier start wrote does not count."""
        board = self.view.board
        if self.control is None:
            self.view.ended = "" if board.running else board.ended
        else:
            self.view.ended = self._ended() or (board.ended if self._heard_end else "")

    def _leave_when_over(self) -> None:
        self._fold()
        if self._over():
            self.exit()

    # --- the engine's news -----------------------------------------------------------------------

    def on_wake(self, _message: Wake) -> None:
        """Fold what came; repaint at once, unless that was a moment ago."""
        self._fold()
        if time.monotonic() - self._painted_at >= LIVELY:
            self._paint()
        elif not self._dirty:
            self._dirty = True
            self.set_timer(LIVELY, self._paint)

    def tick(self) -> None:
        """Fold the chatter and move the clocks, once a second."""
        self._fold()
        self._paint()

    def _fold(self) -> None:
        items = self.bridge.drain()
        for item in items:
            self.view.apply(item)
            if isinstance(item, ev.Entry):
                self._heard_end = isinstance(item.event, ev.SessionEnded)
        if any(isinstance(item, ev.Entry) for item in items):
            self._stale = True
            self.view.derive()
            self.main.notice_review()
            self.main.refresh_bindings()
        self._look_whether_over()

    def _paint(self) -> None:
        self._dirty = False
        self._painted_at = time.monotonic()
        stale, self._stale = self._stale, False
        with suppress(NoMatches):  # the last tick may come while the screen is taken down
            self.main.repaint(*(() if stale else LIVE))
        self._name_window(window_title(self.view))

    def _name_window(self, title: str) -> None:
        """Write the terminal's title (OSC 2) when it changed."""
        if title != self._window and self._driver is not None:
            self._window = title
            self._driver.write(f"\x1b]2;{title}\x07")

    def _read(self, name: str, text: str) -> None:
        """Take the new text of program.md or learnings.md."""
        setattr(self.view, name, text)
        self._paint()

    # --- themes ----------------------------------------------------------------------------------

    def _load_themes(self) -> None:
        loaded = load_themes(shipped_folder(), *self._theme_folders)
        self._own_themes = [theme.name for theme in loaded.themes]
        for theme in loaded.themes:
            self.register_theme(theme)
        problems = list(loaded.problems)
        if self._wanted_theme in self.available_themes:
            self.theme = self._wanted_theme
        elif self._own_themes:
            names = ", ".join(self._own_themes)
            problems.append(f"there is no theme {self._wanted_theme!r}; there are {names}")
            self.theme = self._own_themes[0]
        for problem in problems:
            self.call_later(self.notify, problem, severity="warning", timeout=10, markup=False)

    def next_theme(self) -> None:
        """Change to the next of the cockpit's themes."""
        names = self._own_themes
        at = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[at % len(names)]
        self.notify(f"theme {self.theme}", timeout=2)
