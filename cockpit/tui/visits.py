"""When the human was last at the screen, so that the morning audit knows what is new."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cockpit.files import replace_file
from cockpit.ports import Clock

AWAY = 2 * 3600.0
"""Seconds without a key after which the next one opens the audit."""
OFTEN = 60.0
"""Seconds between two writes of the file."""


@dataclass(slots=True, kw_only=True)
class Visits:
    """Knows the last key and the last absence; remembers both in a file.

    Attributes:
        clock: tells the time.
        path: the file, or None where nothing may be written.
        last: Unix time of the last key, or None before the first one ever.
        since: when the human left before coming back; what ended later is new. 0 at first.
    """

    clock: Clock
    path: Path | None = None
    last: float | None = None
    since: float = 0.0
    _saved: float = 0.0

    def touch(self, newest: float) -> bool:
        """Take a key; say whether it ends an absence in which a trial ended, at `newest`."""
        now, last = self.clock.now(), self.last
        self.last = now
        if last is None or now - last < AWAY or newest <= last:
            return False
        self.since = last
        return True

    @property
    def due(self) -> bool:
        """Say whether the file should be written again."""
        return self.last is not None and self.last - self._saved >= OFTEN

    def save(self) -> None:
        """Write the file; a disk that cannot take it must not take the screen down."""
        if self.path is None or self.last is None:
            return
        self._saved = self.last
        text = json.dumps({"last": self.last, "since": self.since})
        with suppress(OSError):
            replace_file(self.path, text.encode(), mode=0o600)


def remembered(clock: Clock, path: Path, *, writes: bool = True) -> Visits:
    """Return the visits that a file tells of; `writes` says whether it may be written again."""
    visits = Visits(clock=clock, path=path if writes else None)
    with suppress(OSError, ValueError, TypeError, KeyError):
        found = json.loads(path.read_text("utf-8"))
        visits.last, visits.since = float(found["last"]), float(found["since"])
    return visits
