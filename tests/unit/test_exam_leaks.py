"""How often a model that reads ahead is seen, over many secrets; the numbers of docs/TRUST.md."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cockpit.arena.exam import CONTEXT
from cockpit.arena.sitting import SCREEN, THOROUGH
from cockpit.arena.windows import Ids, Windows, cut, plan_probes

ROWS, LETTERS = 255, 60
"""Windows of one full pass; different bytes of the text."""
Peeked = Callable[[Ids], NDArray[np.bool_]]


def everywhere(ids: Ids) -> NDArray[np.bool_]:
    return np.ones(ids.shape, bool)


def first_eighth(ids: Ids) -> NDArray[np.bool_]:
    return np.broadcast_to(np.arange(CONTEXT) < CONTEXT // 8, ids.shape)


def last_position(ids: Ids) -> NDArray[np.bool_]:
    return np.broadcast_to(np.arange(CONTEXT) == CONTEXT - 2, ids.shape)


def one_in_twenty(ids: Ids) -> NDArray[np.bool_]:
    """Choose positions by the text before them."""
    before = np.concatenate([ids[:, :1], ids[:, :-1]], axis=1)
    mixed: NDArray[np.bool_] = (ids * 31 + before * 7 + np.arange(CONTEXT) * 13) % 20 == 0
    return mixed


def answers(ids: Ids, peeked: Peeked) -> Ids:
    """Return what a liar answers: the byte ahead where it peeks, and nothing elsewhere."""
    ahead = np.concatenate([ids[:, 1:], np.full((len(ids), 1), -1)], axis=1)
    return np.where(peeked(ids), ahead, -1)


@pytest.fixture(scope="module")
def text() -> tuple[Windows, NDArray[np.uint8]]:
    drawn = np.random.default_rng(5).integers(0, LETTERS, (ROWS + 8) * (CONTEXT + 1))
    held_out = drawn.astype(np.uint8)
    return cut(held_out, CONTEXT, ROWS), held_out[ROWS * (CONTEXT + 1) :]


def share_seen(
    text: tuple[Windows, NDArray[np.uint8]], peeked: Peeked, *, probes: int, secrets: int
) -> float:
    """Return the share of secrets under which a probe shows the lie, as the examiner compares."""
    windows, spare = text
    told = answers(windows.inputs, peeked)
    seen = 0
    for secret in range(secrets):
        turns = plan_probes(windows, spare, probes, np.random.default_rng(secret))
        asked = [probe for turn in turns for probe in turn]
        again = answers(np.stack([probe.inputs for probe in asked]), peeked)
        upto = np.arange(CONTEXT) <= np.array([[probe.position] for probe in asked])
        seen += bool(((again != told[[probe.row for probe in asked]]) & upto).any())
    return seen / secrets


@pytest.mark.parametrize("peeked", [everywhere, first_eighth, last_position])
def test_what_is_certain_is_seen_at_every_screening(
    text: tuple[Windows, NDArray[np.uint8]], peeked: Peeked
) -> None:
    assert share_seen(text, peeked, probes=SCREEN, secrets=60) == 1.0


def test_one_place_in_twenty_is_seen_as_often_as_the_docs_say(
    text: tuple[Windows, NDArray[np.uint8]],
) -> None:
    assert round(1 - 0.95**SCREEN, 3) == 0.962
    seen = share_seen(text, one_in_twenty, probes=SCREEN, secrets=200)
    assert seen == pytest.approx(0.962, abs=4 * (0.962 * 0.038 / 200) ** 0.5)


def test_one_place_in_twenty_does_not_come_to_a_keep(
    text: tuple[Windows, NDArray[np.uint8]],
) -> None:
    assert 0.95 ** (SCREEN + THOROUGH) < 1e-12
    assert share_seen(text, one_in_twenty, probes=THOROUGH, secrets=25) == 1.0
