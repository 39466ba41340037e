"""What must hold for every case the judge can be shown."""

from __future__ import annotations

import math
from statistics import fmean

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.judges.noise import normal_equivalent
from cockpit.judges.sequential import SequentialJudge
from cockpit.metric import Direction, Metric
from cockpit.ports import Case
from cockpit.trial import MoreRuns, Verdict

VALUES = st.floats(0.5, 4.0).map(lambda value: round(value, 6))
RUNS = st.lists(VALUES, min_size=1, max_size=8).map(tuple)
CASES = st.builds(
    Case,
    metric=st.just(Metric()),
    candidate=RUNS,
    incumbent=RUNS,
    spreads=st.lists(st.lists(VALUES, min_size=2, max_size=5).map(tuple), max_size=4).map(tuple),
    candidate_nodes=st.integers(90, 110),
    incumbent_nodes=st.integers(90, 110),
    best_value=st.none() | VALUES,
    contended=st.booleans(),
)
JUDGE = SequentialJudge()
MOST_RUNS = 14
QUICK = settings(max_examples=60, deadline=None)


def mirrored(case: Case) -> Case:
    return Case(
        metric=Metric(direction=Direction.MAXIMIZE),
        candidate=tuple(-value for value in case.candidate),
        incumbent=tuple(-value for value in case.incumbent),
        spreads=tuple(tuple(-value for value in group) for group in case.spreads),
        candidate_nodes=case.candidate_nodes,
        incumbent_nodes=case.incumbent_nodes,
        best_value=None if case.best_value is None else -case.best_value,
        contended=case.contended,
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
    if not isinstance(verdict, Verdict):
        return
    gain = case.metric.gain(fmean(case.candidate), fmean(case.incumbent))
    if verdict.word == "keep":
        assert gain > 0
        assert verdict.sigma is not None
        enormous = gain >= 6 * verdict.sigma
        assert len(case.candidate) >= (2 if enormous else 4)
    if verdict.word == "simpler":
        assert case.candidate_nodes < case.incumbent_nodes
        assert verdict.sigma is not None
        assert gain > -0.5 * verdict.sigma
        if case.best_value is not None:
            lost = case.metric.gain(case.best_value, fmean(case.candidate))
            assert lost < verdict.sigma


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
    candidate=st.lists(VALUES, min_size=20, max_size=20),
    incumbent=st.lists(VALUES, min_size=20, max_size=20),
    fewer=st.booleans(),
    contended=st.booleans(),
)
def test_it_ends_after_a_bounded_number_of_runs(
    candidate: list[float], incumbent: list[float], fewer: bool, contended: bool
) -> None:
    runs, incumbent_runs = 1, 1
    for asked in range(MOST_RUNS + 1):
        case = Case(
            metric=Metric(),
            candidate=tuple(candidate[:runs]),
            incumbent=tuple(incumbent[:incumbent_runs]),
            spreads=(),
            candidate_nodes=90 if fewer else 100,
            incumbent_nodes=100,
            contended=contended,
        )
        decision = JUDGE.decide(case)
        if isinstance(decision, Verdict):
            assert runs + incumbent_runs - 2 == asked
            return
        assert isinstance(decision, MoreRuns)
        runs += decision.of == "candidate"
        incumbent_runs += decision.of == "incumbent"
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
