"""One jailed process under a warden: what to run, and the cockpit's end of it.

A `Job` is plain data, so that the same specification can be sent to another machine. `start` spawns
the warden for it and returns a `Warden`, the cockpit's end of the pipe: commands go down its
standard input, messages come up its standard output, and when either side is gone the other ends.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cockpit.arena.isolation import Policy
from cockpit.arena.messages import (
    ClockBegan,
    Ended,
    EndReason,
    HandedOver,
    Message,
    Started,
    decode,
)
from cockpit.arena.spawn import command
from cockpit.errors import ArenaError

__all__ = [
    "ClockBegan",
    "EndReason",
    "Ended",
    "HandedOver",
    "Job",
    "Message",
    "Started",
    "Warden",
    "start",
]

LOG = "warden.log"
"""Where a warden that fails says so, in the run folder."""
SHORT = "free memory, processes or disk space"
"""What helps where the system refuses a run something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One process to be run jailed and timed.

    `entry` is the path of a script, run as `__main__`, or `package.module:function` (of the
    cockpit), called without arguments; `args` become `sys.argv[1:]`. `env` is the whole
    environment of the child, `cwd` its folder, `path` is put before its module search path when
    the clock starts. `folder` receives the warden's record. Output and errors of the child go to
    the file `output`, at most `output_cap` bytes, then the last 64 KiB.

    The clock starts when the child is inside its walls and, if `warm`, has imported torch; that may
    take `launch_cap` seconds. It then has `budget` seconds. With `handover` (an absolute path) the
    moment that file appears is stamped, and the child has `grace` seconds more, within the
    budget, to exit. `threads` is what its CPU share is measured against; with `hold` it gets as
    many processors and no more.
    """

    entry: str
    budget: float
    cwd: str
    folder: str
    output: str
    policy: Policy
    python: str = sys.executable
    args: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    warm: bool = False
    launch_cap: float = 60.0
    handover: str | None = None
    grace: float = 2.0
    threads: int = 1
    hold: bool = False
    output_cap: int = 8 << 20

    def to_json(self) -> str:
        """Render on one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """Read what `to_json` wrote."""
        raw: dict[str, Any] = json.loads(text)
        policy: dict[str, Any] = {k: _tupled(v) for k, v in raw.pop("policy").items()}
        plain: dict[str, Any] = {k: _tupled(v) for k, v in raw.items()}
        return cls(policy=Policy(**policy), **plain)


def _tupled(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


# --- the cockpit's end -----------------------------------------------------------------------


class Warden:
    """A running warden, seen from the cockpit; use it from one thread, `cancel` from any."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._buffer = b""
        self._ended: Ended | None = None

    @property
    def pid(self) -> int:
        """Process id of the warden."""
        return self._process.pid

    @property
    def ended(self) -> Ended | None:
        """The last message, once it came."""
        return self._ended

    def poll(self, timeout: float = 0.0) -> list[Message]:
        """Return the messages that came, waiting up to `timeout` seconds for the first.

        Raises:
            ArenaError: the warden itself died without a last word.
        """
        if self._ended is not None:
            return []
        out = self._process.stdout
        assert out is not None
        ready, _, _ = select.select([out], [], [], timeout)
        if not ready:
            return []
        data = out.read1(65536)  # type: ignore[attr-defined]
        if not data:
            code = self._process.wait()
            raise ArenaError(f"the warden died (exit {code})", f"read {LOG} in the run folder")
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        messages = [decode(line) for line in lines]
        self._ended = next((m for m in messages if isinstance(m, Ended)), None)
        return messages

    def cancel(self) -> None:
        """Ask the warden to end the tree now; the `Ended` message follows."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(b"cancel\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            return

    def wait(self, timeout: float | None = None) -> Ended:
        """Return the last message, reading over the others.

        Raises:
            ArenaError: the warden died, or said nothing for `timeout` seconds (it is then killed).
        """
        until = None if timeout is None else time.monotonic() + timeout
        while self._ended is None:
            left = 1.0 if until is None else until - time.monotonic()
            if left <= 0:
                self.close()
                raise ArenaError(f"the warden did not end within {timeout} s")
            self.poll(min(left, 1.0))
        self.close()
        return self._ended

    def close(self) -> None:
        """Let go of the warden: its tree ends if it still runs; idempotent."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what a warden that is gone was told and never read
                    pipe.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Warden:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(job: Job, pass_fds: Sequence[int] = ()) -> Warden:
    """Spawn the warden of `job`; the child inherits `pass_fds` under the same numbers.

    Raises:
        ArenaError: the machine has no room for it, or it died before it read its job.
    """
    try:
        with (Path(job.folder) / LOG).open("wb") as log:
            process = subprocess.Popen(
                command(sys.executable, "warden", *pass_fds, options=["-S"]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
            )
    except OSError as error:
        raise ArenaError(f"no warden could be started ({error})", SHORT) from error
    assert process.stdin is not None
    try:
        process.stdin.write(job.to_json().encode() + b"\n")
        process.stdin.flush()
    except OSError as error:
        process.kill()
        Warden(process).close()
        what = f"the warden died before it read its job (exit {process.returncode})"
        raise ArenaError(what, f"read {LOG} in the run folder") from error
    return Warden(process)
