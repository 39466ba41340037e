"""Manners towards the terminal: its title, its bell, and what signals do to the screen."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver


def take_signals(on_term: Callable[[], None], on_hup: Callable[[], None]) -> None:
    """Hear TERM and HUP on the screen's loop; Textual itself would leave the terminal as it is.

    TSTP and CONT are Textual's: it gives the terminal back, stops, and takes it again.
    """
    loop = asyncio.get_running_loop()
    with suppress(ValueError, NotImplementedError, RuntimeError):  # another thread (tests), Windows
        loop.add_signal_handler(signal.SIGTERM, on_term)
        loop.add_signal_handler(signal.SIGHUP, on_hup)
        _continue_what_was_given_back()


def _continue_what_was_given_back() -> None:
    """Keep a CONT without a TSTP (`kill -STOP`, then `kill -CONT`) from Textual.

    It would take a terminal that it still has, take our modes for those there were before it, and
    leave them behind at the end.
    """
    give_back, take = signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGCONT)
    if not callable(give_back) or not callable(take):
        return
    given = False

    def tstp(number: int, frame: FrameType | None) -> None:
        nonlocal given
        given = True
        give_back(number, frame)

    def cont(number: int, frame: FrameType | None) -> None:
        nonlocal given
        if given:
            given = False
            take(number, frame)

    signal.signal(signal.SIGTSTP, tstp)
    signal.signal(signal.SIGCONT, cont)


class Window:
    """The title of the terminal's window or tab, and its bell.

    Args:
        driver: writes to the terminal; None where there is none.
        bell: whether to ring when a human is needed.
    """

    def __init__(self, driver: Callable[[], Driver | None], *, bell: bool) -> None:
        self._driver = driver
        self._bell = bell
        self._title = ""
        self._taken = False
        self._flagged = False

    def take(self) -> None:
        """Ask the terminal to remember its title (XTWINOPS 22), once; write ours anew."""
        if not self._taken:
            self._write("\x1b[22;2t")
        self._taken, self._title = True, ""

    def give_back(self) -> None:
        """Empty the title, then let the terminal restore the one there was, where it can."""
        if self._taken:
            self._write("\x1b]2;\x07\x1b[23;2t")
        self._taken = False

    def name(self, title: str, *, needs_human: bool) -> None:
        """Write the title (OSC 2) when it changed; ring once when a human begins to be needed."""
        if title != self._title:
            self._title = title
            self._write(f"\x1b]2;{title}\x07")
        if needs_human and not self._flagged and self._bell:
            self._write("\x07")
        self._flagged = needs_human

    def _write(self, text: str) -> None:
        driver = self._driver()
        if driver is not None:
            driver.write(text)


def redraw_after_stops(app: App[None], window: Window) -> None:
    """Draw everything anew after a stop (TSTP, then CONT): others wrote on the terminal."""

    def come_back(_app: object) -> None:
        window.take()
        app.refresh(layout=True)

    app.app_resume_signal.subscribe(app, come_back)
