"""What to ask a model for next: the tier, the constants on offer, the prompt and its window.

This is all the cockpit has learned about one model; it outlives failures of the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cockpit.agents import lines, prompt, schema
from cockpit.agents.client import Ask
from cockpit.agents.ladder import Ladder
from cockpit.agents.models import CAPABLE, Facts
from cockpit.agents.prompt import LEVELS, Prompt
from cockpit.agents.rules import Rules
from cockpit.agents.window import Window
from cockpit.ports import Brief
from cockpit.trial import Constant, Declined, Proposal, Rejected, SetConstants, Tier

REPLY_TOKENS: Final[dict[Tier, int]] = {"A": 256, "B": 400, "C": 1500}
THOUGHT_TOKENS: Final = 1024
"""Room for a model that thinks although asked not to (gpt-oss)."""
COUNTS_FROM: Final = 1.0
"""Billions of parameters below which numbers are noise, so that it picks among ready ones."""
_TOO_HARD: Final = frozenset({"parse", "apply", "compile", "guard", "dry run"})
"""Stages whose refusals say that the tier is too hard for the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What is sent with every request; `keep_alive` is how long the model stays loaded."""

    temperature: float = 0.7
    keep_alive: str | float = "10m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request about `text`, and what reading its reply takes; `limit` is in tokens."""

    trial: int
    text: str
    tier: Tier
    offered: tuple[schema.Offer, ...]
    prompt: Prompt
    num_ctx: int
    limit: int
    ask: Ask


class Composer:
    """Composes the requests to one model of known `facts`."""

    def __init__(
        self,
        model: str,
        facts: Facts,
        rules: Rules,
        sampling: Sampling,
        frozen: frozenset[str] = frozenset(),
        tier: Tier = "",
    ) -> None:
        self.window = Window(facts.context)
        self.ladder = Ladder(facts.parameters, tier)
        self._model = model
        self._facts = facts
        self._rules = rules
        self._sampling = sampling
        self._frozen = frozen
        self._level = 0
        self._asked = (0, 0)
        self._shortened = False
        self._text = ""
        self._refused: dict[tuple[str, Constant], int] = {}
        self._notices: list[str] = []

    def compose(self, brief: Brief, rejection: Rejected | None) -> Turn | Declined:
        """Return the request with the longest prompt that fits the window."""
        trial, attempt = self._asked
        again = rejection is not None and trial == brief.trial
        self._asked = (brief.trial, attempt + 1 if again else 1)
        if rejection is not None and rejection.stage == "ask":
            rejection = None  # It was about the server, and nothing the model could mend.
        for level in range(self._level, LEVELS):
            tier: Tier = "A" if level == LEVELS - 1 else self.ladder.tier
            offered = self._offer(brief) if tier == "A" else ()
            if tier == "A" and not offered:
                reason = "train.py has no constant left that the model could change"
                return Declined(reason=reason, kind="exhausted")
            small = tier == "A" and self._small()
            if (small or level == LEVELS - 1) and not self._shortened:
                self._tell_shortened(brief.program)
            made = prompt.build(brief, self._rules, tier, offered, rejection, level, small=small)
            limit = REPLY_TOKENS[tier] + (THOUGHT_TOKENS if self._always_thinks() else 0)
            if self.window.holds(made.tokens, limit):
                return self._turn(brief.trial, brief.text, tier, offered, made, limit)
        return Declined(
            reason=f"even the shortest prompt (about {made.tokens} tokens) does not fit the "
            f"{self.window.ceiling} tokens of {self._model}; choose another model with --model",
            kind="unusable",
        )

    def turned_back(self, rejection: Rejected, refused: Proposal | None) -> None:
        """Learn from a refusal; `refused` is what the gate turned back, if it came that far."""
        if rejection.stage in _TOO_HARD:
            self.note(self.ladder.failed())
        if refused is not None and isinstance(refused.edit, SetConstants):
            trial, _ = self._asked
            self._refused.update((change, trial) for change in refused.edit.changes)

    def shorten(self) -> bool:
        """Make the next prompts shorter; False when they are as short as can be."""
        if self._level == LEVELS - 1:
            return False
        self._level += 1
        return True

    def note(self, sentence: str) -> None:
        """Keep a sentence for the human, unless it is empty."""
        if sentence:
            self._notices.append(sentence)

    def take_notices(self) -> str:
        """Return, once, what the human should know."""
        notices, self._notices = self._notices, []
        return "; ".join(notices)

    def _tell_shortened(self, program: str) -> None:
        """Say, once, that the model does not read all that the human wrote."""
        if len(program.strip()) > prompt.PROGRAM_CHARS_SMALL:
            self._shortened = True
            self.note(
                f"{self._model} reads only the first {prompt.PROGRAM_CHARS_SMALL} characters of "
                "program.md, since a longer page confuses a model of its size or does not fit it"
            )

    def _offer(self, brief: Brief) -> tuple[schema.Offer, ...]:
        if brief.text != self._text:  # What was refused of another text may be fine in this one.
            self._text = brief.text
            self._refused.clear()
        every = schema.offers(
            brief.text, brief.history, self._frozen, self._refused, brief.constraints
        )
        if (self._facts.parameters or COUNTS_FROM) < COUNTS_FROM:
            stepped = (schema.with_steps(offer) for offer in every)
            every = tuple(offer for offer in stepped if offer.choices)
        return schema.rotate(every, *self._asked)

    def _turn(
        self,
        trial: int,
        text: str,
        tier: Tier,
        offered: tuple[schema.Offer, ...],
        made: Prompt,
        limit: int,
    ) -> Turn:
        """Size the window and state every option; no default of a server is relied on."""
        was, num_ctx = self.window.size, self.window.fit(made.tokens, limit)
        if was and num_ctx != was:
            self.note(f"the window of {self._model} goes from {was} to {num_ctx} tokens")
        _, attempt = self._asked
        ask = Ask(
            model=self._model,
            system=made.system,
            user=made.user,
            options={
                "num_ctx": num_ctx,
                "num_predict": limit,
                "temperature": self._sampling.temperature,
                "seed": (trial * 1009 + attempt) % 2**31,
                "repeat_penalty": 1.0,
            },
            keep_alive=self._sampling.keep_alive,
            schema=_schema(tier, offered, text),
            think=self._think(),
        )
        return Turn(
            trial=trial,
            text=text,
            tier=tier,
            offered=offered,
            prompt=made,
            num_ctx=num_ctx,
            limit=limit,
            ask=ask,
        )

    def _think(self) -> bool | str | None:
        """Return what to send as `think`: models that can, think unless told not to."""
        if "thinking" not in self._facts.capabilities:
            return None
        return "low" if self._always_thinks() else False

    def _always_thinks(self) -> bool:
        return "gpt-oss" in self._model

    def _small(self) -> bool:
        return self._facts.parameters is not None and self._facts.parameters < CAPABLE


def _schema(tier: Tier, offered: tuple[schema.Offer, ...], text: str) -> dict[str, Any] | None:
    """Return what binds a reply of the tier; the freest is plain text."""
    match tier:
        case "A":
            return schema.schema(offered)
        case "B":
            return lines.schema(lines.real_lines(text))
        case _:
            return None
