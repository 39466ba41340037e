"""The words of a verification keep what docs/TRUST.md promises, and read the same either way up."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.judges.intervals import Interval, Values, interval, residual, student, word

MEASURED = st.floats(-10, 10, allow_nan=False).map(lambda value: round(value, 6))
NIGHTS = 800


def layout(
    draw: random.Random,
    files: int,
    pairs: int,
    gain: float,
    drift: float = 1.0,
    tails: bool = False,
) -> Values:
    """Return runs of files of which the second is better by `gain` sigma, the rest as the first."""
    values: dict[str, dict[int, float]] = {str(file): {} for file in range(files)}
    for pair in range(pairs):
        mood = draw.gauss(0, drift)
        for file in range(files):
            noise = draw.gauss(0, 1)
            if tails:  # Student's t with 3 degrees of freedom, scaled to variance 1
                noise /= math.sqrt(draw.gammavariate(1.5, 2.0))
            values[str(file)][pair] = mood + noise - gain * (file == 1)
    return values


def words(
    files: int, pairs: int, gain: float, *, simpler: bool = False, tails: bool = False
) -> Counter[str]:
    draw = random.Random(f"{files}/{pairs}/{gain}")
    found = (layout(draw, files, pairs, gain, tails=tails) for _ in range(NIGHTS))
    said = Counter(word(interval(v, "0", "1", -1), simpler=simpler) for v in found)
    return Counter({name: count / NIGHTS for name, count in said.items()})


def most(share: float) -> float:
    """Return three standard deviations above a share, as counted in so many nights."""
    return share + 3 * math.sqrt(share * (1 - share) / NIGHTS)


@pytest.mark.parametrize(("files", "pairs"), [(2, 3), (2, 5), (5, 3), (5, 5)])
def test_what_has_no_effect_is_rarely_called_real(files: int, pairs: int) -> None:
    assert words(files, pairs, 0.0)["real"] <= most(0.025)


def test_heavy_tails_change_little() -> None:
    assert words(5, 5, 0.0, tails=True)["real"] <= most(0.025)
    assert words(5, 5, 3.0, tails=True)["luck"] <= most(0.002)


@pytest.mark.parametrize(("files", "least"), [(2, 0.90), (5, 0.95)])
def test_a_true_gain_of_three_sigma_is_called_real_and_never_luck(files: int, least: float) -> None:
    found = words(files, 5, 3.0)
    assert found["real"] >= least
    assert found["luck"] <= 0.002


def test_what_has_no_effect_is_often_called_luck() -> None:
    assert words(2, 5, 0.0)["luck"] >= 0.30
    assert words(5, 5, 0.0)["luck"] >= 0.50
    assert words(5, 10, 0.0)["luck"] >= 0.85


def test_a_simpler_file_that_costs_nothing_is_not_called_luck() -> None:
    assert words(5, 5, 0.0, simpler=True)["luck"] <= most(0.01)
    assert words(5, 5, -0.5, simpler=True)["real"] <= most(0.025)
    assert words(5, 5, -3.5, simpler=True)["luck"] >= 0.95


@given(
    st.lists(st.tuples(MEASURED, MEASURED, MEASURED), min_size=2, max_size=6),
    st.floats(0.1, 100),
    st.floats(-100, 100),
)
def test_units_moods_and_direction_do_not_matter(
    rows: list[tuple[float, float, float]], unit: float, mood: float
) -> None:
    values = {str(f): {p: row[f] for p, row in enumerate(rows)} for f in range(3)}
    moved = {
        name: {pair: unit * (value + mood * pair) for pair, value in runs.items()}
        for name, runs in values.items()
    }
    there, again = interval(values, "0", "1", -1), interval(moved, "0", "1", -1)
    back = interval(values, "1", "0", -1)
    up = interval(values, "0", "1", +1)
    assert there is not None
    assert again is not None
    assert back is not None
    assert up is not None
    close = {"rel_tol": 1e-6, "abs_tol": 1e-6 * unit * (1 + abs(mood))}
    assert math.isclose(again.gain, unit * there.gain, **close)
    if again.freedom == there.freedom:
        assert math.isclose(again.low, unit * there.low, **close)
    assert (back.low, back.high) == (-there.high, -there.low)
    assert (up.low, up.high) == (back.low, back.high)
    assert there.low <= there.gain <= there.high


@given(st.integers(1, 60))
def test_quantiles_fall_with_the_degrees_of_freedom(freedom: int) -> None:
    assert student(freedom) > student(freedom + 1) > 1.9599


def test_quantiles_are_those_of_the_tables() -> None:
    table = {1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 9: 2.2622, 29: 2.0452, 120: 1.9799}
    assert {freedom: round(student(freedom), 4) for freedom in table} == table


def test_two_files_give_the_paired_t_test() -> None:
    values = {"a": {1: 1.0, 2: 2.0, 3: 1.5}, "b": {1: 0.8, 2: 1.9, 3: 1.2}}
    found = interval(values, "a", "b", -1)
    assert found is not None
    assert found.freedom == 2
    assert math.isclose(found.gain, 0.2)
    assert math.isclose(found.high - found.gain, 4.302653 * 0.1 / math.sqrt(3), rel_tol=1e-6)


def test_a_missing_run_leaves_out_its_pair_and_one_pair_says_nothing() -> None:
    values = {"a": {1: 1.0, 2: 2.0, 3: 1.5}, "b": {1: 0.8, 3: 1.2}, "c": {1: 2.0, 2: 2.1, 3: 2.2}}
    found = interval(values, "a", "b", -1)
    assert found is not None
    assert found.rounds == 2
    noise = residual(values)
    assert noise is not None
    assert noise[1] == 2
    assert interval({"a": {1: 1.0}, "b": {1: 2.0}}, "a", "b", -1) is None
    assert interval({"a": {1: 1.0}}, "a", "b", -1) is None
    assert word(None) == "unproven"


def test_files_that_scatter_more_than_the_rest_speak_for_themselves() -> None:
    calm = {str(f): {p: 0.001 * ((f * p) % 3) for p in range(5)} for f in range(6)}
    wild = {"w": {p: 5.0 * (-1) ** p for p in range(5)}}
    found = interval({**calm, **wild}, "0", "w", -1)
    assert found is not None
    assert found.freedom == 4
    assert found.high - found.low > 10
    calmer = interval({**calm, **wild}, "0", "1", -1)
    assert calmer is not None
    assert calmer.freedom == 24


@pytest.mark.parametrize(
    ("low", "high", "plain", "simpler"),
    [
        (0.1, 0.2, "real", "real"),
        (-0.4, 2.0, "unproven", "real"),
        (-0.6, 2.0, "unproven", "unproven"),
        (-0.6, 1.4, "luck", "unproven"),
        (-3.0, -0.6, "luck", "luck"),
    ],
)
def test_the_words_by_their_bounds(low: float, high: float, plain: str, simpler: str) -> None:
    found = Interval(gain=(low + high) / 2, low=low, high=high, sigma=1.0, freedom=9, rounds=5)
    assert (word(found), word(found, simpler=True)) == (plain, simpler)


def test_a_restless_machine_calls_nothing_luck() -> None:
    found = Interval(gain=0.1, low=-1.2, high=1.4, sigma=1.0, freedom=12, rounds=5)
    assert word(found) == word(found, judged_by=2.0) == "luck"
    assert word(found, judged_by=0.3) == "unproven"
