"""Windows, probes and nats: that a model can be shown nothing it should have had to guess."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.arena.windows import (
    NonFiniteLogitsError,
    Probe,
    Windows,
    bits_per_byte,
    cut,
    nats,
    plan_probes,
    positions,
)

CONTEXT = 16


def some_text(size: int, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 7, size).astype(np.uint8)


def rounds(rows: int, count: int, seed: int) -> tuple[Windows, list[list[Probe]]]:
    windows = cut(some_text(rows * (CONTEXT + 1), seed), CONTEXT, rows)
    spare = some_text(200, seed + 1)
    return windows, list(plan_probes(windows, spare, count, np.random.default_rng(seed)))


def test_targets_are_the_inputs_one_to_the_right_and_the_last_is_in_no_row() -> None:
    text = np.arange(3 * (CONTEXT + 1), dtype=np.uint8)
    windows = cut(text, CONTEXT, 99)
    assert windows.inputs.shape == windows.targets.shape == (3, CONTEXT)
    assert (windows.inputs[:, 1:] == windows.targets[:, :-1]).all()
    assert not set(windows.targets[:, -1].tolist()) & set(windows.inputs.ravel().tolist())


def test_text_shorter_than_a_window_is_refused_with_its_length() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        cut(some_text(CONTEXT), CONTEXT, 4)


@given(rows=st.integers(1, 12), count=st.integers(1, 60), seed=st.integers(0, 999))
def test_a_probe_shows_the_true_prefix_and_something_else_right_behind_it(
    rows: int, count: int, seed: int
) -> None:
    windows, turns = rounds(rows, count, seed)
    probes = [probe for turn in turns for probe in turn]
    assert len(probes) == count
    for probe in probes:
        upto = probe.position + 1
        assert (probe.inputs[:upto] == windows.inputs[probe.row, :upto]).all()
        if upto < CONTEXT:
            assert probe.inputs[upto] != windows.targets[probe.row, probe.position]


@given(rows=st.integers(1, 12), count=st.integers(1, 60), seed=st.integers(0, 999))
def test_no_round_has_shown_what_a_later_one_asks_for(rows: int, count: int, seed: int) -> None:
    _, turns = rounds(rows, count, seed)
    shown: dict[int, int] = {}
    for turn in turns:
        assert len({probe.row for probe in turn}) == len(turn)
        for probe in turn:
            assert probe.position >= shown.get(probe.row, 0)
            shown[probe.row] = probe.position


@given(count=st.integers(3, 200), seed=st.integers(0, 999))
def test_every_class_of_position_is_looked_at(count: int, seed: int) -> None:
    drawn = positions(CONTEXT, count, np.random.default_rng(seed))
    assert len(drawn) == count
    assert {0, CONTEXT - 2, CONTEXT - 1} <= set(drawn.tolist())
    assert drawn.min() >= 0
    assert drawn.max() < CONTEXT
    if count >= CONTEXT + 3:
        assert set(drawn.tolist()) == set(range(CONTEXT))
    elif count > CONTEXT // 2:
        assert np.diff(np.unique(drawn)).max() <= 2 * math.ceil(CONTEXT / (count - 3))


def test_positions_are_not_the_same_twice() -> None:
    first, second = (positions(256, 64, np.random.default_rng(seed)).tolist() for seed in (1, 2))
    assert sorted(first) != sorted(second)


def test_nats_are_those_of_a_softmax() -> None:
    logits = np.log(np.array([[[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]], np.float32))
    losses = nats(logits + np.float32(7), np.array([[1, 2]]))
    assert losses == pytest.approx(-np.log([[0.25, 0.8]]), abs=1e-6)


def test_mass_beyond_one_buys_nothing() -> None:
    logits = np.full((1, 1, 4), 1e30, np.float32)
    assert bits_per_byte(nats(logits, np.array([[2]]))) == pytest.approx(2.0)


def test_the_widest_logits_are_finite_and_only_bad_ones_are_infinite() -> None:
    widest = np.array([[[3.4e38, -3.4e38]]], np.float32)
    assert np.isfinite(nats(widest, np.array([[1]]))).all()
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(NonFiniteLogitsError):
            nats(np.array([[[0.0, bad]]], np.float32), np.array([[0]]))
