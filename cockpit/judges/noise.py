"""The noise floor: how far runs of one file lie apart, and what that says about a difference."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A pooled standard deviation in the metric's unit, and its degrees of freedom.

    With no degree of freedom nothing was repeated yet: sigma is unknown and 0.
    """

    sigma: float
    freedom: int

    @property
    def known(self) -> bool:
        """Say whether any file was run twice."""
        return self.freedom > 0

    def ratio(self, difference: float, runs: int, other_runs: int) -> float:
        """Return a difference of two means of so many runs in units of its standard error.

        SE = sigma * sqrt(1 / runs + 1 / other_runs). Infinite where there is no noise.
        """
        error = self.sigma * math.sqrt(1 / runs + 1 / other_runs)
        if error == 0:
            return math.copysign(math.inf, difference) if difference else 0.0
        return difference / error

    def z(self, difference: float, runs: int, other_runs: int) -> float:
        """Return `ratio` as the normal deviate of the same tail probability.

        What a ratio is worth depends on how well sigma is known; its normal equivalent can be held
        against one bound all night.
        """
        return normal_equivalent(self.ratio(difference, runs, other_runs), self.freedom)


def pooled(groups: Iterable[tuple[float, ...]], floor: float = 0.0) -> Noise:
    """Return the noise floor: the pooled standard deviation of groups of repeated runs.

    sigma^2 = sum of squared distances from each group's own mean / sum of (group size - 1).

    Args:
        groups: the values of each file, one group a file; single runs add nothing.
        floor: the least sigma, the resolution below which people see no difference.
    """
    squares, freedom = 0.0, 0
    for group in groups:
        if len(group) > 1:
            mean = math.fsum(group) / len(group)
            squares += math.fsum((value - mean) ** 2 for value in group)
            freedom += len(group) - 1
    if not freedom:
        return Noise(sigma=0.0, freedom=0)
    return Noise(sigma=max(math.sqrt(squares / freedom), floor), freedom=freedom)


def normal_equivalent(t: float, freedom: int) -> float:
    """Return the normal deviate whose tail probability is that of `t` with `freedom`.

    D. L. Wallace, "Bounds on normal approximations to Student's and the chi-square
    distributions", Annals of Mathematical Statistics 30 (1959), 1121-1130.
    """
    shrink = (8 * freedom + 1) / (8 * freedom + 3)
    size = shrink * math.sqrt(freedom * math.log1p(t * t / freedom))
    return math.copysign(min(size, abs(t)), t)  # A square that underflows rounds up.
