"""Unified diffs as numbered lines, with the words that changed marked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$")
_WORDS = re.compile(r"\w+|\s+|.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One line of a diff; `old` and `new` are line numbers, None on the side it is not on.

    `words` are the (start, end) ranges of `text` that differ from its counterpart.
    """

    kind: Literal["hunk", "same", "added", "removed"]
    text: str
    old: int | None = None
    new: int | None = None
    words: tuple[tuple[int, int], ...] = ()


def parse(diff: str) -> tuple[DiffLine, ...]:
    """Read a unified diff; file headers are left out."""
    lines: list[DiffLine] = []
    old = new = 0
    inside = False
    for raw in diff.splitlines():
        if match := _HUNK.match(raw):
            old, new, inside = int(match[1]), int(match[2]), True
            where = f"@@ {match[2]} @@ {match[3]}".rstrip()
            lines.append(DiffLine(kind="hunk", text=where, old=old, new=new))
        elif not inside or raw.startswith("\\"):
            continue
        elif raw.startswith("+"):
            lines.append(DiffLine(kind="added", text=raw[1:], new=new))
            new += 1
        elif raw.startswith("-"):
            lines.append(DiffLine(kind="removed", text=raw[1:], old=old))
            old += 1
        else:
            lines.append(DiffLine(kind="same", text=raw[1:], old=old, new=new))
            old, new = old + 1, new + 1
    return tuple(_mark_words(lines))


def totals(lines: tuple[DiffLine, ...]) -> tuple[int, int]:
    """Return how many lines were added and removed."""
    return (
        sum(1 for line in lines if line.kind == "added"),
        sum(1 for line in lines if line.kind == "removed"),
    )


def _mark_words(lines: list[DiffLine]) -> list[DiffLine]:
    """Pair the removed with the added lines of each block, and mark their differing words."""
    out = list(lines)
    at = 0
    while at < len(out):
        removed = _run(out, at, "removed")
        added = _run(out, at + removed, "added")
        for index in range(min(removed, added)):
            left, right = at + index, at + removed + index
            before, after = _differences(out[left].text, out[right].text)
            out[left] = _with_words(out[left], before)
            out[right] = _with_words(out[right], after)
        at += max(1, removed + added)
    return out


def _run(lines: list[DiffLine], start: int, kind: str) -> int:
    end = start
    while end < len(lines) and lines[end].kind == kind:
        end += 1
    return end - start


def _with_words(line: DiffLine, words: tuple[tuple[int, int], ...]) -> DiffLine:
    return DiffLine(kind=line.kind, text=line.text, old=line.old, new=line.new, words=words)


Ranges = tuple[tuple[int, int], ...]


def _differences(old: str, new: str) -> tuple[Ranges, Ranges]:
    """Return the ranges that differ; none when the lines have too little in common."""
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < 0.5:
        return (), ()
    before: list[tuple[int, int]] = []
    after: list[tuple[int, int]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        before.append((len("".join(left[:i1])), len("".join(left[:i2]))))
        after.append((len("".join(right[:j1])), len("".join(right[:j2]))))
    return tuple(r for r in before if r[0] < r[1]), tuple(r for r in after if r[0] < r[1])
