"""The judge over whole nights: few, with fixed seeds; `python -m bench.judge` plays thousands."""

from __future__ import annotations

from statistics import fmean

from bench.nights import LARGE, Machine, Night, Outcome, calm, draws, some, step
from bench.rivals import BLIND
from cockpit.judges.sequential import SequentialJudge
from cockpit.ports import Judge


def nights(machine: Machine, judge: Judge | None = None, *, count: int = 8) -> list[Outcome]:
    rng, draw = draws(11)
    return [
        outcome
        for _ in range(count)
        for outcome in Night(judge or SequentialJudge(), draw, machine(rng)).play(
            some(LARGE, 0.1)(rng)
        )
    ]


def false_keeps(outcomes: list[Outcome]) -> int:
    return sum(outcome.word == "keep" for outcome in outcomes if outcome.effect == 0)


def power(outcomes: list[Outcome]) -> float:
    return fmean(outcome.word == "keep" for outcome in outcomes if outcome.effect == LARGE)


def test_a_calm_night_keeps_what_is_good_and_little_else_for_few_runs() -> None:
    outcomes = nights(calm, count=20)
    assert false_keeps(outcomes) <= 1
    assert power(outcomes) >= 0.9
    assert fmean(outcome.extra for outcome in outcomes if outcome.effect == 0) <= 0.45


def test_a_machine_that_becomes_slower_costs_few_gains() -> None:
    assert power(nights(step(3.0))) >= 0.7
    assert power(nights(step(3.0), SequentialJudge(BLIND))) <= 0.5


def test_a_machine_that_becomes_faster_makes_few_gains() -> None:
    blind = nights(step(-3.0), SequentialJudge(BLIND))
    assert false_keeps(nights(step(-3.0))) <= 2 < false_keeps(blind)
