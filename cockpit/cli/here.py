"""What a command finds around it: the time, and whether a person sits there."""

from __future__ import annotations

import os
import time


class SystemClock:
    """The real time."""

    def now(self) -> float:
        """Return Unix time."""
        return time.time()

    def monotonic(self) -> float:
        """Return CLOCK_MONOTONIC seconds."""
        return time.monotonic()


def terminal(*, drawing: bool = False) -> bool:
    """Say whether a person sits here; `drawing`: and whether the full screen can be shown."""
    # Textual draws on standard error, so that what is piped away stays clean.
    needed = (0, 1, 2) if drawing else (0, 1)
    return all(map(os.isatty, needed)) and os.environ.get("TERM", "dumb") != "dumb"
