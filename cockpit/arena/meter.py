"""What one run does with the GPU, and who else computes on it meanwhile; through NVML."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from cockpit.arena import tree
from cockpit.arena.gauge import WAIT_SHARE
from cockpit.arena.telemetry import Gpus, Stranger


class Meter:
    """Watches the GPU of one run: `look` about twice a second while it trains.

    Args:
        gpus: the machine's, None where a run uses none.
        index: which of them it computes on.
        own: process ids that are ours; by default all below this process.
        before: bytes that were in use as the run began, by others: no part of its `memory`.
    """

    def __init__(
        self,
        gpus: Gpus | None = None,
        index: int = 0,
        own: Callable[[], Collection[int]] | None = None,
        before: int = 0,
    ) -> None:
        self._gpus, self._index, self._before = gpus, index, before
        self._own = own or (lambda: {os.getpid(), *tree.descendants(os.getpid())})
        self._joules: float | None = None
        self._looks = 0
        self._seen: dict[int, int] = {}
        self._last: dict[int, Stranger] = {}
        self.memory: int | None = None
        self.energy: float | None = None

    def look(self) -> None:
        """Take one look; what the driver does not tell stays None."""
        if self._gpus is None:
            return
        self._looks += 1
        used = next(
            (gpu.memory_used for gpu in self._gpus.read() if gpu.index == self._index), None
        )
        if used is not None:
            self.memory = max(self.memory or 0, used - self._before)
        joules = self._gpus.joules(self._index)
        if joules is not None:
            self._joules = joules if self._joules is None else self._joules
            self.energy = joules - self._joules
        for stranger in self._gpus.strangers(self._index, self._own()):
            self._seen[stranger.pid] = self._seen.get(stranger.pid, 0) + 1
            self._last[stranger.pid] = stranger

    def foreign(self) -> str:
        """Say who else computed on this GPU for more than a tenth of the time; else nothing."""
        most = max(self._seen, key=lambda pid: self._seen[pid], default=None)
        if most is None or self._seen[most] / self._looks <= WAIT_SHARE:
            return ""
        others = len(self._seen) - 1
        more = f" and {others} other{'s' * (others > 1)}" if others else ""
        share = self._seen[most] / self._looks
        return f"{self._last[most]}{more} used GPU {self._index} too, {share:.0%} of the time"


def first_visible(devices: str | None) -> int:
    """Return the index of the GPU that a run computes on, from CUDA_VISIBLE_DEVICES.

    Names of devices (UUIDs) are not looked up: the first GPU is assumed.
    """
    first = (devices or "").split(",")[0].strip()
    return int(first) if first.isdigit() else 0
