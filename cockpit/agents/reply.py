"""Reading a model's reply as an edit, tolerantly, or saying what is wrong with it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cockpit.agents.lines import edit_of
from cockpit.agents.schema import Offer, bounds_of
from cockpit.source.constants import MOST_BITS
from cockpit.trial import Block, Edit, Rejected, Replace, SetConstants

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"^\s*<{5,9}\s*(?:SEARCH|ORIGINAL|HEAD)?\b.*$", re.IGNORECASE)
_DIVIDER = re.compile(r"^\s*={5,9}\s*$")
_TAIL = re.compile(r"^\s*>{5,9}\s*(?:REPLACE|UPDATED)?\b.*$", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(?:```|~~~)[\w.+-]*\s*$")
_LEAD = re.compile(r"^[\s#*_>\-]*hypothesis[\s*_]*:[\s*_]*", re.IGNORECASE)
_HYPOTHESIS_CHARS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """What a reply proposes, not yet applied."""

    hypothesis: str
    edit: Edit


def read_constant(text: str, offered: Sequence[Offer]) -> Idea | Rejected:
    """Read a tier A reply: the first JSON object in it, in a fence or among prose or not."""
    found = first_object(without_thinking(text))
    if found is None:
        return _no_object(text)
    on_offer = {offer.name: offer for offer in offered}
    name, value = found.get("name"), found.get("value")
    if not isinstance(name, str) or name not in on_offer:
        names = ", ".join(on_offer)
        return _rejected(
            f"the reply names {name!r}, which was not on offer",
            f"There is no constant {name!r} to change; choose one of {names}.",
        )
    offer = on_offer[name]
    fault = _fault(offer, value)
    if fault is not None:
        return fault
    hypothesis = found.get("hypothesis")
    return Idea(
        hypothesis=tidy(hypothesis if isinstance(hypothesis, str) else "")
        or f"{name} {offer.value} -> {value}",
        edit=SetConstants(changes=((name, value),)),  # type: ignore[arg-type]  # _fault saw to it
    )


def read_line(text: str, train: str) -> Idea | Rejected:
    """Read a tier B reply: one line of the file `train`, and what takes its place."""
    found = first_object(without_thinking(text), key="line")
    if found is None:
        return _no_object(text)
    edit = edit_of(train, found.get("line"), found.get("new"))
    if isinstance(edit, Rejected):
        return edit
    hypothesis = found.get("hypothesis")
    said = tidy(hypothesis) if isinstance(hypothesis, str) else ""
    return Idea(hypothesis=said or "no hypothesis given", edit=edit)


def read_blocks(text: str) -> Idea | Rejected:
    """Read a tier C reply: every search/replace block, with the prose before as hypothesis."""
    text = without_thinking(text)
    blocks, before, open_block = _blocks(text.splitlines())
    if open_block:
        return _rejected(
            f"block {len(blocks) + 1} of the reply does not end",
            "Your last block has no end. Each needs its SEARCH, ======= and REPLACE line.",
        )
    if not blocks:
        return _rejected(
            f"the reply holds no search/replace block ({_glimpse(text)})",
            "Your reply had no search/replace block. Use exactly the format asked for.",
        )
    return Idea(
        hypothesis=_hypothesis(before) or "no hypothesis given",
        edit=Replace(blocks=tuple(blocks)),
    )


def cut_off(tokens: int | None, characters: int) -> Rejected:
    """Turn back a reply that ended at its length limit, not at its end."""
    length = f"{characters:,} characters" if tokens is None else f"{tokens:,} tokens"
    return _rejected(
        f"the reply was cut off after {length}, before its end",
        "Your reply was cut off for its length. Be brief: a short hypothesis, a small edit.",
    )


def all_thought(model: str) -> Rejected:
    """Turn back a reply that ended before the thinking did; there is nothing to mend in it."""
    reason = f"{model} used up its reply with thinking, and came to no proposal"
    return Rejected(stage="ask", reason=reason)


def _fault(offer: Offer, value: object) -> Rejected | None:
    """Return what is wrong with a value for the offer, or None."""
    if not isinstance(value, bool | int | float | str):
        return _rejected(
            f"the reply gives {offer.name} no value", f"Give {offer.name} a plain value."
        )
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return _rejected(
            f"{offer.name} cannot become a number of {len(str(value)):,} digits",
            f"{offer.name} takes no number that large; stay near its present value.",
        )
    if offer.choices:
        if value in offer.choices and isinstance(value, bool) == isinstance(offer.value, bool):
            return None
        left = ", ".join(map(str, offer.choices))
        return _rejected(
            f"{offer.name} cannot become {value!r}", f"{offer.name} may become one of: {left}."
        )
    if isinstance(value, bool | str) or not math.isfinite(value):
        return _rejected(
            f"{offer.name} is a number, and the reply says {value!r}",
            f"{offer.name} takes a plain number.",
        )
    return _number_fault(offer, value)


def _number_fault(offer: Offer, value: float) -> Rejected | None:
    """Return what is wrong with a number: unchanged, tried, or out of any sensible range."""
    if value == offer.value:
        return _rejected(
            f"{offer.name} is {offer.value} already",
            f"{offer.name} has that value already; choose another value or another constant.",
        )
    if value in offer.tried:
        trial = offer.tried[value]
        return Rejected(
            stage="novelty",
            reason=f"{offer.name} {value} repeats #{trial}",
            advice=f"{offer.name} was tried at that value in trial {trial}; try something else.",
            repeats=trial,
        )
    least, most = bounds_of(offer)
    if not least <= value <= most:
        return _rejected(
            f"{offer.name} {value:g} is out of range ({least:g} to {most:g})",
            f"{offer.name} must stay between {least:g} and {most:g}.",
        )
    return None


def _no_object(text: str) -> Rejected:
    return _rejected(
        f"the reply holds no JSON object ({_glimpse(text)})",
        "Your reply was not the JSON object asked for. Send that object and nothing else.",
    )


def first_object(text: str, key: str = "name") -> Mapping[str, object] | None:
    """Return the first JSON object in a text that has the key, or any, or None."""
    decoder = json.JSONDecoder()
    first: Mapping[str, object] | None = None
    position = text.find("{")
    while position >= 0:
        try:
            found, _ = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            if key in found:
                return found
            first = first or found
        position = text.find("{", position + 1)
    return first


def without_thinking(text: str) -> str:
    """Return a reply without what a model thought aloud in it."""
    return _THINKING.sub("", text)


def _blocks(lines: Sequence[str]) -> tuple[list[Block], list[str], bool]:
    """Split lines into blocks, the prose before the first, and whether the last one is open."""
    blocks: list[Block] = []
    before: list[str] = []
    search: list[str] | None = None
    replace: list[str] | None = None
    for line in lines:
        if search is None:
            if _HEAD.match(line):
                search = []
            elif not blocks:
                before.append(line)
        elif replace is None:
            if _DIVIDER.match(line):
                replace = []
            else:
                search.append(line)
        elif _TAIL.match(line):
            blocks.append(Block(search=_body(search), replace=_body(replace)))
            search = replace = None
        else:
            replace.append(line)
    return blocks, before, search is not None


def _body(lines: list[str]) -> str:
    """Join a part of a block, without a fence that a model put inside its markers."""
    if len(lines) >= 2 and _FENCE.match(lines[0]) and _FENCE.match(lines[-1]):
        lines = lines[1:-1]
    return "\n".join(lines)


def _hypothesis(lines: Sequence[str]) -> str:
    """Return the line that is marked as the hypothesis, else the first paragraph of prose."""
    prose = [line for line in lines if not _FENCE.match(line)]
    for number, line in enumerate(prose):
        if _LEAD.match(line):
            prose = [_LEAD.sub("", line), *prose[number + 1 :]]
            break
    paragraph: list[str] = []
    for line in prose:
        if line.strip() and not line.strip().endswith(".py"):
            paragraph.append(line)
        elif paragraph:
            break
    return tidy(" ".join(paragraph))


def tidy(text: str) -> str:
    """Return a text as one line of printable characters, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split()).strip("#*` ")
    return line if len(line) <= _HYPOTHESIS_CHARS else line[: _HYPOTHESIS_CHARS - 1] + "…"


def _glimpse(text: str) -> str:
    """Quote the start of a reply for the human."""
    line = tidy(text)
    return f"it begins “{line[:60]}”" if line else "it is empty"


def _rejected(reason: str, advice: str) -> Rejected:
    return Rejected(stage="parse", reason=reason, advice=advice)
