"""From a whole reply to a proposal, and what a model says beside its edit: lesson, question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cockpit.agents import reply
from cockpit.agents.composer import Turn
from cockpit.agents.prompt import clean
from cockpit.agents.talk import Reply
from cockpit.trial import Lane, Proposal, Rejected

LANE: Final[Lane] = "ollama"
_ASIDE: Final = re.compile(r"^[\s#*_>\-]*(lesson|question)[\s*_]*:[\s*_]*(.*)$", re.IGNORECASE)
_TAGS: Final = re.compile(r"\s*\[([^\[\]]{1,80})\]\s*\.?$")
_LEAST: Final = 12
"""Characters from which on a lesson says something; less is `none` or an ellipsis."""
_MOST: Final = 220
_MOST_TAGS: Final = 3
_TAG_WORDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asides:
    """What stands beside an edit; empty where nothing does."""

    lesson: str = ""
    tags: tuple[str, ...] = ()
    question: str = ""


def read(turn: Turn, answer: Reply) -> Proposal | Rejected:
    """Turn a reply that is not all thinking into a proposal, or say what is wrong with it."""
    if answer.reason == "length":
        return reply.cut_off(answer.reply_tokens, len(answer.text))
    said, text = Asides(), answer.text
    if turn.tier == "C":
        said, text = _split(text)
        idea = reply.read_blocks(text)
    else:
        said = _beside(text)
        if turn.tier == "A":
            idea = reply.read_constant(text, turn.offered)
        else:
            idea = reply.read_line(text, turn.text)
    if isinstance(idea, Rejected):
        return idea
    said = said if turn.asides else Asides()
    reflects = turn.about is not None and bool(said.lesson)
    return Proposal(
        hypothesis=idea.hypothesis,
        edit=idea.edit,
        lane=LANE,
        tier=turn.tier,
        model=turn.ask.model,
        prompt_tokens=answer.prompt_tokens or 0,
        reply_tokens=answer.reply_tokens or 0,
        lesson=said.lesson if reflects else "",
        about=turn.about if reflects else None,
        tags=said.tags if reflects else (),
        question=said.question,
    )


def _beside(text: str) -> Asides:
    """Return the asides of a reply that is an object."""
    found = reply.first_object(reply.without_thinking(text), key="hypothesis") or {}
    tags = found.get("tags")
    return Asides(
        lesson=_lesson(found.get("lesson")),
        tags=_tags(tags if isinstance(tags, list) else []),
        question=_question(found.get("question")),
    )


def _split(text: str) -> tuple[Asides, str]:
    """Return the asides of a reply in plain text, and the text without their lines."""
    lesson, question = "", ""
    tags: tuple[str, ...] = ()
    lines = reply.without_thinking(text).splitlines()
    edit = next((n for n, line in enumerate(lines) if line.lstrip().startswith("<<<<<")), 0)
    kept = []
    for line in lines[:edit]:
        aside = _ASIDE.match(line)
        if aside is None:
            kept.append(line)
        elif aside[1].lower() == "question":
            question = _question(aside[2])
        else:
            mark = _TAGS.search(aside[2])
            tags = _tags(mark[1].split(",")) if mark else ()
            lesson = _lesson(aside[2][: mark.start()] if mark else aside[2])
    said = Asides(lesson=lesson, tags=tags, question=question)
    return said, "\n".join([*kept, *lines[edit:]])


def _lesson(text: object) -> str:
    words = reply.tidy(clean(text))[:_MOST] if isinstance(text, str) else ""
    return words if len(words) >= _LEAST else ""


def _question(text: object) -> str:
    """Return a question; what asks nothing is none."""
    words = reply.tidy(clean(text))[:_MOST] if isinstance(text, str) else ""
    return words if "?" in words and len(words) >= _LEAST else ""


def _tags(words: list[object] | list[str]) -> tuple[str, ...]:
    """Return a few short words; a sentence is no tag."""
    words = [word for word in words if isinstance(word, str) and len(word.split()) <= _TAG_WORDS]
    plain = (reply.tidy(clean(word))[:24].lower() for word in words)
    return tuple(dict.fromkeys(filter(None, plain)))[:_MOST_TAGS]
