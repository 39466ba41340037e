"""What the judge's bounds cost and miss, in simulated nights: `python -m bench.judge`.

Runs are normal around a file's true value with standard deviation 1, which no rule is told. A night
is 100 candidates against whatever was kept last; it begins with one run of the baseline. Seeds are
fixed, so two runs print the same tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from cockpit.judges.noise import pooled
from cockpit.judges.sequential import SequentialJudge
from cockpit.metric import Metric
from cockpit.ports import Case, Judge
from cockpit.trial import MoreRuns, Verdict, VerdictWord

NIGHT = 100
LARGE = 3.0
METRIC = Metric(decimals=6)
Draw = Callable[[], float]
Plan = Callable[[np.random.Generator], list[float]]


class AnyImprovement:
    """Upstream's rule: one run, and any improvement over the incumbent's run is kept."""

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return keep for anything better."""
        kept = case.metric.better(case.candidate[0], case.incumbent[0])
        return Verdict(word="keep" if kept else "discard", reason="one run")


class TwoErrors:
    """The plain rule: three runs of each, kept from two standard errors on, no t-correction."""

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return keep from two standard errors on."""
        if len(case.incumbent) < 3:
            return MoreRuns(of="incumbent", why="three runs are the rule")
        gain = case.metric.gain(fmean(case.candidate), fmean(case.incumbent))
        if gain <= 0:
            return Verdict(word="discard", reason="not better")
        if len(case.candidate) < 3:
            return MoreRuns(of="candidate", why="three runs are the rule")
        noise = pooled((case.candidate, case.incumbent, *case.spreads))
        kept = noise.ratio(gain, len(case.candidate), len(case.incumbent)) >= 2
        return Verdict(word="keep" if kept else "discard", reason="two standard errors")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One candidate: what it was truly worth in sigma, the verdict, and the extra runs."""

    effect: float
    word: VerdictWord
    extra: int


def night(
    judge: Judge, draw: Draw, effects: Sequence[float], *, smaller: bool = False
) -> Iterator[Outcome]:
    """Play one night; `smaller` gives each candidate fewer nodes than the incumbent has."""
    truth, incumbent = 0.0, [draw()]
    spreads: list[tuple[float, ...]] = []
    best = incumbent[0]
    for effect in effects:
        candidate = [truth - effect + draw()]
        extra = 0
        while True:
            case = Case(
                metric=METRIC,
                candidate=tuple(candidate),
                incumbent=tuple(incumbent),
                spreads=tuple(spreads),
                candidate_nodes=99 if smaller else 100,
                incumbent_nodes=100,
                best_value=best,
            )
            decision = judge.decide(case)
            if isinstance(decision, Verdict):
                break
            extra += 1
            if decision.of == "candidate":
                candidate.append(truth - effect + draw())
            else:
                incumbent.append(truth + draw())
        yield Outcome(effect, decision.word, extra)
        loser = incumbent if decision.kept else candidate
        if len(loser) > 1:
            spreads.append(tuple(loser))
        if decision.kept:
            truth, incumbent = truth - effect, candidate
            best = min(best, fmean(candidate))


def draws(seed: int) -> tuple[np.random.Generator, Draw]:
    """Return a generator for plans and a fast source of standard normal deviates."""
    rng, noise = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    pool: list[float] = []

    def draw() -> float:
        if not pool:
            pool.extend(noise.standard_normal(100_000).tolist())
        return pool.pop()

    return rng, draw


def no_effect(_: np.random.Generator) -> list[float]:
    """Return a night without any effect."""
    return [0.0] * NIGHT


def some_large(share: float) -> Plan:
    """Return a night where a share of the candidates gains 3 sigma, and the others nothing."""
    return lambda rng: [LARGE if chance < share else 0.0 for chance in rng.random(NIGHT)]


def usual(rng: np.random.Generator) -> list[float]:
    """Return a night where one in ten gains 3 sigma and half of the others do harm."""
    harm = [0.0 if chance < 0.5 else -rng.exponential(2.0) for chance in rng.random(NIGHT)]
    return [
        LARGE if chance < 0.1 else other
        for chance, other in zip(rng.random(NIGHT), harm, strict=True)
    ]


