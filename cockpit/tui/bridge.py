"""The bridge: carries what the engine announces to the screen's own thread.

The engine must never wait for the screen, so items are queued and at most one wake-up is under
way. Chatter (steps, log lines, telemetry, the model's text) does not wake the screen at all: its
one-second tick collects it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from cockpit.events import (
    AgentSpoke,
    ContextSized,
    Entry,
    LinesLogged,
    Progress,
    Sample,
    StepLogged,
    Telemetry,
)

CHATTER = (AgentSpoke, ContextSized, LinesLogged, Progress, StepLogged, Telemetry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A piece of the past, read from a long journal; `share` of it is read by now, 1.0 is all."""

    entries: Sequence[Entry]
    share: float


class Bridge:
    """A `Listener` for the engine thread, a queue for the screen.

    Args:
        wake: asks the screen, from any thread and without blocking, to call `drain` soon.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._items: SimpleQueue[Entry | Sample | Recalled] = SimpleQueue()
        self._wake = wake
        self._woken = False
        self._closed = False

    def __call__(self, item: Entry | Sample | Recalled) -> None:
        """Queue one item; wakes the screen when it matters and no wake-up is pending."""
        if self._closed:
            return
        self._items.put(item)
        if not self._woken and not isinstance(item, CHATTER):
            self._woken = True
            self._wake()

    def recall(self, entries: Sequence[Entry], share: float) -> None:
        """Queue a piece of the past; `share` of the journal is read by now."""
        self(Recalled(entries=entries, share=share))

    def drain(self) -> list[Entry | Sample | Recalled]:
        """Take everything queued; for the screen's thread."""
        self._woken = False  # before the queue is emptied, so that no later item goes unannounced
        taken: list[Entry | Sample | Recalled] = []
        while True:
            try:
                taken.append(self._items.get_nowait())
            except Empty:
                return taken

    def close(self) -> None:
        """Forget what comes from now on: the screen is gone, the session may go on."""
        self._closed = True
