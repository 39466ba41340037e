"""Where a candidate stands: like runs held against like ones.

A machine is not the same all night: it warms up, somebody else begins to use it. So a run that had
the machine to itself is compared with such runs, and the incumbent's older runs count only as long
as its newer ones agree with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from cockpit.judges.noise import Noise, normal_equivalent, pooled
from cockpit.orders import Measured, stretches
from cockpit.ports import Case

SQRT_12 = 12**0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A candidate's gain over the incumbent, and the noise and circumstances it was taken under.

    Attributes:
        value: mean of the candidate's runs that count.
        gain: how much better that is than the incumbent's mean, in the metric's unit.
        noise: the noise floor it is held against.
        runs: how many runs of the candidate count.
        incumbent_runs: how many runs of the incumbent count.
        lost: how far `value` falls behind the best value ever kept, in the metric's unit.
        shared: the candidate's runs that count are those on a shared machine.
        like: the incumbent has a run under the same circumstances.
        left_out: runs of the candidate that do not count, as the others had more like them.
        age: how many runs ago the incumbent was last run under the same circumstances.
        beside: of its runs that count, those since the candidate's first.
        beside_ratio: the gain over those alone, in its own standard errors; 0 without any.
        repeats: all its runs since the candidate's first.
        change: how far, in sigma, the incumbent's runs that count lie from those before them, which
            do not count as the machine has changed; None while all count. Positive is better.
        doubt: the normal deviate of the difference between its newest runs and its older ones.
        recent: how many runs are its newest.
    """

    value: float
    gain: float
    noise: Noise
    runs: int
    incumbent_runs: int
    lost: float
    shared: bool
    like: bool
    left_out: int
    age: int
    beside: int
    beside_ratio: float
    repeats: int
    change: float | None
    doubt: float
    recent: int

    def ratio(self) -> float:
        """Return the gain in standard errors."""
        return self.noise.ratio(self.gain, self.runs, self.incumbent_runs)

    def z(self, margin: float = 0.0) -> float:
        """Return the gain, with a margin in sigma granted to it, as a normal deviate."""
        gain = self.gain + margin * self.noise.sigma
        return self.noise.z(gain, self.runs, self.incumbent_runs)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Runs of candidate and incumbent that may be held against each other, and their noise."""

    candidate: tuple[Measured, ...]
    incumbent: tuple[Measured, ...]
    noise: Noise
    since: int

    @property
    def information(self) -> float:
        """One over the variance of their difference; without a sigma, in units of it."""
        runs, incumbent_runs = len(self.candidate), len(self.incumbent) - self.since
        variance = self.noise.sigma**2 if self.noise.known else 1.0
        return runs * incumbent_runs / (runs + incumbent_runs) / variance


def stand(case: Case, fresh: int, disagreement: float) -> Standing:
    """Return where the candidate of a case stands, whose incumbent was run at least once.

    Args:
        case: the runs.
        fresh: how many runs ago a run of the incumbent may be to be taken for one of now.
        disagreement: the normal deviate from which its newer and older runs do not agree.
    """
    pair = _pair(case, disagreement)
    counted, noise = pair.candidate, pair.noise
    era, before = pair.incumbent[pair.since :], pair.incumbent[: pair.since]
    first, now = case.candidate[0].tick, case.candidate[-1].tick
    beside = sum(run.tick > first for run in era)
    recent = beside or sum(now - run.tick <= fresh for run in era)
    value, incumbent = _mean(counted), _mean(era)
    then = case.metric.gain(value, _mean(era[-beside:])) if beside else 0.0
    gain = case.metric.gain(value, incumbent)
    change = case.metric.gain(incumbent, _mean(before)) if before else None
    lost = 0.0
    if case.best_value is not None:
        # What the machine has lost, the file has not.
        lost = case.metric.gain(case.best_value, value) + (change or 0.0)
    return Standing(
        value=value,
        gain=gain,
        noise=noise,
        runs=len(counted),
        incumbent_runs=len(era),
        lost=lost,
        shared=counted[0].contended,
        like=counted[0].contended is era[0].contended,
        left_out=len(case.candidate) - len(counted),
        age=max(0, now - era[-1].tick),
        beside=beside,
        beside_ratio=noise.ratio(then, len(counted), beside) if beside else 0.0,
        repeats=sum(run.tick > first for run in case.incumbent),
        change=None if change is None or not noise.known else change / noise.sigma,
        doubt=_doubt(era, recent, noise),
        recent=recent,
    )


def _pair(case: Case, disagreement: float) -> _Pair:
    """Return the like runs that tell most; where there are none, the clean ones of each."""
    clean, shared = _split(case.candidate)
    clean_best, shared_best = _split(case.incumbent)
    noise = noise_floor((clean, clean_best, *case.spreads), case, disagreement)
    pairs = []
    if clean and clean_best:
        since = changes([run.value for run in clean_best], noise, disagreement)[-1]
        pairs.append(_Pair(clean, clean_best, noise, since))
    if shared and shared_best:
        # What shares the machine also scatters more, and by no steady amount.
        own = noise_floor((shared, shared_best), case, disagreement)
        wider = max(noise, own, key=lambda found: found.sigma)
        since = changes([run.value for run in shared_best], wider, disagreement)[-1]
        pairs.append(_Pair(shared, shared_best, wider, since))
    if not pairs:
        return _Pair(clean or shared, clean_best or shared_best, noise, 0)
    return max(pairs, key=lambda pair: pair.information)


def _split(
    runs: tuple[Measured, ...],
) -> tuple[tuple[Measured, ...], tuple[Measured, ...]]:
    """Return the runs that had the machine to themselves, and those that shared it."""
    clean = tuple(run for run in runs if not run.contended)
    return clean, tuple(run for run in runs if run.contended)


def noise_floor(files: Iterable[Sequence[Measured]], case: Case, disagreement: float) -> Noise:
    """Return the noise floor of files that were run while the machine may have changed.

    Runs far apart in time are no repeats of each other. The noise so found then tells where the
    runs of a file change all the same, and those before and after are kept apart too.
    """
    # Below the resolution that people read there is no difference, hence the floor.
    floor = 10.0**-case.metric.decimals / SQRT_12
    groups = [group for file in files for group in stretches(file)]
    rough = pooled(groups, floor)
    cut = [part for group in groups for part in _parts(group, rough, disagreement)]
    return pooled(cut, floor) if len(cut) > len(groups) else rough


def changes(values: Sequence[float], noise: Noise, disagreement: float) -> list[int]:
    """Return where the runs of one file change, in order, beginning with 0.

    Binary segmentation: the runs are cut where the means before and after lie furthest apart, if
    that is a normal deviate of at least `disagreement`; then both sides are looked at likewise.
    """
    far, cut, left, total, runs = 0.0, 0, 0.0, math.fsum(values), len(values)
    for before in range(1, runs if noise.known else 0):
        left += values[before - 1]
        difference = left / before - (total - left) / (runs - before)
        ratio = abs(noise.ratio(difference, before, runs - before))
        if ratio > far:
            far, cut = ratio, before
    if not cut or normal_equivalent(far, noise.freedom) < disagreement:
        return [0]
    later = [cut + place for place in changes(values[cut:], noise, disagreement)]
    return changes(values[:cut], noise, disagreement) + later


def _parts(
    group: Sequence[float], noise: Noise, disagreement: float
) -> Iterator[tuple[float, ...]]:
    """Yield a group in parts without change; two or three runs tell nothing about one."""
    begins = changes(group, noise, disagreement) if len(group) > 3 else [0]
    for begin, end in zip(begins, [*begins[1:], len(group)], strict=True):
        yield tuple(group[begin:end])


def _doubt(era: Sequence[Measured], recent: int, noise: Noise) -> float:
    older = len(era) - recent
    if not recent or not older or not noise.known:
        return 0.0
    return abs(noise.z(_mean(era[older:]) - _mean(era[:older]), recent, older))


def _mean(runs: Sequence[Measured]) -> float:
    return fmean([run.value for run in runs])
