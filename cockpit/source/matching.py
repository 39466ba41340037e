"""Finding the lines a search block means, though a model rarely copies them to the space.

A ladder of readings, each tried only when the one above found nothing: the same lines; the same
lines under another uniform indent; the same lines whatever their white space; a part of one line.
A reading that finds two places never falls through to a looser one.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

_WORD = r"[A-Za-z0-9_]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A block that matched nowhere (`lines` empty) or in several places (their line numbers)."""

    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Lines `start` to `end` (exclusive), and the indent to add to or take from new lines."""

    start: int
    end: int
    add: str = ""
    take: str = ""


def substitute(text: str, search: str, replace: str) -> str | Miss:
    """Return `text` with the one place that `search` means replaced; newlines are LF throughout."""
    lines = text.split("\n")
    wanted = _trim(search.split("\n"))
    if not wanted:
        return Miss()
    for reading in (_same, _indented, _spaced):
        places = reading(lines, wanted)
        if len(places) > 1:
            return Miss(lines=tuple(place.start + 1 for place in places))
        if places:
            return _put(lines, places[0], replace)
    return _within_line(text, wanted, replace)


def nearest(text: str, search: str) -> tuple[int, list[str]]:
    """Return the first line number and the real lines most like `search`; for a second try."""
    lines = text.split("\n")
    wanted = _trim(search.split("\n"))
    size = max(1, min(len(wanted), 12))
    target = "\n".join(line.strip() for line in wanted[:size])
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(target)
    best, score = 0, -1.0
    for start in range(max(1, len(lines) - size + 1)):
        matcher.set_seq1("\n".join(line.strip() for line in lines[start : start + size]))
        if matcher.real_quick_ratio() <= score or matcher.quick_ratio() <= score:
            continue
        ratio = matcher.ratio()
        if ratio > score:
            best, score = start, ratio
    return best + 1, lines[best : best + size]


def _trim(lines: list[str]) -> list[str]:
    """Drop blank lines at both ends."""
    full = [number for number, line in enumerate(lines) if line.strip()]
    return lines[full[0] : full[-1] + 1] if full else []


def _windows(lines: list[str], size: int) -> list[int]:
    return list(range(len(lines) - size + 1))


def _same(lines: list[str], wanted: list[str]) -> list[_Place]:
    """Match whole lines, trailing white space aside."""
    clean = [line.rstrip() for line in lines]
    target = [line.rstrip() for line in wanted]
    size = len(target)
    return [
        _Place(start, start + size)
        for start in _windows(lines, size)
        if clean[start : start + size] == target
    ]


def _indented(lines: list[str], wanted: list[str]) -> list[_Place]:
    """Match whole lines that all sit deeper, or all less deep, by the same indent."""
    target = [line.strip() for line in wanted]
    size = len(target)
    places = []
    for start in _windows(lines, size):
        window = lines[start : start + size]
        if [line.strip() for line in window] != target:
            continue
        pairs = {
            (_indent(real), _indent(asked))
            for real, asked in zip(window, wanted, strict=True)
            if real.strip()
        }
        deeper = {real.removesuffix(asked) for real, asked in pairs if real.endswith(asked)}
        flatter = {asked.removesuffix(real) for real, asked in pairs if asked.endswith(real)}
        if len(deeper) == 1 and all(real.endswith(asked) for real, asked in pairs):
            places.append(_Place(start, start + size, add=deeper.pop()))
        elif len(flatter) == 1 and all(asked.endswith(real) for real, asked in pairs):
            places.append(_Place(start, start + size, take=flatter.pop()))
    return places


def _spaced(lines: list[str], wanted: list[str]) -> list[_Place]:
    """Match the letters alone: blank lines and all other white space aside."""
    full = [(number, "".join(line.split())) for number, line in enumerate(lines) if line.strip()]
    target = ["".join(line.split()) for line in wanted if line.strip()]
    size = len(target)
    places = []
    for first in range(len(full) - size + 1):
        window = full[first : first + size]
        if [letters for _, letters in window] == target:
            start, end = window[0][0], window[-1][0] + 1
            real, asked = _indent(lines[start]), _indent(wanted[0])
            add = real[len(asked) :] if real.startswith(asked) else ""
            take = asked[len(real) :] if asked.startswith(real) else ""
            places.append(_Place(start, end, add=add, take=take))
    return places


def _within_line(text: str, wanted: list[str], replace: str) -> str | Miss:
    """Match a part of one line, at word borders, so that `LR` is not found in `MUON_LR`."""
    part = wanted[0].strip()
    new = "\n".join(_trim(replace.split("\n")))
    if len(wanted) > 1 or "\n" in new:
        return Miss()
    before = rf"(?<!{_WORD})" if re.match(_WORD, part) else ""
    after = rf"(?!{_WORD})" if re.search(rf"{_WORD}$", part) else ""
    found = list(re.finditer(before + re.escape(part) + after, text))
    if len(found) != 1:
        return Miss(lines=tuple(text.count("\n", 0, hit.start()) + 1 for hit in found))
    return text[: found[0].start()] + new.strip() + text[found[0].end() :]


def _put(lines: list[str], place: _Place, replace: str) -> str:
    """Replace the lines of `place`, the new ones moved to its indent."""
    fresh = _trim(replace.split("\n")) if replace.strip() else []
    moved = [
        (place.add + line.removeprefix(place.take)).rstrip() if line.strip() else ""
        for line in fresh
    ]
    return "\n".join([*lines[: place.start], *moved, *lines[place.end :]])


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
