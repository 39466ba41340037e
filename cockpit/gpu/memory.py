"""The device's memory: one reading, whether two fit into it, and how to say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARGIN: Final = 256 << 20
"""Bytes that must be free beside what the best's runs peaked at: peaks are read twice a second."""
SLACK: Final = 1 << 30
"""The least that must stay free for a model to stay loaded; a candidate may need more than the
best, so it is also at least half of what that peaked at."""
USABLE: Final = 0.97
"""Share of a device's memory that can be free at all; driver and display hold the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One reading of the device: bytes in all, and in use by whomever."""

    total: int
    used: int

    @property
    def free(self) -> int:
        """Return the bytes that nobody holds."""
        return self.total - self.used


def slack(room: int) -> int:
    """Return the bytes to spare beside a run of `room` bytes and a model that stays."""
    return max(SLACK, room // 2)


def fits(memory: Memory | None, model: int, room: int | None) -> bool:
    """Say whether a loaded model of `model` bytes provably leaves a run its `room`.

    It has to fit by the books and as the device is now, whoever else is on it. What is not known
    proves nothing.
    """
    if memory is None or room is None:
        return False
    needed = room + slack(room)
    return model + needed <= memory.total and needed <= memory.free


def needed(memory: Memory | None, model: int | None, room: int | None) -> int | None:
    """Return the bytes that must be free before a run; None where nothing can be said.

    That is what the best's runs peaked at (`room`) and a margin, else what is free when a loaded
    model of `model` bytes has gone; `memory` was read before it went.
    """
    if memory is None:
        return None
    if room is not None:
        return min(room + MARGIN, int(USABLE * memory.total))
    return None if model is None else memory.free + model - MARGIN


def gib(count: int) -> str:
    """Return bytes as `5.2 GiB`."""
    return f"{count / 2**30:.1f} GiB"
