"""The arithmetic of an examination: windows, secret probes, nats. Pure, and without torch.

A row's inputs contain all its targets but the last, shifted by one. So whoever sees a whole row
can read ahead; withholding the targets is not enough. A second scorer is therefore shown the same
prefix with other text behind it: an honest, causal model cannot tell the difference, and a model
that read ahead answers differently, for it was never shown what truly follows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


class NonFiniteLogitsError(ValueError):
    """A scorer answered with NaN or infinity; the examiner calls it a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Rows of inputs and the targets one place to the right, both of shape (rows, context)."""

    inputs: Ids
    targets: Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Look behind `position` of window `row`; `inputs` is that row with other text after it."""

    row: int
    position: int
    inputs: Ids


def cut(text: NDArray[np.uint8], context: int, rows: int) -> Windows:
    """Cut the first `rows` windows, one byte more apart than the context.

    With a stride of context + 1 the last target of a row appears in no row at all; with a stride
    of context it would be the first input of the next, and a leak across rows would pass.

    Raises:
        ValueError: the text is shorter than one window.
    """
    stride = context + 1
    rows = min(rows, len(text) // stride)
    if rows < 1:
        raise ValueError(f"{len(text)} bytes are less than one window of {stride}")
    table = text[: rows * stride].reshape(rows, stride).astype(np.int64)
    return Windows(inputs=table[:, :-1].copy(), targets=table[:, 1:].copy())


def nats(logits: NDArray[np.float32], targets: Ids) -> Floats:
    """Return the negative log-likelihood of each target after a softmax of our own.

    Whatever the scorer returned becomes a distribution that sums to one, so that it cannot claim
    more than all. float64 throughout: the difference of two float32 can overflow.

    Raises:
        NonFiniteLogitsError: a logit is NaN or infinite.
    """
    if not np.isfinite(logits).all():
        raise NonFiniteLogitsError
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=-1, keepdims=True)
    chosen = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    result: Floats = np.log(np.exp(shifted, out=shifted).sum(axis=-1)) - chosen
    return result


def bits_per_byte(losses: Floats) -> float:
    """Return summed nats over (ln 2 x bytes); one id is one byte."""
    return float(losses.sum() / (math.log(2) * losses.size))


def positions(context: int, count: int, rng: np.random.Generator) -> Ids:
    """Draw `count` positions, one at random from each of `count` equal strata of the window.

    The first and the last two places are always among the first three, so that a model that lies
    there alone is seen at every screening; from `context` probes on every place is looked at.
    """
    fixed = np.array([0, context - 2, context - 1][: min(count, 3)], np.int64)
    rest = count - len(fixed)
    whole, part = divmod(rest, context)
    rounds = [rng.permutation(context) for _ in range(whole)]
    edges = np.linspace(0, context, part + 1)
    strata = (edges[:-1] + rng.random(part) * np.diff(edges)).astype(np.int64)
    return np.concatenate([fixed, *rounds, rng.permutation(strata)]).astype(np.int64)


def plan_probes(
    windows: Windows, spare: NDArray[np.uint8], count: int, rng: np.random.Generator
) -> Iterator[list[Probe]]:
    """Yield rounds of probes, at most one of each window in a round, its positions rising.

    A round shows the true text up to the probed place. Were a later round to ask about an
    earlier place, the scorer would by then have been shown what follows, and a model that
    remembers prefixes could answer with it; hence rising positions and one per round.
    `spare` is text of the same kind that nobody scores, so that a filling gives nothing away.
    """
    rows, context = windows.inputs.shape
    drawn = positions(context, count, rng)
    order = np.concatenate([rng.permutation(rows) for _ in range(-(-count // rows))])[:count]
    by_row: dict[int, list[int]] = {}
    for row, position in zip(order.tolist(), drawn.tolist(), strict=True):
        by_row.setdefault(row, []).append(position)
    for asked in by_row.values():
        asked.sort(reverse=True)
    while by_row:
        yield [_probe(windows, row, asked.pop(), spare, rng) for row, asked in list(by_row.items())]
        by_row = {row: asked for row, asked in by_row.items() if asked}


def _probe(
    windows: Windows, row: int, position: int, spare: NDArray[np.uint8], rng: np.random.Generator
) -> Probe:
    inputs = windows.inputs[row].copy()
    hidden = len(inputs) - position - 1
    if hidden:
        true_next = int(windows.targets[row, position])
        starts = np.flatnonzero(spare[: len(spare) - hidden + 1] != true_next)
        start = int(rng.choice(starts))
        inputs[position + 1 :] = spare[start : start + hidden]
    return Probe(row=row, position=position, inputs=inputs)
