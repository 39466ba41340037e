"""The full screen in a pseudo-terminal, as a person at a keyboard has it."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.e2e.cabin import PATIENCE, SMALL, Cabin
from tests.e2e.vt import Paper

ALTERNATE, NORMAL = b"\x1b[?1049h", b"\x1b[?1049l"
CODES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\\\)|[@-Z=>])")
SCREEN = (*SMALL, "--agent", "sweep", "--rehearsals", "1")


class Terminal:
    """A pseudo-terminal of 120 by 40, all that was written to it, and a program in it."""

    def __init__(self, cabin: Cabin, *arguments: str, **env: str) -> None:
        self._master, slave = os.openpty()
        self.size = (120, 40)
        self._measure(slave)
        self.settings = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "cockpit", *arguments],
            cwd=cabin.root,
            env={**cabin.env, **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        self._slave = slave
        self.written = b""
        self._drawn_from = 0
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        os.set_blocking(self._master, False)
        while not self._over.is_set():
            try:
                self.written += os.read(self._master, 65536)
            except BlockingIOError:
                self._over.wait(0.02)
            except OSError:
                return

    @property
    def text(self) -> str:
        """All that was ever written, without its control codes."""
        return CODES.sub(b"", self.written).decode("utf-8", "replace")

    @property
    def restored(self) -> bool:
        """Say whether the terminal is as it was: the normal screen, echo and lines."""
        modes = termios.tcgetattr(self._slave)[:4] == self.settings[:4]
        return modes and self.written.rfind(NORMAL) > self.written.rfind(ALTERNATE) >= 0

    @property
    def paper(self) -> Paper:
        """What stands on it, drawn since the last change of size."""
        paper = Paper(*self.size)
        paper.feed(self.written[self._drawn_from :])
        return paper

    def resize(self, width: int, height: int) -> None:
        """Become another size, as a window that is dragged or attached to from elsewhere."""
        self._drawn_from = len(self.written)
        self.size = (width, height)
        self._measure(self._slave)
        self.process.send_signal(signal.SIGWINCH)  # it is not its controlling terminal

    def _measure(self, side: int) -> None:
        width, height = self.size
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def press(self, key: str) -> float:
        """Press a key; return the Unix time of it."""
        os.write(self._master, key.encode())
        return time.time()

    def close(self) -> None:
        """End what still runs, and let go of the terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._over.set()
        self._reader.join(PATIENCE)
        os.close(self._slave)
        os.close(self._master)


@contextmanager
def terminal(cabin: Cabin, *arguments: str, **env: str) -> Iterator[Terminal]:
    """A program in a pseudo-terminal; it is gone afterwards."""
    found = Terminal(cabin, *arguments, **env)
    try:
        yield found
    finally:
        found.close()


def screen(cabin: Cabin, *arguments: str, **env: str) -> AbstractContextManager[Terminal]:
    """The full screen of a small session."""
    return terminal(cabin, *SCREEN, *arguments, **env)
