"""Module-level constants of `train.py`: where each literal stands, and how to change it alone.

`ast` counts columns in UTF-8 bytes, so spans are byte offsets into the encoded text; everything
outside a span, comments included, survives an edit to the byte.
"""

from __future__ import annotations

import ast
import functools
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cockpit.source import syntax
from cockpit.trial import Constant

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_LINE_END = re.compile(rb"\r\n|\r|\n")
MOST_BITS: Final = 63
"""Of a whole number that is a constant; a longer one is a mask or a hash, and no dial."""
_LEAST: Final = 1e-30
_MOST: Final = 1e15
_CHOICES = re.compile(r"[\w.+-]+(?:\s*\|\s*[\w.+-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantSpan:
    """One `NAME = literal` line.

    `start` and `end` are byte offsets of the literal in the UTF-8 text, `line` counts from 1,
    `choices` come from an `a | b | c` trailing comment (False and True for a bool), else empty.
    """

    name: str
    value: Constant
    line: int
    start: int
    end: int
    comment: str = ""
    choices: tuple[Constant, ...] = ()


def constants(text: str) -> dict[str, ConstantSpan]:
    """Find the module-level constants of `text`, in file order.

    A constant is a name in capitals, assigned once in the module, to a bool, int, float or string
    literal on one line. Text that does not parse has none. An int of more than 63 bits is no
    constant, for it may be beyond what a float can hold.
    """
    return dict(_spans(text))


def values(text: str) -> dict[str, Constant]:
    """Return the constants of `text` as plain name and value."""
    return {name: span.value for name, span in constants(text).items()}


def set_constants(text: str, changes: Mapping[str, Constant]) -> str:
    """Return `text` with the named constants set, each keeping its type.

    Raises:
        ValueError: a name is not a constant of the text, or a value is not of its type or among
            its choices; the message is one sentence fit for the agent.
    """
    spans = constants(text)
    unknown = [name for name in changes if name not in spans]
    if unknown:
        known = ", ".join(spans) or "none"
        raise ValueError(f"train.py has no constant {', '.join(unknown)}; it has {known}")
    wanted = {name: coerce(spans[name], value) for name, value in changes.items()}
    raw = text.encode()
    for name in sorted(wanted, key=lambda changed: spans[changed].start, reverse=True):
        span = spans[name]
        raw = raw[: span.start] + render(wanted[name]).encode() + raw[span.end :]
    edited = raw.decode()
    now = values(edited)
    if any(now.get(name) != value for name, value in wanted.items()):
        raise ValueError(f"setting {', '.join(changes)} did not read back as written")
    return edited


def coerce(span: ConstantSpan, value: Constant) -> Constant:
    """Return `value` in the type of the constant: an int stays an int, a bool a bool.

    Raises:
        ValueError: it cannot be had without loss, is not finite, or is no choice of a string.
    """
    now = span.value
    if isinstance(now, bool) or isinstance(value, bool):
        fits = isinstance(now, bool) and (isinstance(value, bool) or value in (0, 1))
        made: Constant | None = bool(value) if fits and not isinstance(value, str) else None
    elif isinstance(now, str):
        made = value if isinstance(value, str) and value in (span.choices or (value,)) else None
    elif isinstance(value, str) or not _countable(value):
        made = None
    elif isinstance(now, int):
        made = int(value) if value == int(value) else None
    else:
        made = float(value)
    if made is None or not _countable(made):
        wants = " | ".join(map(str, span.choices)) or type(now).__name__
        shown = repr(value) if _countable(value) else "a number that large"
        raise ValueError(f"{span.name} is {render(now)} and takes {wants}, not {shown}")
    return made


def turnable(value: Constant) -> bool:
    """Say whether a number is of a size to be searched; a mask of -1e30 or a hash is not.

    Steps from such a number to its neighbours stay within what a float can hold. A word or a switch
    is of any size.
    """
    return isinstance(value, str) or value == 0 or _LEAST <= abs(value) <= _MOST


def render(value: Constant) -> str:
    """Spell a value as short Python source: `3e-4`, `0.95`, `True`, `"muon"`."""
    if isinstance(value, str):
        plain = value.isprintable() and not set(value) & {'"', "\\"}
        return f'"{value}"' if plain else repr(value)
    if not isinstance(value, float) or value == 0 or 0.01 <= abs(value) < 1e6:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{value!r} has no literal")
    mantissa = "".join(map(str, digits))
    point = "." if len(mantissa) > 1 else ""
    power = exponent + len(mantissa) - 1
    return f"{'-' if sign else ''}{mantissa[0]}{point}{mantissa[1:]}e{power}"


@functools.lru_cache(maxsize=64)
def _spans(text: str) -> Mapping[str, ConstantSpan]:
    """Find the constants; remembered, for one staging asks several times."""
    module = syntax.tree(text)
    if module is None:
        return {}
    raw = text.encode()
    line_starts = [0, *(match.end() for match in _LINE_END.finditer(raw))]
    stored = Counter(
        node.id
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del)
    )
    found: dict[str, ConstantSpan] = {}
    for name, node in _assignments(module):
        value = _literal(node)
        if value is None or stored[name] > 1 or node.end_col_offset is None:
            continue
        offset = line_starts[node.lineno - 1]
        comment = _comment(raw, offset + node.end_col_offset)
        found[name] = ConstantSpan(
            name=name,
            value=value,
            line=node.lineno,
            start=offset + node.col_offset,
            end=offset + node.end_col_offset,
            comment=comment,
            choices=_choices(value, comment),
        )
    return found


def _assignments(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield name and value of each simple module-level assignment of a name in capitals."""
    for node in module.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if _NAME.fullmatch(name):
                yield name, value
            case _:
                continue


def _literal(node: ast.expr) -> Constant | None:
    """Return the value of a one-line bool, int, float or string literal, else None."""
    if node.lineno != node.end_lineno or isinstance(node, ast.JoinedStr):
        return None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, bool | int | float | str) and _countable(value) else None


def _countable(value: Constant) -> bool:
    """Say whether a number can be a constant: a finite float, or an int that fits in 64 bits."""
    if isinstance(value, int):
        return value.bit_length() <= MOST_BITS
    return isinstance(value, str) or math.isfinite(value)


def _comment(raw: bytes, start: int) -> str:
    """Return the comment that follows on the line, without its hash."""
    tail = _LINE_END.split(raw[start : start + 2000], maxsplit=1)[0]
    text = tail.decode(errors="ignore").strip()
    return text[1:].strip() if text.startswith("#") else ""


def _choices(value: Constant, comment: str) -> tuple[Constant, ...]:
    """Read `a | b | c` in a comment as values of the constant's own type; it must be among them."""
    if isinstance(value, bool):
        return (False, True)
    match = _CHOICES.search(comment)
    if match is None:
        return ()
    words = [word.strip() for word in match.group().split("|")]
    try:
        read = tuple(type(value)(word) for word in words)
    except ValueError:
        return ()
    return read if value in read and all(map(_countable, read)) else ()
