"""What to ask a model for next: the tier, the constants on offer, the prompt and its window.

This is all the cockpit has learned about one model; it outlives failures of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cockpit.agents import lines, prompt, schema
from cockpit.agents.ladder import Ladder
from cockpit.agents.models import CAPABLE, Facts
from cockpit.agents.prompt import LEVELS, Prompt
from cockpit.agents.rules import Rules
from cockpit.agents.stock import Stock
from cockpit.agents.talk import Ask
from cockpit.agents.thinking import TOKENS, Thinking
from cockpit.agents.window import Window
from cockpit.ports import Brief
from cockpit.trial import Declined, Proposal, Rejected, Tier

REPLY_TOKENS: Final[dict[Tier, int]] = {"A": 256, "B": 400, "C": 1500}
ASIDE_TOKENS: Final = 160
"""Room for a lesson and a question beside the edit."""
COUNTS_FROM: Final = 1.0
"""Billions of parameters below which numbers are noise, so that it picks among ready ones."""
LAST_REQUEST: Final = 4
"""The last request of a turn offers ready assignments: of a 1.5B model 16 of 16 applied."""
_TOO_HARD: Final = frozenset({"parse", "apply", "compile", "guard", "novelty", "dry run"})
"""Stages whose refusals say that the tier is too hard for the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What is sent with every request; `keep_alive` is how long the model stays loaded.

    `think` is auto, on or off, `thought` the tokens that thinking may take.
    """

    temperature: float = 0.7
    keep_alive: str | float = "10m"
    think: str = "auto"
    thought: int = TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request about `text`, and what reading its reply takes; `limit` is in tokens.

    With `asides` the reply may hold a question, and a lesson of the trial `about`.
    """

    trial: int
    text: str
    tier: Tier
    offered: tuple[schema.Offer, ...]
    prompt: Prompt
    num_ctx: int
    limit: int
    ask: Ask
    about: int | None = None
    asides: bool = False


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
        self.thinking = Thinking(
            model,
            able="thinking" in facts.capabilities,
            mode=sampling.think,
            tokens=sampling.thought,
        )
        self._model = model
        self._facts = facts
        self._rules = rules
        self._sampling = sampling
        ready = (facts.parameters or COUNTS_FROM) < COUNTS_FROM
        self._stock = Stock(frozen, ready=ready)
        self._level = 0
        self._asked = (0, 0)
        self._shortened = False
        self._bold = False
        self._notices: list[str] = []

    def compose(
        self, brief: Brief, rejection: Rejected | None, taken: Sequence[Proposal] = ()
    ) -> Turn | Declined:
        """Return the request with the longest prompt that fits the window.

        On a plateau the first request of a turn is a tier bolder, and the last one of any turn asks
        for a constant. `taken` are ideas of this turn that the next one must not repeat; it is
        asked for an edit and nothing beside.
        """
        trial, attempt = self._asked
        again = (rejection is not None or bool(taken)) and trial == brief.trial
        self._asked = (brief.trial, attempt + 1 if again else 1)
        if not again:
            self.thinking.new_turn()
        if rejection is not None and rejection.stage == "ask":
            rejection = None  # It was about the server, and nothing the model could mend.
        wanted = self.ladder.bolder if brief.plateau and not again else self.ladder.tier
        self._bold = self._bold if taken else wanted != self.ladder.tier
        last = self._last(brief, rejection, taken)
        asides = not taken and not self._small()
        for level in range(self._level, LEVELS):
            tier: Tier = "A" if last or level == LEVELS - 1 else wanted
            offers = self._stock.offer(brief, self._asked[1], taken, ready=last)
            offered = offers if tier == "A" else ()
            if tier == "A" and not offered:
                reason = "train.py has no constant left that the model could change"
                return Declined(reason=reason, kind="exhausted")
            small = tier == "A" and self._small()
            if (small or level == LEVELS - 1) and not self._shortened:
                self._tell_shortened(brief.program)
            made = prompt.build(
                brief,
                self._rules,
                tier,
                offered,
                rejection,
                level,
                small=small,
                asides=asides,
                taken=[idea.hypothesis for idea in taken],
            )
            limit = REPLY_TOKENS[tier] + self.thinking.budget(tier)
            limit += ASIDE_TOKENS if asides else 0
            if self.window.holds(made.tokens, limit):
                return self._turn(brief, tier, offered, made, limit, asides=asides)
        return Declined(
            reason=f"even the shortest prompt (about {made.tokens} tokens) does not fit the "
            f"{self.window.ceiling} tokens of {self._model}; choose another model with --model",
            kind="unusable",
        )

    def _last(self, brief: Brief, rejection: Rejected | None, taken: Sequence[Proposal]) -> bool:
        """Say whether nothing can follow this request, and a constant can be offered with it."""
        if rejection is None or taken or self._asked[1] < LAST_REQUEST:
            return False
        return bool(self._stock.offer(brief, self._asked[1], ready=True))

    def turned_back(self, rejection: Rejected, refused: Proposal | None) -> None:
        """Learn from a refusal; `refused` is what the gate turned back, if it came that far."""
        if rejection.stage in _TOO_HARD and not self._bold:
            self.note(self.ladder.failed())
        if refused is not None:
            self._stock.refuse(refused, self._asked[0])

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

    def _turn(
        self,
        brief: Brief,
        tier: Tier,
        offered: tuple[schema.Offer, ...],
        made: Prompt,
        limit: int,
        *,
        asides: bool,
    ) -> Turn:
        """Size the window and state every option; no default of a server is relied on."""
        trial, text = brief.trial, brief.text
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
            schema=_schema(tier, offered, text, schema.beside(brief.reflect) if asides else {}),
            think=self.thinking.word(tier),
            thought=self.thinking.budget(tier) or None,
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
            about=brief.reflect if asides else None,
            asides=asides,
        )

    def _small(self) -> bool:
        return self._facts.parameters is not None and self._facts.parameters < CAPABLE


def _schema(
    tier: Tier, offered: tuple[schema.Offer, ...], text: str, asides: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return what binds a reply of the tier; the freest is plain text."""
    match tier:
        case "A":
            return schema.schema(offered, asides)
        case "B":
            return lines.schema(lines.real_lines(text), asides)
        case _:
            return None
