"""What is measured and which way is better; no other module compares two values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way a metric improves."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The name of the objective, its direction and how many decimals people read."""

    name: str = "val_bpb"
    direction: Direction = Direction.MINIMIZE
    decimals: int = 4

    def better(self, value: float, than: float) -> bool:
        """Say whether `value` is strictly better than `than`."""
        return self.gain(value, than) > 0

    def gain(self, value: float, over: float) -> float:
        """Return how much better `value` is than `over`, in the metric's unit."""
        return over - value if self.direction is Direction.MINIMIZE else value - over

    def format(self, value: float | None) -> str:
        """Render a value at the metric's precision; a missing one is empty, never 0."""
        return "" if value is None else f"{value:.{self.decimals}f}"

    def format_delta(self, delta: float | None) -> str:
        """Render a signed difference, as measured."""
        return "" if delta is None else f"{delta:+.{self.decimals}f}"


VAL_BPB = Metric()
