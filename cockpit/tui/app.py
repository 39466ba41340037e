"""The full screen. It listens and presses buttons; the engine never waits for it."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual.app import ScreenStackError
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen

from cockpit import events as ev
from cockpit.ports import Listener
from cockpit.tui.attended import Attended
from cockpit.tui.bridge import Bridge, Recalled
from cockpit.tui.buttons import Buttons
from cockpit.tui.files import follow
from cockpit.tui.screens.audit import AuditScreen
from cockpit.tui.screens.main import MainScreen
from cockpit.tui.screens.pages import Page
from cockpit.tui.strip import needs_human, window_title
from cockpit.tui.terminal import Window, redraw_after_stops, take_signals
from cockpit.tui.view import View
from cockpit.tui.visits import Visits

LIVELY, CALM = 0.2, 0.5
"""Seconds between repaints that journal entries may cause; and those of a past that is read."""
LIVE = ("header", "plan", "gpu", "run")
"""Panes that change without a journal entry."""
SHELVED = ("run", "diff", "detail")
"""Panes that draw what the shelf has."""


class Wake(Message):
    """The bridge has something that matters."""


class CockpitApp(Attended):
    """The screen of one workspace.

    Args:
        view: the screen's own folds and settings.
        control: what the keys press; None on a replay.
        start: begins the engine, given the listener, after the first frame.
        ended: says why the engine's work ended, or None while it goes on.
        again: queues a trial's file for another trial; says whether it will be run.
        theme: name of a theme, empty for the one last chosen; unknown ones are named.
        theme_folders: where else themes lie, after the shipped ones.
        memory: the file that remembers the theme that was chosen.
        visits: knows when the human was here last; None where that does not matter.
        keys: remapping, key id to Textual key names.
        bell: whether to ring when a human is needed.

    After `run` returns, `detached` says that the terminal went away, `broken` that the screen
    failed; the session should go on after both.
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
        again: Callable[[int], bool] | None = None,
        theme: str = "",
        theme_folders: tuple[Path, ...] = (),
        memory: Path | None = None,
        visits: Visits | None = None,
        keys: Mapping[str, str] | None = None,
        bell: bool = False,
    ) -> None:
        super().__init__(theme, theme_folders, memory)
        self.view, self.visits = view, visits
        self.main = MainScreen(view)
        self.control = control
        self.again = again
        self.bridge = Bridge(lambda: self.post_message(Wake()))
        self.detached = False
        self._start = start
        self._ended = ended
        self._keys = dict(keys or {})
        self._painted_at = 0.0
        self._dirty = False
        self._stale = False
        self._heard_end = False
        self._window = Window(lambda: self._driver, bell=bell)
        self.animation_level = "none"

    @property
    def broken(self) -> str:
        """What the screen failed of, or nothing."""
        return "" if self._exception is None else repr(self._exception)

    # --- begin and end ---------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen."""
        return self.main

    def on_load(self) -> None:
        """Make the themes and the keys known before anything is drawn."""
        self.load_themes()
        if self.view.ascii_only:
            self.add_class("-ascii")

    def on_mount(self) -> None:
        """Take over the signals, then let the engine begin once there is something to see."""
        take_signals(self._on_term, self._on_hup)
        self._window.take()
        redraw_after_stops(self, self._window)
        self.remap(self._keys)
        self.set_interval(1.0, self.tick)
        self.run_worker(follow(self.view.root, self._read), exit_on_error=False, group="files")
        self.view.shelf.wanted = lambda: self.call_later(self._send)
        self.call_after_refresh(self._begin)

    def on_resize(self, event: Resize) -> None:
        """Draw everything anew where the terminal became another size and came back.

        Textual sees no change where both came before it looked; the terminal has lost its text.
        """
        if event.size == self.screen.size:
            self.refresh()

    def on_unmount(self) -> None:
        """Leave the window's title as it was."""
        self._window.give_back()

    def _begin(self) -> None:
        self.main.repaint()
        self._send()
        if self._start is not None:
            self._start(self.bridge)

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
        view, board = self.view, self.view.board
        told = self._heard_end if self.control else not board.running and view.reading is None
        view.ended = self._ended() or (board.ended if told else "")

    def _leave_when_over(self) -> None:
        self._fold()
        if self._over():
            self.exit()

    def welcome(self) -> None:
        """Open the morning audit."""
        self.main.action_audit()

    # --- the engine's news -----------------------------------------------------------------------

    def on_wake(self, _message: Wake) -> None:
        """Fold what came; repaint at once, unless that was a moment ago."""
        self._fold()
        pause = LIVELY if self.view.reading is None else CALM
        if time.monotonic() - self._painted_at >= pause:
            self._paint()
        elif not self._dirty:
            self._dirty = True
            self.set_timer(pause, self._paint)

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
                self.main.hear(item.event)
        if any(isinstance(item, ev.Entry | Recalled) for item in items):
            self._stale = True
            self.view.derive()
            if self.view.reading is None:
                self.main.notice_review()
                self.main.refresh_bindings()
        self._look_whether_over()

    def _paint(self) -> None:
        self._dirty = False
        self._painted_at = time.monotonic()
        stale, self._stale = self._stale, False
        with suppress(NoMatches, ScreenStackError):  # the last tick may come at the very end
            self.main.repaint(*(() if stale else LIVE))
            if isinstance(self.screen, AuditScreen):
                self.screen.look_again()
        self._window.name(window_title(self.view), needs_human=needs_human(self.view))

    def _send(self) -> None:
        """Send for what drawing asked the shelf for."""
        for errand in self.view.shelf.errands():
            self.run_worker(self._fetch(errand), exit_on_error=False, group="shelf")

    async def _fetch(self, errand: Callable[[], None]) -> None:
        """Read something in another thread, then draw what waited for it."""
        await asyncio.to_thread(errand)
        self.main.repaint(*SHELVED)
        if isinstance(self.screen, Page | AuditScreen):
            self.screen.repaint()

    def _read(self, name: str, text: str) -> None:
        """Take the new text of program.md or learnings.md."""
        self.view.take(name, text)
        self._paint()
