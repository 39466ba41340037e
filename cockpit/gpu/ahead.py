"""Work done ahead, in a thread that ends when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cockpit.events import Sample
from cockpit.ports import Watch


class Ahead:
    """At most one piece of work beside the engine's thread."""

    def __init__(self) -> None:
        self._work: tuple[threading.Thread, Until] | None = None

    def begin(self, work: Callable[[Watch], None]) -> None:
        """Start the work; what was begun before is ended first."""
        self.end()
        watch = Until()
        thread = threading.Thread(target=work, args=(watch,), name="load ahead", daemon=True)
        self._work = thread, watch
        thread.start()

    def end(self) -> bool:
        """Have the work end, and wait for that; say whether it was cut off."""
        if self._work is None:
            return False
        thread, watch = self._work
        self._work, cut_off = None, thread.is_alive()
        watch.over.set()
        thread.join()
        return cut_off


class Until:
    """A Watch that is halted once; what is reported to it is not shown."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def halted(self) -> str | None:
        """Say that it is over."""
        return "the device is needed" if self.over.is_set() else None

    def wait(self, seconds: float) -> str | None:
        """Wait, at most until it is over."""
        self.over.wait(seconds)
        return self.halted()

    def sample(self, sample: Sample) -> None:
        """Drop it."""
