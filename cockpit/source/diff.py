"""Rendering an edit for people: a unified diff, and one short phrase."""

from __future__ import annotations

import ast
import difflib

from cockpit.source import normal, syntax
from cockpit.source.constants import constants, render

_SHOWN = 3


def unified(base: str, new: str, path: str = "sandbox/train.py") -> str:
    """Return a unified diff with three lines of context, as `git diff` would print it."""
    before, after = _lines(base), _lines(new)
    hunks = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    return "".join(f"{line}\n" for line in hunks)


def summary(base: str, new: str) -> str:
    """Return `LR 3e-4 -> 1.2e-3` where only constants differ, else `+3 -1 lines in class Block`."""
    if normal.shape(base) == normal.shape(new):
        changes = _constant_changes(base, new)
        if changes:
            return changes
    before, after = _lines(base), _lines(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    added = removed = 0
    touched: list[str] = []
    homes_before, homes_after = _homes(base), _homes(new)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            continue
        added, removed = added + b1 - b0, removed + a1 - a0
        touched += [homes_after[n] for n in range(b0 + 1, b1 + 1) if n in homes_after]
        touched += [homes_before[n] for n in range(a0 + 1, a1 + 1) if n in homes_before]
    places = list(dict.fromkeys(touched))
    where = f" in {', '.join(places[:_SHOWN])}" if places else ""
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"+{added} -{removed} lines{where}{more}"


def _constant_changes(base: str, new: str) -> str:
    """List the constants that differ, the first few with their values."""
    old, fresh = constants(base), constants(new)
    parts = [
        f"{name} {render(old[name].value)} -> {render(span.value)}"
        for name, span in fresh.items()
        if name in old and _differs(old[name].value, span.value)
    ]
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return ", ".join(parts[:_SHOWN]) + more


def _differs(old: object, new: object) -> bool:
    """Compare type and value: True is not 1 here."""
    return type(old) is not type(new) or old != new


def _homes(text: str) -> dict[int, str]:
    """Map line numbers to the top-level class or function they are in, decorators included."""
    module = syntax.tree(text)
    homes: dict[int, str] = {}
    for node in module.body if module else ():
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        name = f"class {node.name}" if isinstance(node, ast.ClassDef) else node.name
        first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
        homes.update(dict.fromkeys(range(first, (node.end_lineno or first) + 1), name))
    return homes


def _lines(text: str) -> list[str]:
    """Split at newlines alone: a form feed in a string is no line end to Python or to git."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")
