"""The examiner's end of the scorers: a host under a warden, and one scorer at a time.

Nothing that comes back is trusted: logits are copied before they are looked at, words are cut and
stripped, and every wait has an end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import mmap
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from cockpit.arena import wire
from cockpit.arena.job import Ended, Job, Message
from cockpit.errors import ArenaError
from cockpit.ports import Watch

BEAT = 0.2
"""Seconds between two looks at the watch while a scorer is silent."""
SEAL_FUTURE_WRITE = 0x10


class ScorerError(Exception):
    """The candidate failed in its examination; the text is one sentence about it."""


class HaltedError(Exception):
    """The watch was halted; the text is its reason."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds until something is given up: our start, building and loading, one answer, all."""

    start: float = 60.0
    load: float = 30.0
    answer: float = 20.0
    whole: float = 120.0


class Host:
    """The clean process that imports torch once and forks the scorers.

    Args:
        start: starts the job; injected for tests.
        job: the host as a job, without its first argument, the control socket.
        limits: how long to wait for what.
        watch: looked at while waiting.

    Raises:
        ArenaError: the host did not come up.
        HaltedError: the watch was halted meanwhile.
    """

    def __init__(self, start: Start, job: Job, limits: Limits, watch: Watch) -> None:
        self._limits, self._watch = limits, watch
        self._until = time.monotonic() + limits.start
        self._control, theirs = _pair()
        try:
            given = dataclasses.replace(job, args=(str(theirs.fileno()),))
            self._running = start(given, [theirs.fileno()])
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()
        try:
            reply = self.receive(self._control, limits.start)
            if not reply.startswith(wire.READY):
                raise ArenaError(f"the scorer host cannot serve: {words(reply[1:])}")
        except (TimeoutError, EOFError):
            self.close()
            raise ArenaError(
                f"the scorer host did not come up in {limits.start:g} s",
                f"read {job.output}",
            ) from None
        except BaseException:
            self.close()
            raise
        self._until = time.monotonic() + limits.whole

    @contextlib.contextmanager
    def scorer(self, seat: wire.Seat) -> Iterator[Scorer]:
        """Fork a scorer for the time of the block; none of its processes outlives it."""
        line, theirs = _pair()
        inputs = os.memfd_create("ids", os.MFD_ALLOW_SEALING)
        outputs = os.memfd_create("logits", os.MFD_ALLOW_SEALING)
        try:
            scorer = Scorer(self, seat, line, inputs, outputs)
            socket.send_fds(self._control, [seat.to_bytes()], [theirs.fileno(), inputs, outputs])
            theirs.close()
            scorer.expect(wire.READY, self._limits.load, "build_model() and loading")
            yield scorer
        except BrokenPipeError:
            raise ArenaError("the scorer host died") from None
        finally:
            theirs.close()
            line.close()
            os.close(inputs)
            os.close(outputs)
            self.end_scorers()

    def end_scorers(self) -> str:
        """Have every scorer killed and reaped; return in words how the last one had ended."""
        try:
            self._control.send(wire.END)
            reply = self.receive(self._control, self._limits.start, heed=False)
        except (OSError, EOFError):
            return "its host died"
        status = json.loads(reply[1:])
        if status is not None and os.WIFSIGNALED(status):
            return f"signal {signal.Signals(os.WTERMSIG(status)).name}"
        return "it closed its line"

    def receive(self, line: socket.socket, patience: float, *, heed: bool = True) -> bytes:
        """Return the next packet.

        Raises:
            TimeoutError: none came within `patience` seconds, or the whole examination took too
                long.
            EOFError: the other end is gone.
            HaltedError: the watch was halted, unless `heed` is False.
        """
        until = min(time.monotonic() + patience, self._until + (0 if heed else patience))
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if select.select([line], [], [], min(BEAT, left))[0]:
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

    @property
    def limits(self) -> Limits:
        """How long to wait for what."""
        return self._limits

    def close(self) -> None:
        """End the host and all below it."""
        self._control.close()
        self._running.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Scorer:
    """One jailed process with the candidate's model; made by `Host.scorer`."""

    def __init__(
        self, host: Host, seat: wire.Seat, line: socket.socket, inputs: int, outputs: int
    ) -> None:
        self._host, self._line = host, line
        self._shape = (seat.rows, seat.context, seat.vocab)
        cells = seat.rows * seat.context
        os.ftruncate(inputs, cells * wire.ID_BYTES)
        os.ftruncate(outputs, cells * seat.vocab * wire.LOGIT_BYTES)
        self._inputs = mmap.mmap(inputs, cells * wire.ID_BYTES)
        size = cells * seat.vocab * wire.LOGIT_BYTES
        self._outputs = mmap.mmap(outputs, size, mmap.MAP_SHARED, mmap.PROT_READ)
        for memory in (inputs, outputs):  # a memory cut short would end the reader: SIGBUS
            fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
        with contextlib.suppress(OSError):  # kernels before 5.1; it then could spoil its own input
            fcntl.fcntl(inputs, fcntl.F_ADD_SEALS, SEAL_FUTURE_WRITE)

    def logits(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return a private copy of the logits (rows, context, vocab) of `ids` (rows, context).

        Raises:
            ScorerError: the model failed, died or did not answer in time.
            HaltedError: the watch was halted.
        """
        rows = len(ids)
        raw = np.ascontiguousarray(ids, np.int64).tobytes()
        self._inputs[: len(raw)] = raw
        try:
            self._line.send(wire.ROWS.pack(wire.GO, rows))
        except OSError:
            self._fail("answering")
        self.expect(wire.DONE, self._host.limits.answer, "answering")
        count = rows * self._shape[1] * self._shape[2]
        copied = self._outputs[: count * wire.LOGIT_BYTES]
        return np.frombuffer(copied, np.float32).reshape(rows, *self._shape[1:])

    def expect(self, token: bytes, patience: float, what: str) -> None:
        """Wait for `token`; anything else is a failure of the candidate in `what`."""
        try:
            packet = self._host.receive(self._line, patience)
        except TimeoutError:
            raise ScorerError(f"{what} took longer than {patience:g} s in examination") from None
        except EOFError:
            self._fail(what)
        if packet.startswith(wire.FAILED):
            raise ScorerError(words(packet[1:]))
        if packet != token:
            raise ScorerError(f"{what} sent {packet[:8]!r} instead of an answer")

    def _fail(self, what: str) -> NoReturn:
        raise ScorerError(f"the scorer died while {what}: {self._host.end_scorers()}")


def words(packet: bytes) -> str:
    """Return untrusted text as one printable line."""
    text = " ".join(packet.decode("utf-8", "replace").split())
    return "".join(c if c.isprintable() else "?" for c in text)[:400]


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
