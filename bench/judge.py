"""What the judge's bounds cost and miss, in simulated nights: `python -m bench.judge`.

A night is 100 candidates against whatever was kept last; it begins with one run of the baseline.
Noise has standard deviation 1, which no rule is told. Seeds are fixed, so two runs print the same
tables. `bench.nights` has the nights.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from statistics import fmean

from bench.nights import (
    LARGE,
    Machine,
    Night,
    Noise,
    Outcome,
    Plan,
    busy,
    calm,
    draws,
    every,
    heavy,
    normal,
    outliers,
    skewed,
    slope,
    some,
    step,
    unmarked,
    usual,
    walk,
)
from bench.rivals import BLIND, AnyImprovement, TwoErrors
from cockpit.judges.sequential import SequentialJudge
from cockpit.ports import Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the page: its heading, the columns, and how to make its rows."""

    columns: str
    rows: Callable[[int], Iterable[str]]


RULES: list[tuple[str, Judge]] = [
    ("any improvement (upstream)", AnyImprovement()),
    ("2 SE, three runs", TwoErrors()),
    ("ours", SequentialJudge()),
]


def play(
    judge: Judge, plan: Plan, nights: int, *, machine: Machine = calm, noise: Noise = normal
) -> list[list[Outcome]]:
    """Return the outcomes of so many nights."""
    rng, draw = draws(1, noise)
    return [list(Night(judge, draw, machine(rng)).play(plan(rng))) for _ in range(nights)]


def summary(played: list[list[Outcome]]) -> str:
    """Return cells: false keeps in 1,000 (and how sure), nights with one, extra runs, power."""
    every_one = [outcome for night in played for outcome in night]
    none = [outcome for outcome in every_one if outcome.effect <= 0]
    large = [outcome for outcome in every_one if outcome.effect == LARGE]
    false = [outcome.word == "keep" for outcome in none]
    wrong = fmean(false) if false else 0.0
    sure = 2000 * sqrt(wrong * (1 - wrong) / len(false))
    spoilt = fmean(any(o.word == "keep" and o.effect <= 0 for o in night) for night in played)
    cells = [
        f"{1000 * wrong:.2f} ± {sure:.2f}",
        f"{spoilt:.1%}",
        f"{fmean(o.extra for o in none):.2f}",
    ]
    found = [o for o in large if o.word == "keep"]
    cells.append(f"{len(found) / len(large):.1%}" if large else "-")
    cells.append(f"{fmean(o.extra for o in found):.1f}" if found else "-")
    return " | ".join(cells)


def rules(nights: int) -> Iterator[str]:
    """Yield a row a rule and night."""
    plans = [
        ("no effect", every(0.0)),
        ("each 0.25 sigma worse", every(-0.25)),
        ("2 % gain 3 sigma", some(LARGE, 0.02)),
        ("10 % gain 3 sigma", some(LARGE, 0.1)),
        ("10 % gain 3 sigma, 45 % do harm", usual),
    ]
    for rule, judge in RULES:
        for name, plan in plans:
            yield f"{rule} | {name} | {summary(play(judge, plan, nights))}"


def firsts(nights: int) -> Iterator[str]:
    """Yield how many in 1,000 first candidates without effect each rule keeps."""
    for rule, judge in RULES:
        _, draw = draws(2)
        times = 20 * nights
        kept = fmean(next(Night(judge, draw).play([0.0])).word == "keep" for _ in range(times))
        sure = 2000 * sqrt(kept * (1 - kept) / times)
        yield f"{rule} | {1000 * kept:.1f} ± {sure:.1f}"


def noises(nights: int) -> Iterator[str]:
    """Yield a row a shape of noise, for our rule."""
    shapes: list[tuple[str, Noise]] = [
        ("Student's t, 4 degrees of freedom", heavy),
        ("one run in twenty four times as noisy", outliers),
        ("skewed to the bad side (Gamma 4)", skewed),
    ]
    for name, noise in shapes:
        for share, plan in (("none", every(0.0)), ("10 %", some(LARGE, 0.1))):
            played = play(SequentialJudge(), plan, nights, noise=noise)
            yield f"{name} | {share} | {summary(played)}"


