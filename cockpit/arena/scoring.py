"""The examiner's end of the scorers: a host under a warden, and one scorer at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from cockpit.arena import wire
from cockpit.arena.asking import HaltedError, Limits, Scorer, words
from cockpit.arena.job import Ended, Job, Message
from cockpit.arena.outcome import signal_name
from cockpit.errors import ArenaError
from cockpit.ports import Watch

BEAT = 0.2
"""Seconds between two looks at the watch while a scorer is silent."""


class Running(Protocol):
    """What a started job must offer; `cockpit.arena.job.Warden` does."""

    def poll(self, timeout: float = 0.0) -> list[Message]:
        """Return the messages that came."""

    @property
    def ended(self) -> Ended | None:
        """The last message, once it came."""

    def close(self) -> None:
        """End the tree."""


Start = Callable[[Job, Sequence[int]], Running]


class Host:
    """The clean process that imports torch once and forks the scorers.

    Made, it starts; `begin` waits until it is up.

    Args:
        start: starts the job; injected for tests.
        job: the host as a job, without its first argument, the control socket.
        limits: how long to wait for what.
        watch: looked at while waiting.

    Raises:
        ArenaError: it could not be started.
    """

    def __init__(self, start: Start, job: Job, limits: Limits, watch: Watch) -> None:
        if not hasattr(os, "memfd_create"):
            raise ArenaError("examination needs Linux", "run the cockpit on a Linux machine")
        self._limits, self._watch, self._log = limits, watch, job.output
        self._until = math.inf
        self.gone = False
        self._control, theirs = _pair()
        try:
            given = dataclasses.replace(job, args=(str(theirs.fileno()),))
            self._running = start(given, [theirs.fileno()])
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()

    def begin(self) -> None:
        """Wait until it is up; from now on the whole examination is timed.

        Raises:
            ArenaError: it did not come up; `gone` says that it was there and is no more.
            HaltedError: the watch was halted meanwhile.
        """
        try:
            reply = self.receive(self._control, self._limits.start)
        except (TimeoutError, EOFError) as error:
            self.gone = isinstance(error, EOFError)
            raise ArenaError(
                f"the scorer host did not come up in {self._limits.start:g} s", f"read {self._log}"
            ) from None
        if not reply.startswith(wire.READY):
            raise ArenaError(f"the scorer host cannot serve: {words(reply[1:])}")
        self._until = time.monotonic() + self._limits.whole

    @contextlib.contextmanager
    def scorer(self, seat: wire.Seat) -> Iterator[Scorer]:
        """Fork a scorer for the time of the block; none of its processes outlives it."""
        with contextlib.ExitStack() as ours:
            ours.callback(self.end_scorers)
            line, theirs = map(ours.enter_context, _pair())
            inputs, outputs = (_memory(ours, name) for name in ("ids", "logits"))
            scorer = Scorer(
                seat,
                line,
                (inputs, outputs),
                receive=self.receive,
                died=self.end_scorers,
                limits=self._limits,
            )
            try:
                socket.send_fds(
                    self._control, [seat.to_bytes()], [theirs.fileno(), inputs, outputs]
                )
                theirs.close()
                scorer.expect(wire.READY, self._limits.load, "build_model() and loading")
                yield scorer
            except ConnectionError:
                raise ArenaError("the scorer host died") from None

    def end_scorers(self) -> str:
        """Have every scorer killed and reaped; return in words how the last one had ended.

        Raises:
            ArenaError: a process of it would not go, or the host died.
        """
        try:
            self._control.send(wire.END)
            reply = self.receive(self._control, self._limits.start, heed=False)
        except (OSError, EOFError):
            raise ArenaError("the scorer host died") from None
        ended = json.loads(reply[1:])
        if ended["left"]:
            raise ArenaError(f"{ended['left']} processes of a scorer could not be ended")
        status = ended["status"]
        if status is not None and os.WIFSIGNALED(status):
            return signal_name(os.WTERMSIG(status))
        return "it closed its line"

    def receive(self, line: socket.socket, patience: float, *, heed: bool = True) -> bytes:
        """Return the next packet.

        Raises:
            TimeoutError: none came within `patience` seconds, or the whole examination took too
                long.
            EOFError: the other end is gone.
            HaltedError: the watch was halted, unless `heed` is False.
        """
        until = time.monotonic() + patience
        poll = select.poll()
        poll.register(line, select.POLLIN)
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{patience:g} s")
            if heed and time.monotonic() > self._until:
                raise TimeoutError(f"{self._limits.whole:g} s in all")
            if poll.poll(min(BEAT, left) * 1000):
                try:
                    packet = line.recv(wire.PACKET)
                except OSError:
                    packet = b""
                if not packet:
                    raise EOFError
                return packet
            reason = self._watch.halted() if heed else None
            if reason is not None:
                raise HaltedError(reason)
            self._running.poll()

    def close(self) -> None:
        """End the host and all below it."""
        self._control.close()
        self._running.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _memory(ours: contextlib.ExitStack, name: str) -> int:
    memory = os.memfd_create(name, os.MFD_ALLOW_SEALING)
    ours.callback(os.close, memory)
    return memory
