"""Tier B: one real line of the file, and what takes its place.

A line chosen from a list held by the grammar cannot be misquoted: of free search text by a 1.5B
model 0 of 32 edits applied, of lines chosen from the file 10 of 10.
"""

from __future__ import annotations

import ast
import functools
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cockpit.agents.schema import HYPOTHESIS_CHARS
from cockpit.source import syntax
from cockpit.trial import Block, Rejected, Replace

NEW_CHARS: Final = 400
_CONTRACT: Final = ("prepare", "build_model", "__name__", "__future__")
"""A line that holds one of these is part of what the harness needs, and no experiment."""


@functools.lru_cache(maxsize=4)
def real_lines(text: str) -> tuple[str, ...]:
    """Return the lines of code that stand in the file once, without their indent, in file order.

    Comments, docstrings, imports of the harness and lines of its contract are left out.
    """
    prose = _prose(text)
    stripped = [line.strip() for line in text.splitlines()]
    seen = Counter(stripped)
    return tuple(
        line
        for number, line in enumerate(stripped, start=1)
        if line
        and seen[line] == 1
        and not line.startswith("#")
        and number not in prose
        and not any(word in line for word in _CONTRACT)
    )


def schema(lines: Sequence[str], asides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON schema of a reply: the line is one of these, its successor is free."""
    asides = asides or {}
    return {
        "type": "object",
        "properties": {
            "line": {"enum": list(lines)},
            "new": {"type": "string", "maxLength": NEW_CHARS},
            "hypothesis": {"type": "string", "maxLength": HYPOTHESIS_CHARS},
            **asides,
        },
        "required": ["line", "new", "hypothesis", *sorted({"lesson"} & asides.keys())],
        "additionalProperties": False,
    }


def edit_of(text: str, line: object, new: object) -> Replace | Rejected:
    """Return the edit that puts `new`, at its indent, where `line` stands in `text`."""
    if not isinstance(line, str) or line.strip() not in real_lines(text):
        return _rejected(
            f"the reply names a line that was not on offer ({str(line)[:60]!r})",
            "The line you chose is not in train.py, or not yours to change. Copy one exactly.",
        )
    if not isinstance(new, str) or new.strip() == line.strip():
        return _rejected(
            f"the reply leaves {line.strip()[:60]!r} as it is",
            "Your new line equals the old one. Change it, or choose another line.",
        )
    where = next(real for real in text.splitlines() if real.strip() == line.strip())
    indent = where[: len(where) - len(where.lstrip())]
    fresh = textwrap.indent(_at_margin(new, indent), indent)
    return Replace(blocks=(Block(search=where, replace=fresh),))


def _at_margin(new: str, indent: str) -> str:
    """Return new text with its first line at the margin.

    A model often starts there, and leaves what follows as it would stand in the file.
    """
    first, *rest = new.replace("\r\n", "\n").strip("\n").split("\n")
    if first[:1].isspace() or not rest:
        return textwrap.dedent("\n".join([first, *rest]))
    deep = indent + " " if first.rstrip().endswith(":") else indent
    if indent and all(row.startswith(deep) for row in rest if row.strip()):
        rest = [row.removeprefix(indent) for row in rest]
    return "\n".join([first, *rest])


def _prose(text: str) -> frozenset[int]:
    """Return the numbers of the lines that docstrings take."""
    tree = syntax.tree(text)
    if tree is None:
        return frozenset()
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return frozenset(found)


def _rejected(reason: str, advice: str) -> Rejected:
    return Rejected(stage="parse", reason=reason, advice=advice)