MACHINES: list[tuple[str, Machine]] = [
    ("the same all night", calm),
    ("at some moment 3 sigma worse, for good", step(3.0)),
    ("at some moment 3 sigma better, for good", step(-3.0)),
    ("at some moment 1.5 sigma better, for good", step(-1.5)),
    ("4 sigma worse in 100 runs, steadily", slope(4.0)),
    ("4 sigma better in 100 runs, steadily", slope(-4.0)),
    ("random walk, 0.2 sigma a run", walk(0.2)),
    ("shared 20 % of the time, 8 runs long; noticed 9 in 10", busy(0.2, 8, 4.0, marked=0.9)),
    ("shared 10 % of the time, 1-2 runs long; noticed 9 in 10", busy(0.1, 1.5, 4.0, marked=0.9)),
    ("shared half of the time, 3 runs long; noticed 19 in 20", busy(0.5, 3, 4.0, marked=0.95)),
    ("shared 20 % of the time, 8 runs long; never noticed", busy(0.2, 8, 4.0, marked=0.0)),
]


def machines(nights: int) -> Iterator[str]:
    """Yield a row a machine: without and with a look at when and beside whom each run was taken."""
    for name, machine in MACHINES:
        for how, judge, seen in (
            ("no", SequentialJudge(BLIND), unmarked(machine)),
            ("yes", SequentialJudge(), machine),
        ):
            played = play(judge, some(LARGE, 0.1), max(10, nights // 2), machine=seen)
            yield f"{name} | {how} | {summary(played)}"


def sizes(nights: int) -> Iterator[str]:
    """Yield the share of gains of one size that our rule keeps, one in twenty having it."""
    for size in (1.0, 2.0, 3.0, 4.0, 6.0, 12.0):
        played = play(SequentialJudge(), some(size, 0.05), max(10, nights // 5))
        gains = [outcome for night in played for outcome in night if outcome.effect]
        kept = fmean(outcome.word == "keep" for outcome in gains)
        yield f"{size:g} sigma | {kept:.1%} | {fmean(outcome.extra for outcome in gains):.1f}"


def enormous(nights: int) -> Iterator[str]:
    """Yield the cost of twelve candidates, every second gaining much."""
    for size in (3.0, 6.0, 12.0, 20.0, 50.0):
        _, draw = draws(3)
        played = [
            list(Night(SequentialJudge(), draw).play([size, -size / 2] * 6)) for _ in range(nights)
        ]
        extra = fmean(sum(o.extra for o in each) for each in played)
        first = fmean(each[0].extra for each in played)
        kept = fmean(sum(o.word == "keep" for o in each) for each in played)
        yield f"{size:g} sigma | {kept:.2f} | {12 + extra:.1f} | {extra:.1f} | {first:.1f}"


def simpler(nights: int) -> Iterator[str]:
    """Yield what 30 smaller candidates, each truly a little worse, lose together."""
    for loss in (0.0, 0.1, 0.25, 0.5, 1.0):
        _, draw = draws(4)
        played = [
            list(islice(Night(SequentialJudge(), draw, smaller=True).play([-loss] * 30), 30))
            for _ in range(max(10, nights // 5))
        ]
        kept = [sum(o.word in ("keep", "simpler") for o in each) for each in played]
        extra = fmean(o.extra for each in played for o in each)
        worst = max(kept) * loss
        yield f"{loss:g} | {fmean(kept):.1f} | {loss * fmean(kept):.2f} | {worst:.2f} | {extra:.2f}"


COUNTED = "false keeps in 1,000 | nights with one | extra runs without effect | power at 3 sigma"
TABLES = {
    "rules": Table(columns=f"rule | night | {COUNTED} | extra runs of such a keep", rows=rules),
    "firsts": Table(columns="rule | first candidate, without effect: kept in 1,000", rows=firsts),
    "noise": Table(columns=f"noise | gain 3 sigma | {COUNTED} | of such a keep", rows=noises),
    "machines": Table(columns=f"machine | looks at it | {COUNTED} | of such a keep", rows=machines),
    "sizes": Table(columns="true gain | kept | extra runs", rows=sizes),
    "enormous": Table(
        columns="twelve candidates, six gain | kept | runs | extra | of these the first keep's",
        rows=enormous,
    ),
    "simpler": Table(
        columns="30 smaller candidates, sigma worse each | kept | truly lost, sigma | in the worst "
        "night | extra runs each",
        rows=simpler,
    ),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--nights", type=int, default=1000, help="nights a row (default 1000)")
    parser.add_argument("tables", nargs="*", help=f"which: {', '.join(TABLES)} (default all)")
    arguments = parser.parse_args()
    for name in arguments.tables or TABLES:
        table = TABLES[name]
        print(f"\n| {table.columns} |\n|{'---|' * (table.columns.count('|') + 1)}")
        for row in table.rows(arguments.nights):
            print(f"| {row} |", flush=True)


if __name__ == "__main__":
    main()
