"""Tier A: one typed constant. Which constants are offered, and the schema that binds the reply.

A grammar decides everything at small sizes: with a free string for the value 3 of 16 applied, with
a typed number 10 of 10. The change comes before the hypothesis, which then follows the choice;
what was tried is left out, since a failed value in sight is proposed again; and the constants on
offer rotate, since at any temperature a small model has one favourite.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cockpit.constraints import FREE, Constraints
from cockpit.ports import PastTrial
from cockpit.source.constants import ConstantSpan, constants, turnable
from cockpit.trial import Constant

OFFERED: Final = 6
"""Constants on offer at once; of fewer than twelve, half, or the favourite is always among them."""
HYPOTHESIS_CHARS: Final = 160
LESSON_CHARS: Final = 220
INTEGER_FACTOR: Final = 8
FLOAT_FACTOR: Final = 32
_SHARE_FROM: Final = 0.05
"""From here up to 1 a float reads as a share (a momentum, a rate of dropping) and stays under 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A constant on offer; `choices` are those left of a closed set, `tried` what is used up.

    `range` is what the human lets it take, None where that is open.
    """

    name: str
    value: Constant
    comment: str
    choices: tuple[Constant, ...]
    tried: Mapping[Constant, int]
    range: tuple[float, float] | None = None


def offers(
    text: str,
    history: Iterable[PastTrial],
    frozen: frozenset[str] = frozenset(),
    refused: Mapping[tuple[str, Constant], int] | None = None,
    constraints: Constraints = FREE,
) -> tuple[Offer, ...]:
    """Return every constant of `text` that can still be changed alone, in file order.

    `refused` are the changes of this text that the gate turned back, with their trial. What the
    constraints forbid is not on offer.
    """
    frozen |= frozenset(constraints.frozen)
    spans = constants(text)
    used = tried_alone({name: span.value for name, span in spans.items()}, history)
    for (name, value), trial in (refused or {}).items():
        used.setdefault(name, {}).setdefault(value, trial)
    found = (_offer(span, used.get(span.name, {}), constraints) for span in spans.values())
    return tuple(offer for offer in found if offer is not None and offer.name not in frozen)


def rotate(every: Sequence[Offer], trial: int, attempt: int) -> tuple[Offer, ...]:
    """Return a rotating subset of the constants, the same for the same trial and attempt."""
    draw = random.Random(f"{trial}/{attempt}")  # noqa: S311 - variety, not secrecy
    count = min(OFFERED, (len(every) + 1) // 2)
    names = {offer.name for offer in draw.sample(every, count)}
    return tuple(offer for offer in every if offer.name in names)


def with_steps(offer: Offer) -> Offer:
    """Return an open number as a choice among ready values, for models that cannot count."""
    if offer.choices or isinstance(offer.value, bool | str):
        return offer
    low, high = bounds_of(offer)
    steps = (v for v in _steps(offer.value) if v != offer.value and v not in offer.tried)
    return replace(offer, choices=tuple(v for v in steps if low <= float(v) <= high))


def _steps(value: float) -> tuple[Constant, ...]:
    """Return values one or two doublings away; of a share near 1, of its distance from 1."""
    if isinstance(value, int):
        doublings: tuple[Constant, ...] = (value // 4, value // 2, value * 2, value * 4)
        return tuple(step for step in dict.fromkeys(doublings) if step) or (1, 2)
    if value == 0:
        return (0.05, 0.1, 0.3)
    if 0.5 <= value < 1:
        steps = [1 - (1 - value) * factor for factor in (0.5, 2.0)]
    else:
        steps = [value * factor for factor in (0.25, 0.5, 2.0, 4.0)]
    return tuple(float(f"{step:.3g}") for step in steps)


def beside(reflect: int | None) -> dict[str, Any]:
    """Return the properties that may stand beside an edit; see `rules.Rules.asides`."""
    question = {"question": {"type": "string", "maxLength": HYPOTHESIS_CHARS}}
    if reflect is None:
        return question
    tags = {"type": "array", "items": {"type": "string", "maxLength": 24}, "maxItems": 3}
    return {"lesson": {"type": "string", "maxLength": LESSON_CHARS}, "tags": tags, **question}


def schema(offered: Sequence[Offer], asides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON schema of a reply: one branch per constant, its value typed."""
    asides = asides or {}
    return {
        "anyOf": [
            {
                "type": "object",
                "properties": {
                    "name": {"const": offer.name},
                    "value": _value_schema(offer),
                    "hypothesis": {"type": "string", "maxLength": HYPOTHESIS_CHARS},
                    **asides,
                },
                "required": ["name", "value", "hypothesis", *sorted({"lesson"} & asides.keys())],
                "additionalProperties": False,
            }
            for offer in offered
        ]
    }


def bounds_of(offer: Offer) -> tuple[float, float]:
    """Return the least and the most a number on offer may become in one step."""
    low, high = bounds(float(offer.value) if isinstance(offer.value, str) else offer.value)
    if offer.range is None:
        return low, high
    inside = max(low, offer.range[0]), min(high, offer.range[1])
    return inside if inside[0] <= inside[1] else offer.range


def bounds(value: float) -> tuple[float, float]:
    """Return the least and the most a number may become in one step from `value`."""
    if value == 0:
        return (0.0, 100.0)
    if value < 0:
        least, most = bounds(-value)
        return (-most, -least)
    if isinstance(value, int):
        return (max(1, value // INTEGER_FACTOR), value * INTEGER_FACTOR)
    return (0.0, 1.0 if _SHARE_FROM <= value < 1 else value * FLOAT_FACTOR)


def tried_alone(
    now: Mapping[str, Constant], history: Iterable[PastTrial]
) -> dict[str, dict[Constant, int]]:
    """Return, per constant, the values that a past trial had beside otherwise equal constants."""
    used: dict[str, dict[Constant, int]] = {}
    for past in history:
        if not past.constants or past.word is None or not past.comparable:
            continue
        changed = [name for name, value in past.constants.items() if now.get(name) != value]
        if len(changed) == 1 and changed[0] in now:
            used.setdefault(changed[0], {})[past.constants[changed[0]]] = past.trial
    return used


def _offer(
    span: ConstantSpan, tried: dict[Constant, int], constraints: Constraints
) -> Offer | None:
    """Return a constant as an offer, or None when it has nothing left to try."""
    untried = (c for c in span.choices if c != span.value and c not in tried)
    choices = tuple(c for c in untried if constraints.allows(span.name, c))
    closed = bool(span.choices) or isinstance(span.value, bool | str)
    if (closed and not choices) or not (closed or turnable(span.value)):
        return None
    return Offer(
        name=span.name,
        value=span.value,
        comment=span.comment,
        choices=choices,
        tried=tried,
        range=constraints.ranges.get(span.name),
    )


def _value_schema(offer: Offer) -> dict[str, Any]:
    """Return the schema of one value; integers are bounded by the grammar, floats when read."""
    if offer.choices:
        return {"enum": list(offer.choices)}
    least, most = bounds_of(offer)
    if isinstance(offer.value, int):
        return {"type": "integer", "minimum": math.ceil(least), "maximum": math.floor(most)}
    return {"type": "number", "minimum": least, "maximum": most}