def per_candidate(judge: Judge, plan: Plan, nights: int) -> str:
    """Return cells: false keeps in 1,000, nights with one, extra runs, power, cost of a keep."""
    rng, draw = draws(1)
    nulls = false = spoilt = extra = large = found = cost = 0
    for _ in range(nights):
        outcomes = list(night(judge, draw, plan(rng)))
        none = [o for o in outcomes if o.effect == 0]
        wrong = sum(o.word == "keep" for o in none)
        nulls, false, spoilt = nulls + len(none), false + wrong, spoilt + (wrong > 0)
        extra += sum(o.extra for o in none)
        true = [o for o in outcomes if o.effect == LARGE]
        large, found = large + len(true), found + sum(o.word == "keep" for o in true)
        cost += sum(o.extra for o in true if o.word == "keep")
    power = f"{found / large:.1%} | {cost / max(found, 1):.1f}" if large else "- | -"
    return f"{1000 * false / nulls:.2f} | {spoilt / nights:.1%} | {extra / nulls:.2f} | {power}"


def first_keeps(judge: Judge, times: int) -> float:
    """Return how many in 1,000 first candidates without effect are kept."""
    _, draw = draws(2)
    kept = sum(next(night(judge, draw, [0.0])).word == "keep" for _ in range(times))
    return 1000 * kept / times


def enormous(judge: Judge, size: float, nights: int) -> str:
    """Return cells for twelve candidates, every second gaining `size` sigma: extra runs, keeps."""
    _, draw = draws(3)
    played = [list(night(judge, draw, [size, -size / 2] * 6)) for _ in range(nights)]
    extra = fmean(sum(o.extra for o in each) for each in played)
    first = fmean(each[0].extra for each in played)
    kept = fmean(sum(o.word == "keep" for o in each) for each in played)
    return f"{size:g} sigma | {kept:.2f} | {12 + extra:.1f} | {extra:.1f} | {first:.1f}"


def drift(judge: Judge, loss: float, nights: int) -> str:
    """Return cells for 30 smaller candidates, each truly `loss` sigma worse."""
    _, draw = draws(4)
    played = [list(night(judge, draw, [-loss] * 30, smaller=True)) for _ in range(nights)]
    kept = [sum(o.word in ("keep", "simpler") for o in each) for each in played]
    extra = fmean(o.extra for each in played for o in each)
    return f"{loss:g} | {fmean(kept):.1f} | {loss * fmean(kept):.2f} | {extra:.2f}"


def size_power(size: float, nights: int) -> str:
    """Return cells: the share of gains of one size that is kept, one in twenty having it."""
    rng, draw = draws(5)
    judge, found, runs = SequentialJudge(), [], []
    for _ in range(nights):
        effects = np.where(rng.random(NIGHT) < 0.05, size, 0.0).tolist()
        outcomes = [o for o in night(judge, draw, effects) if o.effect]
        found += [o.word == "keep" for o in outcomes]
        runs += [o.extra for o in outcomes]
    return f"{size:g} sigma | {fmean(found):.1%} | {fmean(runs):.1f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--nights", type=int, default=1000, help="nights a row (default 1000)")
    nights = parser.parse_args().nights
    rules: list[tuple[str, Judge]] = [
        ("any improvement (upstream)", AnyImprovement()),
        ("2 SE, three runs", TwoErrors()),
        ("ours", SequentialJudge()),
    ]
    print(
        "| rule | night | false keeps in 1,000 | nights with one | extra runs without effect",
        end="",
    )
    print(" | power at 3 sigma | extra runs of such a keep |")
    print("|---|---|---|---|---|---|---|")
    plans: list[tuple[str, Plan]] = [
        ("no effect", no_effect),
        ("2 % gain", some_large(0.02)),
        ("10 % gain", some_large(0.1)),
        ("10 % gain, 45 % harm", usual),
    ]
    for rule, judge in rules:
        for name, plan in plans:
            print(f"| {rule} | {name} | {per_candidate(judge, plan, nights)} |", flush=True)
    print("\n| rule | first candidate, without effect: kept in 1,000 |\n|---|---|")
    for rule, judge in rules:
        print(f"| {rule} | {first_keeps(judge, 20 * nights):.1f} |", flush=True)
    print("\n| true gain | kept | extra runs |\n|---|---|---|")
    for size in (1.0, 2.0, 3.0, 4.0, 6.0, 12.0):
        print(f"| {size_power(size, nights // 5)} |", flush=True)
    print("\n| twelve candidates, six gain | kept | runs | extra | of these the first keep's |")
    print("|---|---|---|---|---|")
    for size in (3.0, 6.0, 12.0, 20.0, 50.0):
        print(f"| {enormous(SequentialJudge(), size, nights)} |", flush=True)
    print(
        "\n| 30 smaller candidates, sigma worse each | kept | truly lost, sigma | extra runs each |"
    )
    print("|---|---|---|---|")
    for loss in (0.0, 0.1, 0.25, 0.5, 1.0):
        print(f"| {drift(SequentialJudge(), loss, nights // 5)} |", flush=True)


if __name__ == "__main__":
    main()
