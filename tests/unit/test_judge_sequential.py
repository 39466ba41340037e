"""What the judge says to the cases a night brings."""

from __future__ import annotations

import pytest

from cockpit.judges.noise import normal_equivalent, pooled
from cockpit.judges.sequential import SequentialJudge
from cockpit.metric import Direction, Metric
from cockpit.ports import Case, Measured
from cockpit.trial import MoreRuns, Verdict

FIVE = (2.690, 2.682, 2.678, 2.686, 2.674)
"""The incumbent's runs: mean 2.682, standard deviation 0.0063."""


def ticking(values: tuple[float, ...], first: int = 1) -> tuple[Measured, ...]:
    """Runs one after the other; by default the incumbent's lie beside the candidate's."""
    return tuple(Measured(value=value, tick=first + n) for n, value in enumerate(values))


def decide(
    candidate: tuple[float, ...],
    incumbent: tuple[float, ...] = FIVE,
    *,
    spreads: tuple[tuple[Measured, ...], ...] = (),
    nodes: tuple[int, int] = (100, 100),
    best: float | None = None,
    metric: Metric | None = None,
) -> Verdict | MoreRuns:
    return SequentialJudge().decide(
        Case(
            metric=metric or Metric(),
            candidate=ticking(candidate),
            incumbent=ticking(incumbent, first=2),
            spreads=spreads,
            candidate_nodes=nodes[0],
            incumbent_nodes=nodes[1],
            best_value=best,
        )
    )


def verdict(*args: tuple[float, ...], **kwargs: object) -> Verdict:
    found = decide(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(found, Verdict), found
    return found


def asks_for(*args: tuple[float, ...], **kwargs: object) -> str:
    found = decide(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(found, MoreRuns), found
    return found.of


def test_worse_before_the_noise_is_known_costs_no_second_run() -> None:
    found = verdict((2.6866,), (2.6820,))
    assert found.word == "discard"
    assert found.sigma is None
    assert found.reason == (
        "0.0046 worse than the best after one run; the noise floor is not yet known"
    )


def test_clearly_worse_costs_one_run() -> None:
    found = verdict((2.70,))
    assert found.word == "discard"
    assert found.reason == "0.0180 worse than the best after one run (2.8 sigma)"
    assert (found.runs, found.incumbent_runs) == (1, 5)


def test_a_little_better_is_called_noise_not_worse() -> None:
    found = verdict((2.680,))
    assert found.word == "discard"
    assert (
        found.reason == "0.0020 better than the best is within the noise after one run (0.3 sigma)"
    )


def test_better_before_the_noise_is_known_runs_the_best_again_up_to_five_times() -> None:
    asked = [asks_for((2.655,), FIVE[:runs]) for runs in range(1, 6)]
    assert asked == ["incumbent", "incumbent", "incumbent", "incumbent", "candidate"]


def test_noise_known_from_other_files_spares_the_five_runs() -> None:
    known = (ticking((2.70, 2.71, 2.705)), ticking((2.9, 2.905, 2.91)))
    assert asks_for((2.66, 2.65), (2.682, 2.68, 2.684), spreads=known) == "candidate"


def test_a_real_gain_is_kept_after_four_runs_with_its_numbers() -> None:
    candidate = (2.655, 2.649, 2.652, 2.6488)
    for runs in range(1, 4):
        assert asks_for(candidate[:runs]) == "candidate"
    found = verdict(candidate)
    assert found.word == "keep"
    assert found.kept
    assert found.reason == "2.6512 is 0.0308 better than the best (6.0 sigma, 4 runs against 5)"
    assert found.delta == pytest.approx(-0.0308)
    assert found.sigmas == pytest.approx(-5.98, abs=0.01)


def test_luck_in_the_first_run_does_not_last() -> None:
    assert asks_for((2.668,)) == "candidate"
    assert verdict((2.668, 2.684)).word == "discard"


def test_an_enormous_gain_needs_two_runs() -> None:
    assert asks_for((2.40,)) == "candidate"
    found = verdict((2.40, 2.41))
    assert found.word == "keep"
    assert found.reason == "2.4050 is 0.2770 better than the best (42.7 sigma, 2 runs against 5)"


def test_an_enormous_gain_in_the_first_experiment_costs_two_more_runs() -> None:
    assert asks_for((2.40,), (2.690,)) == "incumbent"
    assert asks_for((2.40,), (2.690, 2.682)) == "candidate"
    assert verdict((2.40, 2.405), (2.690, 2.682)).word == "keep"


def test_simpler_needs_fewer_nodes_and_no_real_loss() -> None:
    same = (2.677, 2.683, 2.675, 2.681)
    incumbent = (*FIVE, *FIVE)
    found = verdict(same, incumbent, nodes=(88, 100), best=2.680)
    assert found.word == "simpler"
    assert found.kept
    assert found.reason.startswith("12 nodes fewer at 0.0030 better than the best (")
    assert verdict(same, incumbent, nodes=(100, 100), best=2.680).word == "discard"


def test_simpler_keeps_cannot_drift_away_from_the_best_value() -> None:
    same = (2.677, 2.683, 2.675, 2.681)
    incumbent = (*FIVE, *FIVE)
    assert verdict(same, incumbent, nodes=(88, 100), best=2.670).word == "discard"


def test_a_real_loss_is_never_simpler() -> None:
    assert verdict((2.70,), nodes=(50, 100)).word == "discard"


def test_a_best_without_a_value_is_run_first() -> None:
    assert asks_for((2.5,), ()) == "incumbent"


def test_runs_that_agree_to_the_digit_do_not_make_the_noise_zero() -> None:
    metric = Metric(name="accuracy", direction=Direction.MAXIMIZE, decimals=2)
    found = verdict((0.701,), (0.70, 0.70, 0.70, 0.70, 0.70), metric=metric)
    assert found.word == "discard"
    assert found.sigma == pytest.approx(0.01 / 12**0.5)


@pytest.mark.parametrize(
    ("t", "freedom", "z"),
    # Tail probabilities of Student's t turned into normal deviates, from tables:
    # P(t > 3.747 | 4) = 0.01, P(t > 5.893 | 5) = 0.001, P(t > 3.467 | 24) = 0.001.
    [(3.747, 4, 2.326), (5.893, 5, 3.090), (3.467, 24, 3.090)],
)
def test_the_normal_equivalent_agrees_with_tables(t: float, freedom: int, z: float) -> None:
    assert normal_equivalent(t, freedom) == pytest.approx(z, abs=0.03)


def test_pooling_weighs_each_file_by_its_repeats_and_ignores_single_runs() -> None:
    noise = pooled([(1.0, 3.0), (5.0,), (10.0, 10.0, 13.0)])
    assert noise.freedom == 3
    assert noise.sigma == pytest.approx(((2 + 6) / 3) ** 0.5)
