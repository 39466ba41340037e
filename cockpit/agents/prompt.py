"""What a model is sent: what stays the same first, to the byte, and what changes last.

A server keeps the tokens of the longest equal beginning, so rules, program and `train.py` are the
system message and only the user message is read anew each turn. When a server drops messages for
lack of room it keeps the system message and the last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cockpit.agents.boundaries import boundaries
from cockpit.agents.rules import Rules
from cockpit.agents.schema import Offer
from cockpit.agents.window import estimate
from cockpit.metric import Metric
from cockpit.ports import Brief, PastTrial
from cockpit.source.constants import render
from cockpit.trial import Rejected, Tier

LEVELS: Final = 4
"""Levels of brevity: 0 everything, 1 no history, 2 no learnings either, 3 no body of train.py."""
_RECENT: Final = 12
_RECENT_SMALL: Final = 5
PROGRAM_CHARS_SMALL: Final = 1500
"""How much of program.md a short prompt holds, from its beginning."""
_REPAIR_CHARS: Final = (1000, 2000)
"""What is kept of a long refusal: its head, which says what is wrong, and a traceback's end."""
_LINE_CHARS: Final = 200
_CODES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_ASSIGNED: Final = re.compile(r"([A-Z][A-Z0-9_]*) (\S+) -> (\S+?)(?=[,;]|\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The two messages; `tokens` is an upper bound."""

    system: str
    user: str

    @property
    def tokens(self) -> int:
        """Estimate both messages and the template around them."""
        return estimate(self.system) + estimate(self.user) + 32


def build(
    brief: Brief,
    rules: Rules,
    tier: Tier,
    offered: Sequence[Offer],
    rejection: Rejected | None,
    level: int = 0,
    *,
    small: bool = False,
    asides: bool = False,
    taken: Sequence[str] = (),
) -> Prompt:
    """Compose the messages at a level of brevity; `small` is for models that a page confuses.

    With `asides` it may also say what its last trial taught, and ask the human something; ideas
    that are `taken` are not to be made again.
    """
    compact = small or level >= LEVELS - 1
    program = brief.program.strip()
    if compact and len(program) > PROGRAM_CHARS_SMALL:
        program = program[:PROGRAM_CHARS_SMALL].rsplit("\n", 1)[0] + "\n(shortened)"
    system = [rules.opening(brief.metric, short=compact)]
    if program:
        system.append(f"What the human wants (program.md):\n\n{clean(program)}")
    if rules_set := brief.constraints.sentences():
        told = "\n".join(f"- {sentence}" for sentence in rules_set)
        system.append(f"A proposal that breaks one of these is refused before it runs:\n{told}")
    if not compact:
        system.append(f"The budget is {brief.budget:g} s of training. This is train.py:\n")
        system.append(f"```python\n{brief.text.rstrip()}\n```")
    user = [
        _learnings(brief) if level < 2 and not compact else "",
        _history(brief, _RECENT_SMALL if small else _RECENT, plain=not small) if level < 1 else "",
        "" if small else _limits(brief),
        _plateau(brief.plateau, tier),
        _notes(brief.notes),
        _asked(brief.asked) if asides else "",
        _ended(brief) if asides else "",
        _repair(rejection),
        _taken(taken),
        _offers(offered) if tier == "A" else "",
        _pinned(brief.pinned),
        rules.reply(tier),
        rules.asides(tier, brief.reflect) if asides else "",
    ]
    return Prompt(system="\n\n".join(system), user="\n\n".join(part for part in user if part))


def clean(text: str) -> str:
    """Strip control codes, and the marks that could end a record early."""
    text = _CODES.sub("", text.replace("\r\n", "\n"))
    return re.sub(r"</?record\b[^>]*>", "", text, flags=re.IGNORECASE)


def _record(title: str, text: str) -> str:
    """Mark text that came from files, logs or models as data."""
    return f"{title}:\n<record>\n{clean(text).strip()}\n</record>"


def _learnings(brief: Brief) -> str:
    """Return learnings.md as the engine condensed it: whole, for a cut would lose trial numbers."""
    text = brief.learnings.strip()
    return _record("What past trials taught (learnings.md)", text) if text else ""


def _history(brief: Brief, recent: int, *, plain: bool) -> str:
    """Return the last trials, one line each; `plain` False hides values that could be parroted."""
    past = [trial for trial in brief.history if trial.trial > 0][-recent:]
    lines = [_line(trial, brief.metric, plain=plain) for trial in past]
    return _record("Trials so far, latest last", "\n".join(lines)) if lines else ""


def _line(past: PastTrial, metric: Metric, *, plain: bool) -> str:
    what = past.summary or past.hypothesis
    if not plain and past.word not in ("keep", "simpler"):
        what = _ASSIGNED.sub(_direction, what)
    line = f"#{past.trial} {' '.join(what.split())[:_LINE_CHARS]}: {past.word}"
    if past.sigmas is not None:
        gain = metric.gain(past.sigmas, 0.0)
        line += f", {abs(gain):.1f} sigma {'better' if gain > 0 else 'worse'}"
    if past.word == "crash" and plain:
        line += f", {' '.join(past.reason.split())[:_LINE_CHARS]}"
    return line if past.comparable else f"{line} (under other conditions: a hint)"


def _direction(change: re.Match[str]) -> str:
    """Say `LR raised` for `LR 0.0003 -> 0.01`: a failed value in sight is proposed again."""
    try:
        up = float(change[3]) > float(change[2])
    except ValueError:
        return f"{change[1]} changed"
    return f"{change[1]} {'raised' if up else 'lowered'}"


def _notes(notes: Sequence[str]) -> str:
    lines = "\n".join(f"- {' '.join(clean(note).split())}" for note in notes if note.strip())
    return f"Notes from the human, heed them:\n{lines}" if lines else ""


def _pinned(idea: str) -> str:
    idea = " ".join(clean(idea).split())
    return f"Pinned by the human, heed it in every proposal:\n- {idea}" if idea else ""


def _limits(brief: Brief) -> str:
    """Return where constants crash: what lies there is not to be tried again."""
    lines = [found.sentence() for found in boundaries(brief)]
    return _record("Do not go there, runs did not survive it", "\n".join(lines)) if lines else ""


def _plateau(since: int, tier: Tier) -> str:
    if not since:
        return ""
    step, kind = "a large step, not a small one", "another mechanism, not another value"
    bold = step if tier == "A" else kind
    return f"Nothing was kept in the last {since} trials: be bolder now, {bold}."


def _asked(question: str) -> str:
    """Return the model's open question, so that it is not asked again."""
    return _record("You asked the human, who has not answered yet", question) if question else ""


def _ended(brief: Brief) -> str:
    """Return how the trial ended of which a lesson is asked for."""
    rows = (row for row in reversed(brief.history) if row.comparable and row.trial == brief.reflect)
    past = next(rows, None)
    if past is None:
        return ""
    words = (_line(past, brief.metric, plain=True), f"expected: {past.hypothesis}", past.reason)
    return _record("Your last trial has ended", "\n".join(" ".join(w.split()) for w in words))


def _taken(ideas: Sequence[str]) -> str:
    lines = "\n".join(f"- {' '.join(idea.split())[:_LINE_CHARS]}" for idea in ideas)
    return _record("You propose these already, make a different one", lines) if ideas else ""


def _repair(rejection: Rejected | None) -> str:
    """Return why the last attempt was turned back; it may quote a traceback."""
    if rejection is None:
        return ""
    why = rejection.advice or rejection.reason
    head, tail = _REPAIR_CHARS
    if len(why) > head + tail:
        why = f"{why[:head]}\n…\n{why[-tail:]}"
    return _record("Your last proposal was turned back, make another that avoids this", why)


def _offers(offered: Sequence[Offer]) -> str:
    return "Constants you may change now:\n" + "\n".join(map(_offer, offered))


def _offer(offer: Offer) -> str:
    line = f"{offer.name} = {render(offer.value)}"
    if offer.choices:
        line += "  may become " + " or ".join(render(choice) for choice in offer.choices)
    return f"{line}  # {offer.comment}" if offer.comment else line
