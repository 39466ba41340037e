"""A program in a pseudo-terminal, and when it wrote what."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from tests.e2e.vt import Paper

REPO = Path(__file__).parents[1]
SIZE = (120, 40)


class Pty:
    """A module of Python in a terminal of 120 by 40 with full colours.

    Args:
        arguments: what follows `python -m`.
        folder: where it runs.
        env: what its environment has besides.
    """

    def __init__(
        self, *arguments: str, folder: Path = REPO, env: Mapping[str, str] | None = None
    ) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        shown = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(REPO)}
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env={**os.environ, **shown, **(env or {})},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.paper = Paper(*SIZE)
        self.written = 0

    @property
    def processor(self) -> float:
        """Milliseconds of a processor that it has used, children aside."""
        times = psutil.Process(self.process.pid).cpu_times()
        return 1000 * (times.user + times.system)

    def press(self, keys: str) -> float:
        """Press keys; return the time of it."""
        os.write(self._master, keys.encode())
        return time.monotonic()

    def until(self, seen: Callable[[str], bool], seconds: float = 60.0) -> float:
        """Read until the screen shows something; return when the bytes of it arrived.

        Raises:
            TimeoutError: it never did.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            arrived = self.read(end - time.monotonic())
            if seen(self.paper.text):
                return arrived
        raise TimeoutError(self.paper.text)

    def read(self, seconds: float) -> float:
        """Read once what there is, waiting so long at most; return when it arrived."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        arrived = time.monotonic()
        if ready:
            found = os.read(self._master, 1 << 20)
            self.written += len(found)
            self.paper.feed(found)
        return arrived

    def idle(self, seconds: float) -> int:
        """Read so long; return how many bytes came."""
        before, end = self.written, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)
        return self.written - before

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
