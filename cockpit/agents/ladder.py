"""Which kind of edit a model is asked for, and when the lane is left alone for a while.

Measured: of free-text edits by a 1.5B model 0 of 32 applied, of typed constants 10 of 10; at 32B
and above 5 to 25 % of search/replace sessions still break (Aider's leaderboard).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from cockpit.events import Entry, Proposed
from cockpit.ports import Clock
from cockpit.trial import Tier

TIERS: Final[tuple[Tier, ...]] = ("A", "B", "C")
"""The tiers a model can be asked for, from the tightest to the freest."""
BLOCKS_FROM: Final = 7.0
"""Billions of parameters from which a model starts with search/replace blocks."""
BLOCKS_ALLOWED: Final = 3.0
"""Billions of parameters from which it may work its way up to them."""
LINES_ALLOWED: Final = 1.0
"""Billions of parameters from which it may work its way up to lines: 1.5B picked 10 of 10."""
FAILURES_DOWN: Final = 2
SUCCESSES_UP: Final = 3


class Ladder:
    """The tier of one model, learned from how its proposals fare."""

    def __init__(self, parameters: float | None, start: Tier = "") -> None:
        size = parameters or 0.0
        self.tier: Tier = start or ("C" if size >= BLOCKS_FROM else "A")
        allowed: Tier = "C" if size >= BLOCKS_ALLOWED else "B" if size >= LINES_ALLOWED else "A"
        self._highest: Tier = max(allowed, self.tier)
        self._failures = 0
        self._successes = 0

    def failed(self) -> str:
        """Count a proposal that could not be used; return a notice when the tier changes."""
        self._successes = 0
        self._failures += 1
        if self._failures < FAILURES_DOWN or self.tier == TIERS[0]:
            return ""
        self._failures = 0
        return self._move(-1, f"{FAILURES_DOWN} edits in a row could not be used")

    def succeeded(self) -> str:
        """Count a proposal that reached training; return a notice when the tier changes."""
        self._failures = 0
        self._successes += 1
        if self._successes < SUCCESSES_UP or self.tier == self._highest:
            return ""
        self._successes = 0
        return self._move(1, f"{SUCCESSES_UP} edits in a row reached training")

    @property
    def bolder(self) -> Tier:
        """The next freer tier, if the model may be asked for it; it is not climbed by asking."""
        return self.tier if self.tier == self._highest else TIERS[TIERS.index(self.tier) + 1]

    def _move(self, by: int, why: str) -> str:
        was = self.tier
        self.tier = TIERS[TIERS.index(was) + by]
        return f"the model goes from edit tier {was} to {self.tier}: {why}"


def learned_tier(past: Iterable[Entry], model: str) -> Tier:
    """Return the tier that a model last worked at, of any session; empty when it never did."""
    tier: Tier = ""
    for entry in past:
        if isinstance(entry.event, Proposed) and entry.event.proposal.model == model:
            tier = entry.event.proposal.tier
    return tier


class BackOff:
    """Leaves a failing server alone: half a minute at first, doubling to ten minutes."""

    FIRST: Final = 30.0
    LONGEST: Final = 600.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause = 0.0
        self._until = 0.0
        self.reason = ""

    @property
    def waiting(self) -> bool:
        """Say whether the server is to be left alone now."""
        return self._pause > 0 and self._clock.monotonic() < self._until

    def failed(self, sentence: str) -> str:
        """Begin or lengthen the pause; return the sentence, with when the server is asked again.

        It names a time of day, not a count of seconds: the same notice is not repeated each turn.
        """
        self._pause = min(self._pause * 2 or self.FIRST, self.LONGEST)
        self._until = self._clock.monotonic() + self._pause
        again = time.localtime(self._clock.now() + self._pause)
        self.reason = f"{sentence} (asked again after {time.strftime('%H:%M:%S', again)})"
        return self.reason

    def succeeded(self) -> None:
        """Forget the past."""
        self._pause, self.reason = 0.0, ""
