"""The lines of learnings.md: how one is written, recognised, struck and shortened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SECTIONS = ("wins", "dead ends", "crashes", "open ideas")
SAID = " · "
"""Stands between the cockpit's words and a model's."""
_MARK = re.compile(r" ?\((?:([^\s()#]+) )?#(-?\d+)\)$")
_MARK_CHARS = 200
"""Where a mark is looked for, from the end of a line."""
_STRUCK = re.compile(r"(?:[-*] )?~~(?:[-*] )?(.+?)~~( ?\((?:[^\s()#]+ )?#-?\d+\))?")
"""A strike counts wherever the human put the tildes, if it begins where the lesson begins."""
_CODES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One lesson in the file; `tag` names another session's, `trial` is None for a human's own."""

    section: str
    text: str
    trial: int | None
    tag: str = ""
    struck: bool = False

    @property
    def mark(self) -> str:
        """The end of the line that names its trial."""
        if self.trial is None:
            return ""
        return f" ({self.tag} #{self.trial})" if self.tag else f" (#{self.trial})"

    def __str__(self) -> str:
        words = f"~~{self.text}~~" if self.struck else self.text
        return f"- {words}{self.mark}"


def one_line(text: str, limit: int) -> str:
    """Return text from models and logs as plain words on one line, cut at `limit` characters."""
    words = " ".join(_CODES.sub(" ", text).replace("~~", "~").split())
    return words if len(words) <= limit else f"{words[: limit - 1].rstrip()}\u2026"


def parse(text: str) -> list[Line]:
    """Return the bullets under the four heads, in the order of the file."""
    found, section = [], ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("#"):
            section = line.lstrip("# ").lower()
        elif section in SECTIONS and line.startswith(("- ", "* ", "~~")):
            found.append(_line(section, line))
    return found


def _line(section: str, raw: str) -> Line:
    struck = _STRUCK.match(raw)
    words = struck[1] + (struck[2] or "") if struck else raw[2:]
    mark = _MARK.search(words, max(0, len(words) - _MARK_CHARS))
    return Line(
        section=section,
        text=(words[: mark.start()] if mark else words).strip(),
        trial=int(mark[2]) if mark else None,
        tag=(mark[1] or "") if mark else "",
        struck=struck is not None,
    )


def condense(lines: Iterable[Line], limit: int, whole: int) -> list[str]:
    """Return a section's lines, the latest `whole` cut at `limit`, the others as numbers only.

    What a model said of a trial is cut by itself, so that neither it nor the numbers are lost.
    """
    marked = [line for line in lines if line.trial is not None]
    own = [line for line in lines if line.trial is None]
    early, late = marked[: len(marked) - whole], marked[len(marked) - whole :]
    shown = [f"- {_cut(line.text, limit)}{line.mark}" for line in (*own, *late)]
    return [f"- also {numbers(early)}", *shown] if early else shown


def _cut(text: str, limit: int) -> str:
    fact, said, words = text.partition(SAID)
    return (
        f"{one_line(fact, limit)}{said}{one_line(words, limit)}" if said else one_line(fact, limit)
    )


def numbers(lines: Iterable[Line]) -> str:
    """Return the trials of lines as `#1-#4 #9 mar7 #2`; a range leaves none out."""
    by_tag: dict[str, set[int]] = {}
    for line in lines:
        if line.trial is not None:
            by_tag.setdefault(line.tag, set()).add(line.trial)
    words = []
    for tag, trials in sorted(by_tag.items()):
        words += [tag] if tag else []
        words += _ranges(sorted(trials))
    return " ".join(words)


def _ranges(trials: list[int]) -> list[str]:
    spans: list[list[int]] = []
    for trial in trials:
        if spans and trial == spans[-1][-1] + 1:
            spans[-1].append(trial)
        else:
            spans.append([trial])
    return [f"#{s[0]}" if len(s) == 1 else f"#{s[0]}-#{s[-1]}" for s in spans]
