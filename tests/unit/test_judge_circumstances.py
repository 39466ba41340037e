"""What the judge does when the machine is not the same all night."""

from __future__ import annotations

from cockpit.judges.sequential import SequentialJudge
from cockpit.metric import Metric
from cockpit.ports import Case, Measured
from cockpit.trial import MoreRuns, Verdict

FIVE = (2.690, 2.682, 2.678, 2.686, 2.674)
"""The incumbent's runs: mean 2.682, standard deviation 0.0063."""


def runs(*values: float, at: int = 1, contended: bool = False) -> tuple[Measured, ...]:
    return tuple(
        Measured(value=value, tick=at + n, contended=contended) for n, value in enumerate(values)
    )


def decide(
    candidate: tuple[Measured, ...],
    incumbent: tuple[Measured, ...],
    lately: tuple[float, ...] = (),
) -> Verdict | MoreRuns:
    return SequentialJudge().decide(
        Case(
            metric=Metric(),
            candidate=candidate,
            incumbent=incumbent,
            spreads=(runs(2.70, 2.71, 2.705), runs(2.9, 2.905, 2.91)),
            candidate_nodes=100,
            incumbent_nodes=100,
            lately=lately,
        )
    )


def asked(candidate: tuple[Measured, ...], incumbent: tuple[Measured, ...]) -> MoreRuns:
    found = decide(candidate, incumbent)
    assert isinstance(found, MoreRuns), found
    return found


def judged(candidate: tuple[Measured, ...], incumbent: tuple[Measured, ...]) -> Verdict:
    found = decide(candidate, incumbent)
    assert isinstance(found, Verdict), found
    return found


def test_a_best_that_ran_long_ago_is_run_beside_the_candidate_even_when_that_looks_worse() -> None:
    assert judged(runs(2.70, at=20), runs(*FIVE)).word == "discard"
    again = asked(runs(2.70, at=40), runs(*FIVE))
    assert again == MoreRuns(of="incumbent", why="the best was last run 35 runs ago")


def test_a_machine_that_became_slower_does_not_cost_a_candidate_its_gain() -> None:
    slower = (2.732, 2.738, 2.735)
    candidate = runs(2.702, at=40)
    beside = [runs(*FIVE) + runs(*slower[:n], at=41) for n in range(4)]
    assert [asked(candidate, each).of for each in beside] == [*["incumbent"] * 3, "candidate"]
    four = candidate + runs(2.699, 2.704, 2.700, at=44)
    found = judged(four, beside[3])
    assert found.word == "keep"
    assert found.reason == (
        "2.7012 is 0.0337 better than the best (7.1 sigma, 4 runs against 3); the best runs "
        "11.2 sigma worse than it did before, and only its new runs count"
    )


def test_a_machine_that_became_faster_is_no_gain() -> None:
    candidate = runs(2.64, 2.643, at=40)
    assert asked(candidate[:1], runs(*FIVE)).of == "incumbent"
    faster = runs(*FIVE) + runs(2.641, 2.644, 2.639, at=41)
    assert judged(candidate, faster).word == "discard"


def test_no_keep_without_the_best_beside_it() -> None:
    candidate = runs(2.650, 2.649, 2.652, 2.6488, at=6)
    again = asked(candidate, runs(*FIVE))
    assert again == MoreRuns(of="incumbent", why="a keep is held against the best run beside it")


def test_an_enormous_gain_is_first_held_against_the_best_beside_it() -> None:
    assert asked(runs(2.40, at=6), runs(*FIVE)).of == "incumbent"
    assert asked(runs(2.40, at=6), runs(*FIVE) + runs(2.68, at=7)).of == "candidate"


def test_a_run_on_a_shared_machine_is_repeated_and_then_not_counted() -> None:
    shared = runs(2.75, at=6, contended=True)
    again = asked(shared, runs(*FIVE))
    assert again == MoreRuns(of="candidate", why="something else used the machine during its run")
    found = judged(shared + runs(2.69, at=7), runs(*FIVE))
    assert found.value == 2.69
    assert found.reason == (
        "0.0080 worse than the best after one run (1.4 sigma); "
        "1 more on a shared machine not counted"
    )


