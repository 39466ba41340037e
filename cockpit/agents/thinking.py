"""Whether a model is asked to think before it replies, and for how long.

Models that can, do so by default in Ollama. Under a schema that costs a second reading of the
prompt, because the grammar is applied after the thinking, and the schema already holds the reply
to what applies; so by default they think over free text alone. Its budget is tokens of its own:
1,024 at 40 a second are 26 of a trial's 300 seconds.
"""

from __future__ import annotations

from typing import Final

from cockpit.trial import Tier

TOKENS: Final = 1024
_ALWAYS: Final = "gpt-oss"
"""A family that ignores being told not to, and takes a word for how much."""


class Thinking:
    """What one model is told about thinking; `mode` is auto, on or off, `tokens` its budget."""

    def __init__(self, model: str, *, able: bool, mode: str = "auto", tokens: int = TOKENS) -> None:
        self._model = model
        self._able = able
        self._mode = mode
        self._tokens = tokens
        self._quiet = False
        self._anyway = _ALWAYS in model

    def word(self, tier: Tier) -> bool | str | None:
        """Return what to send as `think`; None leaves it out."""
        if not self._able:
            return None
        if _ALWAYS in self._model:
            return "medium" if self._mode == "on" else "low"
        return self._wanted(tier)

    def budget(self, tier: Tier) -> int:
        """Return how many tokens it may think for."""
        return self._tokens if self._anyway or (self._able and self._wanted(tier)) else 0

    def overran(self, *, asked: bool) -> str:
        """Learn that a reply was all thinking; return a notice, or nothing new.

        A model that was asked to think is not asked again: for this turn where it must, else for
        the session.
        """
        if not asked:
            was, self._anyway = self._anyway, True
            return (
                "" if was else f"{self._model} thinks though it is not asked to, and is given room"
            )
        self._quiet = True
        if self._mode == "on":
            return ""
        return (
            f"{self._model} thought for more than {self._tokens:,} tokens, "
            "and is no longer asked to think"
        )

    def new_turn(self) -> None:
        """Let a model that must think try it again."""
        if self._mode == "on":
            self._quiet = False

    def refused(self) -> bool:
        """Learn that the server lets it not think after all; False when that was known."""
        was, self._able = self._able, False
        return was

    def _wanted(self, tier: Tier) -> bool:
        return not self._quiet and (self._mode == "on" or (self._mode == "auto" and tier == "C"))
