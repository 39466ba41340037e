"""Unified diffs as numbered lines, with the words that changed marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, unified_diff
from typing import Literal

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$")
_DEFINITION = re.compile(r"(async def|def|class) ")
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


def between(old: str, new: str) -> str:
    """Return the unified diff of two texts, with the enclosing definition behind each hunk."""
    before = old.splitlines()
    lines = list(unified_diff(before, new.splitlines(), lineterm=""))
    return "\n".join(_placed(line, before) for line in lines)


def _placed(line: str, before: list[str]) -> str:
    """Name the definition or class that a hunk lies in, as git does."""
    match = _HUNK.match(line)
    if match is None:
        return line
    above = before[: int(match[1])]
    inside = next((x for x in reversed(above) if _DEFINITION.match(x)), "")
    return f"{line} {inside.split('(')[0].split(':')[0]}".rstrip()


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
            out[left] = replace(out[left], words=before)
            out[right] = replace(out[right], words=after)
        at += max(1, removed + added)
    return out


def _run(lines: Sequence[DiffLine], start: int, kind: str) -> int:
    end = start
    while end < len(lines) and lines[end].kind == kind:
        end += 1
    return end - start


Pair = tuple[int | None, int | None]


def pairs(lines: tuple[DiffLine, ...]) -> list[Pair]:
    """Return the lines side by side: indices of the old and the new one, None where there is none.

    A hunk's head stands on both sides; the removed and the added lines of a block pair up in order.
    """
    out: list[Pair] = []
    at = 0
    while at < len(lines):
        if lines[at].kind in ("hunk", "same"):
            out.append((at, at))
            at += 1
            continue
        removed = _run(lines, at, "removed")
        added = _run(lines, at + removed, "added")
        for index in range(max(removed, added)):
            left = at + index if index < removed else None
            right = at + removed + index if index < added else None
            out.append((left, right))
        at += removed + added
    return out


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