def test_while_the_machine_stays_shared_the_best_is_run_beside_and_like_is_held_against_like() -> (
    None
):
    shared = runs(2.75, 2.74, at=6, contended=True)
    again = asked(shared, runs(*FIVE))
    assert again == MoreRuns(of="incumbent", why="the machine is shared: the best is run beside it")
    found = judged(shared, runs(*FIVE) + runs(2.72, at=8, contended=True))
    assert (found.word, found.incumbent_runs) == ("discard", 1)
    assert found.reason.endswith("; the machine was shared")


def test_a_later_candidate_on_the_shared_machine_finds_the_best_already_run_there() -> None:
    busy = runs(*FIVE) + runs(2.72, 2.725, at=8, contended=True)
    assert asked(runs(2.72, at=12, contended=True), busy).of == "candidate"
    found = judged(runs(2.76, at=12, contended=True), busy)
    assert (found.word, found.runs, found.incumbent_runs) == ("discard", 1, 2)


def test_when_others_come_while_the_best_runs_beside_it_both_files_run_in_their_company() -> None:
    alone = runs(2.655, at=6)
    assert asked(alone, runs(*FIVE)).of == "candidate"
    more = alone + runs(2.72, at=7, contended=True)
    again = asked(more, runs(*FIVE))
    assert again.of == "incumbent"
    assert again.why.endswith("; the machine is shared")
    assert asked(more, runs(*FIVE) + runs(2.75, at=8, contended=True)).of == "candidate"


def test_a_best_that_had_the_machine_to_itself_again_is_the_only_one_to_compare_with() -> None:
    shared = runs(2.75, 2.74, at=6, contended=True)
    found = judged(shared, runs(*FIVE) + runs(2.684, at=8))
    assert found.word == "discard"
    assert found.reason.endswith("; the machine was shared, but not when the best ran")


def test_repeats_on_a_shared_machine_do_not_widen_the_noise_of_a_quiet_one() -> None:
    noisy = runs(*FIVE) + runs(2.80, 2.95, at=6, contended=True)
    quiet = judged(runs(2.70, at=8), runs(*FIVE))
    assert judged(runs(2.70, at=8), noisy).sigma == quiet.sigma


def test_a_gain_that_the_best_run_beside_it_shares_is_no_keep() -> None:
    candidate = runs(2.67, 2.668, 2.672, 2.67, at=26)
    faster = runs(*FIVE * 5) + runs(2.676, 2.678, 2.674, 2.676, at=30)
    found = judged(candidate, faster)
    assert found.word == "discard"
    assert found.reason == (
        "0.0112 better than the best (2.2 sigma, 4 runs against 29), "
        "but not shown against the best run beside it"
    )


def test_when_nearly_all_lose_the_best_is_run_to_see_whether_it_is_the_machine() -> None:
    loser = runs(2.70, at=10)
    assert isinstance(decide(loser, runs(*FIVE), lately=(-2.0, 0.3, -1.0, -2.5)), Verdict)
    again = decide(loser, runs(*FIVE), lately=(-2.0, 0.3, -1.9, -2.5))
    assert again == MoreRuns(of="incumbent", why="nearly all lose of late: is it the machine?")
    beside = runs(*FIVE) + runs(2.684, at=11)
    assert isinstance(decide(loser, beside, lately=(-2.0, 0.3, -1.9, -2.5)), Verdict)


def test_a_gain_that_runs_out_of_runs_is_not_called_noise() -> None:
    company = [runs(2.7, at=7 + n, contended=True) for n in range(7)]
    found = judged(runs(2.64, at=6), sum(company, runs(*FIVE)))
    assert found.word == "discard"
    assert "is not sure enough" in found.reason


def test_a_large_gain_over_a_noise_that_is_hardly_known_says_what_it_lacks() -> None:
    company = [runs(2.7 + 0.01 * (n % 2), at=7 + 2 * n, contended=True) for n in range(7)]
    found = SequentialJudge().decide(
        Case(
            metric=Metric(),
            candidate=runs(2.50, 2.53, at=5),
            incumbent=sum(company, runs(2.69, at=1)),
            spreads=(),
            candidate_nodes=100,
            incumbent_nodes=100,
        )
    )
    assert isinstance(found, Verdict)
    assert found.word == "discard"
    assert "sigma known from 1 repeat alone" in found.reason
