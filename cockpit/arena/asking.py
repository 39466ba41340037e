"""The examiner's line to one scorer: questions through shared memory, answers copied and doubted.

Nothing that comes back is trusted: logits are copied before they are looked at, words are cut and
stripped, and every wait has an end. Once a scorer has seen held-out text, its words are withheld:
they reach the agent, and would be a way to read the vault, a few hundred bytes a trial.
"""

from __future__ import annotations

import builtins
import contextlib
import fcntl
import mmap
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from cockpit.arena import wire

SEAL_FUTURE_WRITE = 0x10
"""F_SEAL_FUTURE_WRITE of linux/fcntl.h: our own mapping stays writable, no other can be made."""

KINDS = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
) | {"OutOfMemoryError"}
"""Exceptions that are named even so: a name out of a list tells nothing."""
WITHHELD = "what it says is withheld, for it might quote that text"


class ScorerError(Exception):
    """The candidate failed in its examination; the text is one sentence about it."""


class HaltedError(Exception):
    """The watch was halted; the text is its reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds until something is given up: our start, building and loading, one answer, all."""

    start: float = 60.0
    load: float = 60.0
    answer: float = 60.0
    whole: float = 120.0


class Scorer:
    """One jailed process with the candidate's model; made by `Host.scorer`.

    Args:
        seat: the shapes.
        line: our end of its socket.
        memories: descriptors of the shared memory for ids and for logits.
        receive: waits for a packet, as `Host.receive` does.
        died: ends what is left of it and says in words how it had ended.
        limits: how long to wait for what.
    """

    def __init__(
        self,
        seat: wire.Seat,
        line: socket.socket,
        memories: tuple[int, int],
        *,
        receive: Callable[[socket.socket, float], bytes],
        died: Callable[[], str],
        limits: Limits,
    ) -> None:
        self._line, self._receive, self._died, self._limits = line, receive, died, limits
        self._seen = False
        inputs, outputs = memories
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

    def logits(self, ids: NDArray[np.int64], *, public: bool = False) -> NDArray[np.float32]:
        """Return a private copy of the logits (rows, context, vocab) of `ids` (rows, context).

        `public` ids are not out of the vault; a scorer that fails at them may say why.

        Raises:
            ScorerError: the model failed, died or did not answer in time.
            HaltedError: the watch was halted.
        """
        rows, self._seen = len(ids), self._seen or not public
        raw = np.ascontiguousarray(ids, np.int64).tobytes()
        self._inputs[: len(raw)] = raw
        try:
            self._line.send(wire.ROWS.pack(wire.GO, rows))
        except OSError:
            self._fail("answering")
        self.expect(wire.DONE, self._limits.answer, "answering")
        count = rows * self._shape[1] * self._shape[2]
        copied = self._outputs[: count * wire.LOGIT_BYTES]
        return np.frombuffer(copied, np.float32).reshape(rows, *self._shape[1:])

    def expect(self, token: bytes, patience: float, what: str) -> None:
        """Wait for `token`; anything else is a failure of the candidate in `what`."""
        try:
            packet = self._receive(self._line, patience)
        except TimeoutError as error:
            raise ScorerError(f"{what} took longer than {error} in examination") from None
        except EOFError:
            self._fail(what)
        if packet == token:
            return
        if self._seen:
            raise ScorerError(f"{what} failed at held-out text{_kind(packet)}: {WITHHELD}")
        if packet.startswith(wire.FAILED):
            raise ScorerError(words(packet[1:]))
        raise ScorerError(f"{what} sent {packet[:8]!r} instead of an answer")

    def _fail(self, what: str) -> NoReturn:
        raise ScorerError(f"the scorer died while {what}: {self._died()}")


def _kind(packet: bytes) -> str:
    """Return which well-known exception a scorer names, and nothing else of what it says."""
    said = words(packet[1:]).split(":")[0].split() if packet.startswith(wire.FAILED) else []
    return next((f" with {name}" for name in said if name in KINDS), "")


def words(packet: bytes) -> str:
    """Return untrusted text as one printable line."""
    text = " ".join(packet.decode("utf-8", "replace").split())
    return "".join(c if c.isprintable() else "?" for c in text)[:400]
