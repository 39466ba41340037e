"""Simulated nights: what a judge decides where the truth is known.

A run's value is the file's true value, plus noise of standard deviation 1, plus what the machine
does to every run of that moment. No rule is told any of the three. Time is counted in runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from cockpit.metric import Metric
from cockpit.orders import Measured
from cockpit.ports import Case, Judge
from cockpit.trial import Verdict, VerdictWord

NIGHT = 100
"""Candidates in a night."""
LONGEST = 8 * NIGHT
"""Runs that the machine's history is drawn for; the last moment lasts."""
METRIC = Metric(decimals=6)
LARGE = 3.0
"""A gain in sigma that must not be missed."""
Draw = Callable[[], float]
Noise = Callable[[np.random.Generator], "np.ndarray"]
Plan = Callable[[np.random.Generator], list[float]]
Machine = Callable[[np.random.Generator], "Moments"]


@dataclass(frozen=True, slots=True)
class Moments:
    """What the machine adds to a run begun at each moment, and whether the warden marks it."""

    added: Sequence[float] = (0.0,)
    contended: Sequence[bool] = (False,)


def calm(_: np.random.Generator) -> Moments:
    """Return a machine that is the same all night."""
    return Moments()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One candidate: what it was truly worth in sigma, the verdict, and the extra runs."""

    effect: float
    word: VerdictWord
    extra: int


@dataclass(slots=True)
class Night:
    """One night: a judge, a source of noise, a machine; `smaller` candidates have fewer nodes."""

    judge: Judge
    draw: Draw
    moments: Moments = field(default_factory=Moments)
    smaller: bool = False
    tick: int = 0

    def run(self, truth: float) -> Measured:
        """Run a file of a true value once."""
        self.tick += 1
        added = self.moments.added[min(self.tick, len(self.moments.added) - 1)]
        contended = self.moments.contended[min(self.tick, len(self.moments.contended) - 1)]
        return Measured(value=truth + self.draw() + added, tick=self.tick, contended=contended)

    def play(self, effects: Sequence[float]) -> Iterator[Outcome]:
        """Judge one candidate after another against whatever was kept last."""
        truth, incumbent = 0.0, [self.run(0.0)]
        spreads: list[tuple[Measured, ...]] = []
        best, lately = incumbent[0].value, list[float]()
        for effect in effects:
            candidate, extra = [self.run(truth - effect)], 0
            while True:
                case = self._case(candidate, incumbent, spreads, best, lately)
                decision = self.judge.decide(case)
                if isinstance(decision, Verdict):
                    break
                extra += 1
                if decision.of == "candidate":
                    candidate.append(self.run(truth - effect))
                else:
                    incumbent.append(self.run(truth))
                    lately = []
            yield Outcome(effect, decision.word, extra)
            loser = incumbent if decision.kept else candidate
            clean = tuple(run for run in loser if not run.contended)
            spreads += [clean] if len(clean) > 1 else []
            lately += [] if decision.sigmas is None else [-decision.sigmas]
            if decision.kept:
                truth, incumbent = truth - effect, candidate
                best = min(best, decision.value or fmean(run.value for run in candidate))

    def _case(
        self,
        candidate: list[Measured],
        incumbent: list[Measured],
        spreads: list[tuple[Measured, ...]],
        best: float,
        lately: list[float],
    ) -> Case:
        return Case(
            metric=METRIC,
            candidate=tuple(candidate),
            incumbent=tuple(incumbent),
            spreads=tuple(spreads),
            candidate_nodes=99 if self.smaller else 100,
            incumbent_nodes=100,
            best_value=best,
            lately=tuple(lately),
        )


# --- noise -----------------------------------------------------------------------------------


def normal(rng: np.random.Generator) -> np.ndarray:
    """Return standard normal deviates."""
    return rng.standard_normal(50_000)


def heavy(rng: np.random.Generator) -> np.ndarray:
    """Return deviates of Student's t with 4 degrees of freedom, scaled to standard deviation 1."""
    return np.asarray(rng.standard_t(4, 50_000) / np.sqrt(2.0))


def outliers(rng: np.random.Generator) -> np.ndarray:
    """Return normal deviates of which one in twenty is four times as wide; in all 1 again."""
    wide = np.where(rng.random(50_000) < 0.05, 4.0, 1.0)
    return np.asarray(rng.standard_normal(50_000) * wide / np.sqrt(0.95 + 0.05 * 16))


def skewed(rng: np.random.Generator) -> np.ndarray:
    """Return deviates with a long bad side: a centred Gamma(4), standard deviation 1."""
    return (rng.gamma(4.0, size=50_000) - 4.0) / 2.0


def draws(seed: int, noise: Noise = normal) -> tuple[np.random.Generator, Draw]:
    """Return a generator for plans and machines, and a fast source of noise."""
    rng, source = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    pool: list[float] = []

    def draw() -> float:
        if not pool:
            pool.extend(noise(source).tolist())
        return pool.pop()

    return rng, draw


# --- candidates ------------------------------------------------------------------------------


def every(effect: float) -> Plan:
    """Return a night of candidates that are all worth the same."""
    return lambda _: [effect] * NIGHT


def some(size: float, share: float) -> Plan:
    """Return a night where a share of the candidates gains `size`, and the others nothing."""
    return lambda rng: [size if chance < share else 0.0 for chance in rng.random(NIGHT)]


def usual(rng: np.random.Generator) -> list[float]:
    """Return a night where one in ten gains 3 sigma and half of the others do harm."""
    harm = [0.0 if chance < 0.5 else -rng.exponential(2.0) for chance in rng.random(NIGHT)]
    return [
        LARGE if chance < 0.1 else other
        for chance, other in zip(rng.random(NIGHT), harm, strict=True)
    ]


# --- machines --------------------------------------------------------------------------------


def step(size: float) -> Machine:
    """Return a machine that becomes worse by `size` at some moment of the night, and stays so."""

    def moments(rng: np.random.Generator) -> Moments:
        at = int(rng.integers(10, NIGHT))
        return Moments(added=[0.0] * at + [size] * (LONGEST - at))

    return moments


def slope(size: float) -> Machine:
    """Return a machine that becomes steadily worse, by `size` in a hundred runs."""
    return lambda _: Moments(added=[size * moment / 100 for moment in range(LONGEST)])


def walk(pace: float) -> Machine:
    """Return a machine on a random walk of `pace` a run."""
    return lambda rng: Moments(added=np.cumsum(rng.normal(0.0, pace, LONGEST)).tolist())


def busy(share: float, length: float, harm: float, *, marked: float) -> Machine:
    """Return a machine that others use for a share of the time, about `length` runs at a stretch.

    Each such run is worse by an exponential of mean `harm`; the share `marked` of them is noticed.
    """

    def moments(rng: np.random.Generator) -> Moments:
        shared, now = [], False
        for chance in rng.random(LONGEST):
            leave, enter = 1 / length, share / (length * (1 - share))
            now = chance >= leave if now else chance < enter
            shared.append(now)
        harms, seen = rng.exponential(harm, LONGEST), rng.random(LONGEST) < marked
        return Moments(
            added=[h if s else 0.0 for h, s in zip(harms, shared, strict=True)],
            contended=[bool(s and m) for s, m in zip(shared, seen, strict=True)],
        )

    return moments


def unmarked(machine: Machine) -> Machine:
    """Return the same machine, of whose company nothing is noticed."""

    def moments(rng: np.random.Generator) -> Moments:
        return Moments(added=machine(rng).added)

    return moments
