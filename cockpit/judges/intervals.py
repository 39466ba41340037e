"""How sure a re-measured gain is: an interval for it, and one word; pure.

Files are run in rounds, each file once a round with the round's own seed, one after the other. So a
difference within a round is free of what all of the round share: the seed, and the machine's mood.
It is a randomised block design with the round as the block; the noise is the residual of the
two-way layout, files by rounds (H. Scheffe, "The Analysis of Variance", 1959, chapter 4), and the
interval of a difference of two files is Student's t. With two files that is the paired t-test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Literal

Word = Literal["real", "unproven", "luck"]
Values = Mapping[str, Mapping[int, float]]
"""The measured values of each file, by round."""

CONFIDENCE = 0.95
FOUND = 1.5
"""Sigma: half of the 3 sigma that the judge is built to find."""
FORGONE = 0.5
"""Sigma that a simpler file may cost; the judge's `simpler_margin`."""
RESTLESS = 2.0
"""Times the common variance from which on two files' own differences speak for themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A gain (positive is better), its interval, and what it rests on.

    `sigma` is the standard deviation of one run within its round, `freedom` its degrees of
    freedom, `rounds` how many the gain is the mean of.
    """

    gain: float
    low: float
    high: float
    sigma: float
    freedom: int
    rounds: int


def interval(values: Values, old: str, new: str, sign: int) -> Interval | None:
    """Return the gain of `new` over `old` with its interval, None with fewer than two rounds.

    Args:
        values: all that was measured together; the other files help to tell the noise.
        old: the file to be better than.
        new: the file that is held against it.
        sign: +1 where more is better, -1 where less is.
    """
    common = sorted(values.get(old, {}).keys() & values.get(new, {}).keys())
    gains = [sign * (values[new][each] - values[old][each]) for each in common]
    if len(gains) < 2:
        return None
    own, freedom = variance(gains) / 2, len(gains) - 1
    square = own
    shared = residual(values)
    if shared is not None and own <= RESTLESS * shared[0]:
        square, freedom = shared
    half = student(freedom) * math.sqrt(2 * square / len(gains))
    gain = fmean(gains)
    return Interval(
        gain=gain,
        low=gain - half,
        high=gain + half,
        sigma=math.sqrt(square),
        freedom=freedom,
        rounds=len(gains),
    )


def word(found: Interval | None, *, judged_by: float | None = None, simpler: bool = False) -> Word:
    """Say what an interval shows.

    real: it lies above 0 (of a simpler file: above a loss of 0.5 sigma), so the file is better.
    luck: not real, and it rules out a gain of 1.5 sigma (of a simpler file: it lies below a loss of
    0.5 sigma). unproven: the runs allow both.

    Args:
        found: the interval, None where nothing is known.
        judged_by: the noise that the file was judged by. Sigma is the smaller of that and the
            interval's own, so that a restless machine leaves things unproven, no more.
        simpler: whether it was kept for being simpler.
    """
    if found is None:
        return "unproven"
    sigma = found.sigma if judged_by is None else min(judged_by, found.sigma)
    if found.low > (-FORGONE * sigma if simpler else 0.0):
        return "real"
    return "luck" if found.high < (-FORGONE if simpler else FOUND) * sigma else "unproven"


def residual(values: Values) -> tuple[float, int] | None:
    """Return the variance of one run within its round and its degrees of freedom, or None.

    s^2 = sum of (v_ij - mean_i. - mean_.j + mean_..)^2 / ((files - 1) (rounds - 1)), over the files
    that have a value in every round.
    """
    rounds = sorted({each for runs in values.values() for each in runs})
    rows = [[runs[each] for each in rounds] for runs in values.values() if len(runs) == len(rounds)]
    if len(rows) < 2 or len(rounds) < 2:
        return None
    files = [fmean(row) for row in rows]
    blocks = [fmean(column) for column in zip(*rows, strict=True)]
    grand = fmean(files)
    square = math.fsum(
        (value - file - block + grand) ** 2
        for row, file in zip(rows, files, strict=True)
        for value, block in zip(row, blocks, strict=True)
    )
    freedom = (len(rows) - 1) * (len(rounds) - 1)
    return square / freedom, freedom


def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return the two-sided quantile of Student's t.

    By bisection on the closed form of its probability, M. Abramowitz and I. A. Stegun, "Handbook of
    Mathematical Functions", 1964, 26.7.3 and 26.7.4.
    """
    low, high = 0.0, 1.0
    while _inside(high, freedom) < confidence:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if _inside(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _inside(t: float, freedom: int) -> float:
    """Return the probability that Student's t lies within -t and t."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    if freedom % 2:
        total = _series(cosine, range(2, freedom - 1, 2)) * cosine if freedom > 1 else 0.0
        return 2 / math.pi * (angle + sine * total)
    return sine * _series(cosine, range(1, freedom - 2, 2))


def _series(cosine: float, factors: Sequence[int]) -> float:
    """Return 1 + f/(f+1) cos^2 + f/(f+1) (f+2)/(f+3) cos^4 + ..."""
    term = total = 1.0
    for factor in factors:
        term *= factor / (factor + 1) * cosine**2
        total += term
    return total
