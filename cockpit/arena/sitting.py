"""One examination, step by step: score, ask again, write a tune, then look behind the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cockpit.arena.asking import Scorer
from cockpit.arena.exam import CONTEXT, EXAM_BYTES, Examined, ExamOrder, Split
from cockpit.arena.scoring import Host
from cockpit.arena.vault import Vault
from cockpit.arena.windows import (
    Floats,
    Ids,
    NonFiniteLogitsError,
    Probe,
    Windows,
    bits_per_byte,
    cut,
    nats,
    plan_probes,
)
from cockpit.arena.wire import Seat
from cockpit.metric import VAL_BPB
from cockpit.trial import Reading

ROWS, CPU_ROWS, BRIEF_ROWS = 32, 16, 8
"""Windows answered at once; constant, so that a GPU compiles one shape. On a CPU 16 stay in its
caches: a sixth faster than 32."""
AGAIN = 32
"""Windows that are answered twice."""
BRIEF, SCREEN, THOROUGH = 8, 64, 512
"""Probes in a rehearsal, when screening, and before a keep. A lie at a share f of positions escapes
K probes with probability (1 - f)^K; the 512 look behind every position of the window."""
CPU_TOLERANCE, GPU_TOLERANCE, MEAN_TOLERANCE = 1e-3, 0.02, 1e-3
"""Nats by which honest answers may differ; reduced precision on a GPU is less exact."""
SAMPLE_BYTES, SAMPLE_SECONDS, TEMPERATURE = 255, 1.5, 0.8


class ForesightError(Exception):
    """An answer depended on what it must not; the text is the sentence of the rejection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What one examination needs; `seat` says what a scorer of that name and size is told."""

    order: ExamOrder
    host: Host
    vault: Vault
    seat: Callable[[str, int], Seat]
    random: np.random.Generator
    clock: Callable[[], float]

    def hold(self, began: float) -> Examined:
        """Examine; `began` is when, for the split of the cost.

        The first scorer is dead before the second exists: it saw what truly follows, and must not
        be able to tell.

        Raises:
            ScorerError: the candidate failed.
            NonFiniteLogitsError: it answered with NaN or infinity.
            ForesightError: its answers depend on later text, on company or on chance.
            HaltedError: the watch was halted.
        """
        brief = self.order.depth == "brief"
        windows = cut(self.vault.val, CONTEXT, BRIEF_ROWS if brief else EXAM_BYTES // CONTEXT)
        rows = min(len(windows.inputs), CPU_ROWS if self.order.device == "cpu" else ROWS)
        started = self.clock()
        with self.host.scorer(self.seat("first", rows)) as first:
            loaded = self.clock()
            first.logits(self._noise(rows), public=True)
            losses = _score(first, windows, rows)
            self._ask_again(first, windows, losses, rows)
            readings = [_reading("val", losses)]
            if self.order.audit:
                audit = cut(self.vault.audit, CONTEXT, EXAM_BYTES // CONTEXT)
                readings.append(_reading("audit", _score(first, audit, rows)))
            scored = self.clock()
            sample = self._write(first) if self.order.sample else ""
            written = self.clock()
        with self.host.scorer(self.seat("second", rows)) as second:
            reloaded = self.clock()
            count = BRIEF if brief else THOROUGH if self.order.thorough else SCREEN
            self._look_behind(second, windows, losses, rows, count)
            probed = self.clock()
        load = loaded - started + reloaded - written
        return Examined(
            readings=tuple(readings),
            sample=sample,
            probes=count,
            weights_digest="",
            seconds=probed - began,
            split=Split(
                start=started - began,
                load=load,
                score=scored - loaded,
                write=written - scored,
                probe=probed - reloaded,
            ),
        )

    @property
    def _tolerance(self) -> float:
        return CPU_TOLERANCE if self.order.device == "cpu" else GPU_TOLERANCE

    def _noise(self, rows: int) -> Ids:
        """Return ids that say nothing: where a model fails at these, it may say why."""
        size = len(self.vault.chars)
        return self.random.integers(0, size, (rows, CONTEXT), dtype=np.int64)

    def _ask_again(self, scorer: Scorer, windows: Windows, losses: Floats, rows: int) -> None:
        """Have some windows answered again, in other company and order."""
        again = self.random.permutation(len(losses))[:AGAIN]
        chosen = Windows(inputs=windows.inputs[again], targets=windows.targets[again])
        gap = float(np.abs(_score(scorer, chosen, rows) - losses[again]).max())
        if gap > self._tolerance:
            raise ForesightError(
                f"the same text scored twice differs by {gap:.3g} nats: the answer depends on the "
                "other rows of the batch, on what came before, or on chance"
            )

    def _look_behind(
        self, scorer: Scorer, windows: Windows, losses: Floats, rows: int, count: int
    ) -> None:
        """Show the same prefixes with other text behind secret places, and compare."""
        gaps: list[float] = []
        seen: list[tuple[int, float]] = []
        for turn in plan_probes(windows, self._spare(len(losses)), count, self.random):
            for first in range(0, len(turn), rows):
                batch = turn[first : first + rows]
                behind = _blind(scorer, windows, batch, rows)
                for probe, loss in zip(batch, behind, strict=True):
                    upto = slice(0, probe.position + 1)
                    gap = np.abs(loss[upto] - losses[probe.row, upto])
                    gaps.append(float(gap[-1]))
                    if gap.max() > self._tolerance:
                        seen.append((int(gap.argmax()), float(gap.max())))
        if seen:
            position, gap = max(seen, key=lambda pair: pair[1])
            raise ForesightError(
                f"the model reads the future at position {position}: with other text behind it the "
                f"loss there changes by {gap:.3g} nats ({len(seen)} of {count} probes differ)"
            )
        if (mean := float(np.mean(gaps))) > MEAN_TOLERANCE:
            raise ForesightError(
                f"the model reads the future: with other text behind, losses differ by {mean:.2g} "
                f"nats on average over {count} probes"
            )

    def _spare(self, rows: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        """Return held-out text that this examination does not score."""
        rest = self.vault.val[rows * (CONTEXT + 1) :]
        return rest if len(rest) >= 4 * CONTEXT else self.vault.audit

    def _write(self, scorer: Scorer) -> str:
        """Have the model write a tune, byte by byte; it ends with a blank line, or with time."""
        ids = np.zeros((1, CONTEXT), np.int64)
        ids[0, :2] = self.vault.val[:2]
        until, length = self.clock() + SAMPLE_SECONDS, 2
        while length <= SAMPLE_BYTES and self.clock() < until:
            logits = scorer.logits(ids)[0, length - 1].astype(np.float64) / TEMPERATURE
            if not np.isfinite(logits).all():
                raise NonFiniteLogitsError
            weights = np.exp(logits - logits.max())
            ids[0, length] = self.random.choice(len(weights), p=weights / weights.sum())
            length += 1
            if "".join(self.vault.chars[i] for i in ids[0, length - 2 : length]) == "\n\n":
                break
        return "".join(self.vault.chars[i] for i in ids[0, :length])


def _score(scorer: Scorer, windows: Windows, rows: int) -> Floats:
    """Return the nats of every target, shape (windows, context)."""
    parts: list[Floats] = []
    for first in range(0, len(windows.inputs), rows):
        targets = windows.targets[first : first + rows]
        answers = scorer.logits(_filled(windows.inputs[first : first + rows], rows))
        parts.append(nats(answers[: len(targets)], targets))
    return np.concatenate(parts)


def _blind(scorer: Scorer, windows: Windows, batch: list[Probe], rows: int) -> Floats:
    answers = scorer.logits(_filled(np.stack([probe.inputs for probe in batch]), rows))
    targets = windows.targets[[probe.row for probe in batch]]
    return nats(answers[: len(batch)], targets)


def _filled(inputs: Ids, rows: int) -> Ids:
    """Repeat rows until there are `rows`, so that every question has the same shape."""
    return np.resize(inputs, (rows, inputs.shape[1]))


def _reading(split: str, losses: Floats) -> Reading:
    return Reading(metric=VAL_BPB.name, split=split, value=bits_per_byte(losses))
