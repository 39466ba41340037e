"""Well-known single changes to a small language model, in order of what they are expected to gain.

Gains are shares of the score; they set the order and the sentence, nothing else. Those of the
first six are measured: about a minute of the sandbox on one core, each on top of the ones before.
The rest are expectations; what gained nothing there stands lower, for it may in longer runs.
"""

from __future__ import annotations

import random

from cockpit.agents.move import Move

SURE = 5
"""The first moves, whose order no seed changes."""
_JITTER = 0.35
"""Standard deviation of the logarithm by which a seed moves the expected gains of the others."""
MUON = ("OPTIMIZER", "muon")


def ordered(seed: int) -> list[tuple[float, Move]]:
    """Return the moves with their weights, heaviest first.

    Seeds other than 0 shuffle modestly after the sure ones.
    """
    if not seed:
        return [(move.gain, move) for move in MOVES]
    draw = random.Random(seed)  # noqa: S311 - an order, no secret
    least = MOVES[SURE - 1].gain
    rest = [(min(m.gain * draw.lognormvariate(0, _JITTER), 0.99 * least), m) for m in MOVES[SURE:]]
    sure = [(move.gain, move) for move in MOVES[:SURE]]
    return [*sure, *sorted(rest, key=lambda item: item[0], reverse=True)]


MOVES: tuple[Move, ...] = (
    Move("LR", "times", 4.0, 0.1, "small models take far larger steps than this"),
    Move("OPTIMIZER", "set", "muon", 0.09, "orthogonal steps use every direction of a matrix"),
    Move("LR", "times", 3.0, 0.07, "larger steps paid, or were never tried"),
    Move("WARMDOWN_FRAC", "set", 0.5, 0.05, "falling steps at the end settle the weights"),
    Move("LR", "times", 3.0, 0.04, "with other dials moved, larger steps may pay again"),
    Move("WARMUP_FRAC", "set", 0.0, 0.023, "in a short run, time at small steps is time lost"),
    Move("DEPTH", "step", 1, 0.02, "another block composes what the others found"),
    Move("WIDTH", "step", 1, 0.018, "a wider model holds more, if it still takes enough steps"),
    Move("BETA2", "set", 0.99, 0.015, "a longer memory of the gradients steadies small batches"),
    Move("WEIGHT_DECAY", "set", 0.0, 0.012, "a short run has nothing to forget"),
    Move("SOFTCAP", "set", 15.0, 0.01, "capped logits keep early mistakes small"),
    Move("WARMDOWN_FRAC", "set", 0.8, 0.0098, "a longer fall may settle further"),
    Move("QK_NORM", "set", 1, 0.0096, "normalised queries and keys bear larger steps"),
    Move("MUON_LR", "times", 0.5, 0.0094, "Muon's step size is a guess so far", needs=MUON),
    Move("HEAD_DIM", "step", -1, 0.009, "more heads look at more places"),
    Move("BATCH", "step", -1, 0.0086, "within a fixed time, more and smaller steps may learn more"),
    Move("ACTIVATION", "set", "relu2", 0.0082, "squared ReLU is sparse and cheap"),
    Move("ROPE_BASE", "times", 0.1, 0.0078, "shorter wavelengths fit short texts"),
    Move("ZERO_INIT_PROJ", "set", 1, 0.0074, "blocks start as the identity"),
    Move("LR", "times", 2.0, 0.007, "the other dials moved; the step size may follow"),
    Move("WIDTH", "step", 1, 0.0065, "wider still, if it still takes enough steps"),
    Move("LR", "times", 0.5, 0.0062, "the other dials moved; the step size may follow"),
    Move("MLP_RATIO", "step", -1, 0.006, "a narrower MLP takes more steps"),
    Move("TIE_EMBEDDINGS", "set", 1, 0.0055, "one matrix for both ends is learnt faster"),
    Move("ACTIVATION", "set", "swiglu", 0.005, "a gated MLP usually learns more per weight"),
    Move("DEPTH", "step", -1, 0.0045, "fewer blocks take more steps in the same time"),
    Move("GRAD_CLIP", "set", 0.0, 0.004, "without clipping a step is cheaper"),
    Move("BATCH", "step", -1, 0.0038, "smaller steps may pay now"),
    Move("BETA1", "set", 0.8, 0.0035, "a shorter memory reacts faster in a short run"),
    Move("MUON_LR", "times", 2.0, 0.003, "Muon may bear larger steps", needs=MUON),
    Move("BATCH", "step", 1, 0.0028, "steadier gradients bear larger steps"),
    Move("FINAL_LR_FRAC", "set", 0.1, 0.0025, "the last steps should still move"),
    Move("WIDTH", "step", -1, 0.002, "a narrower model takes more steps"),
    Move("WEIGHT_DECAY", "times", 0.3, 0.0018, "less decay may be enough"),
    Move("MLP_RATIO", "step", 1, 0.0016, "a wider MLP holds more"),
    Move("BF16", "set", 1, 0.0014, "shorter numbers may be faster here"),
    Move("SEQ_LEN", "step", 1, 0.0012, "longer windows give more context per step"),
    Move("DROPOUT", "set", 0.05, 0.001, "should it overfit, dropout helps"),
)
