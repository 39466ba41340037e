"""What must hold for every case the judge can be shown."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.judges.noise import normal_equivalent
from cockpit.judges.sequential import SequentialJudge
from cockpit.metric import Direction, Metric
from cockpit.ports import Case, Measured
from cockpit.trial import MoreRuns, Verdict

VALUES = st.floats(0.5, 4.0).map(lambda value: round(value, 6))


@st.composite
def sides(draw: st.DrawFn) -> tuple[tuple[Measured, ...], tuple[Measured, ...]]:
    """Runs of candidate and incumbent in any order, on a machine that is shared now and then."""
    order = draw(st.lists(st.booleans(), min_size=2, max_size=16).filter(lambda o: len({*o}) == 2))
    ticks = list(accumulate(draw(st.lists(st.integers(1, 40), min_size=16, max_size=16))))
    runs = [
        Measured(value=draw(VALUES), tick=tick, contended=draw(st.booleans()))
        for tick, _ in zip(ticks, order, strict=False)
    ]
    return (
        tuple(run for run, mine in zip(runs, order, strict=True) if mine)[:8],
        tuple(run for run, mine in zip(runs, order, strict=True) if not mine),
    )


FILES = st.lists(st.builds(Measured, value=VALUES), min_size=2, max_size=5).map(tuple)
SIDES = st.shared(sides(), key="sides")
CASES = st.builds(
    Case,
    metric=st.just(Metric()),
    candidate=SIDES.map(lambda both: both[0]),
    incumbent=SIDES.map(lambda both: both[1]),
    spreads=st.lists(FILES, max_size=4).map(tuple),
    candidate_nodes=st.integers(90, 110),
    incumbent_nodes=st.integers(90, 110),
    best_value=st.none() | VALUES,
)
JUDGE = SequentialJudge()
MOST_RUNS = 14
QUICK = settings(max_examples=60, deadline=None)


def mirrored(case: Case) -> Case:
    return Case(
        metric=Metric(direction=Direction.MAXIMIZE),
        candidate=tuple(replace(run, value=-run.value) for run in case.candidate),
        incumbent=tuple(replace(run, value=-run.value) for run in case.incumbent),
        spreads=tuple(
            tuple(replace(run, value=-run.value) for run in group) for group in case.spreads
        ),
        candidate_nodes=case.candidate_nodes,
        incumbent_nodes=case.incumbent_nodes,
        best_value=None if case.best_value is None else -case.best_value,
    )


@QUICK
@given(case=CASES)
def test_more_is_better_mirrors_less_is_better(case: Case) -> None:
    one, other = JUDGE.decide(case), JUDGE.decide(mirrored(case))
    if isinstance(one, Verdict) and isinstance(other, Verdict):
        assert (one.word, one.runs, one.sigma) == (other.word, other.runs, other.sigma)
        assert one.delta == -(other.delta or 0)
    else:
        assert one == other


@QUICK
@given(case=CASES)
def test_a_replay_decides_the_same(case: Case) -> None:
    assert JUDGE.decide(case) == SequentialJudge().decide(case)


@QUICK
@given(case=CASES)
def test_a_keep_is_better_than_the_best_and_rests_on_enough_runs(case: Case) -> None:
    verdict = JUDGE.decide(case)
    if not isinstance(verdict, Verdict) or not verdict.kept:
        return
    assert verdict.sigmas is not None
    shared = "the machine was shared" in verdict.reason
    assert verdict.runs <= sum(run.contended is shared for run in case.candidate)
    first = case.candidate[0].tick
    if verdict.word == "keep":
        assert verdict.sigmas < 0
        assert verdict.runs >= (2 if verdict.sigmas <= -6 else 4)
        assert any(run.tick > first for run in case.incumbent)
    if verdict.word == "simpler":
        assert case.candidate_nodes < case.incumbent_nodes
        assert verdict.sigmas < 0.5


@QUICK
@given(case=CASES)
def test_a_reason_carries_the_measured_difference(case: Case) -> None:
    verdict = JUDGE.decide(case)
    if isinstance(verdict, Verdict):
        assert verdict.delta is not None
        assert case.metric.format(abs(verdict.delta)) in verdict.reason
        assert "\n" not in verdict.reason


@QUICK
@given(
    values=st.lists(VALUES, min_size=2 * MOST_RUNS, max_size=2 * MOST_RUNS),
    shared=st.lists(st.booleans(), min_size=2 * MOST_RUNS, max_size=2 * MOST_RUNS),
    old=st.integers(1, 8),
    since=st.integers(1, 60),
    fewer=st.booleans(),
)
def test_it_ends_after_a_bounded_number_of_runs(
    values: list[float], shared: list[bool], old: int, since: int, fewer: bool
) -> None:
    runs = [
        Measured(value=value, tick=n + since * (n >= old), contended=contended)
        for n, (value, contended) in enumerate(zip(values, shared, strict=True))
    ]
    incumbent, candidate = runs[:old], [runs[old]]
    for run in runs[old + 1 : old + 2 + MOST_RUNS]:
        case = Case(
            metric=Metric(),
            candidate=tuple(candidate),
            incumbent=tuple(incumbent),
            spreads=(),
            candidate_nodes=90 if fewer else 100,
            incumbent_nodes=100,
        )
        decision = JUDGE.decide(case)
        if isinstance(decision, Verdict):
            assert len(candidate) <= 8
            return
        assert isinstance(decision, MoreRuns)
        (candidate if decision.of == "candidate" else incumbent).append(run)
    raise AssertionError(f"still undecided after {MOST_RUNS} more runs")


@QUICK
@given(t=st.floats(-50, 50), freedom=st.integers(1, 200))
def test_little_knowledge_of_the_noise_never_makes_a_difference_count_for_more(
    t: float, freedom: int
) -> None:
    z = normal_equivalent(t, freedom)
    assert abs(z) <= abs(t)
    assert z == 0 or math.copysign(1, z) == math.copysign(1, t)
    assert abs(z) <= abs(normal_equivalent(t, freedom + 1)) + 1e-12
