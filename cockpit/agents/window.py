"""The context window: sized before sending, constant while it lasts, checked after the reply.

Ollama's own default window is 4096 tokens below 23 GiB of VRAM, and a prompt that does not fit is
cut from the front without a word; another `num_ctx` than the last one loads the model anew.
"""

from __future__ import annotations

import math
from typing import Final

STEPS: Final = (4096, 8192, 16384, 32768, 65536, 131072)
MARGIN: Final = 1.25
"""Room for chat templates and for tokenizers that do worse than three bytes a token."""
_FEWEST: Final = 2.0
"""A count this many times below the estimate was cut: no tokenizer makes six bytes of code one."""
_USUAL_BYTES: Final = 4.5
"""Bytes a token of English and code at the most; what makes more tokens than fit was cut."""


def estimate(text: str) -> int:
    """Return an upper bound of the tokens of `text`: three bytes make at least one."""
    return math.ceil(len(text.encode()) / 3)


def likely(tokens: int) -> int:
    """Return how many tokens an estimate most likely stands for, to say to people."""
    return tokens * 3 // 4


class Window:
    """The `num_ctx` of a session: it only grows, in steps, up to what the model can hold."""

    def __init__(self, ceiling: int | None = None) -> None:
        self.size = 0
        self.ceiling = ceiling

    def holds(self, tokens: int, reply: int) -> bool:
        """Say whether a prompt of so many tokens and its reply can be made to fit."""
        return self.ceiling is None or self._needed(tokens, reply) <= self.ceiling

    def fit(self, tokens: int, reply: int) -> int:
        """Grow as needed; return the window to ask for."""
        needed = self._needed(tokens, reply)
        step = next((step for step in STEPS if step >= needed), needed)
        self.size = max(self.size, step)
        if self.ceiling is not None:
            self.size = min(self.size, self.ceiling)
        return self.size

    @staticmethod
    def _needed(tokens: int, reply: int) -> int:
        return math.ceil(tokens * MARGIN) + reply


def was_cut(estimated: int, counted: int | None, asked: int, held: int | None) -> bool:
    """Say whether the server read less than it was sent.

    `estimated` and `counted` are tokens of the prompt, `asked` and `held` the window requested
    and the one that the server says it gave. A low count in a window of the right size is a
    server that leaves cached tokens out of the count (before 0.30), not a cut.
    """
    if held is not None and held >= asked:
        return False
    if held is not None and estimated * 3 / _USUAL_BYTES > held:
        return True
    return counted is not None and counted * _FEWEST < estimated
