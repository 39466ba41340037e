"""Draws a diff: line numbers, signs always, syntax colours, in one column or side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pygments.token import Token  # type: ignore[import-untyped]
from textual.content import Content
from textual.highlight import HighlightTheme, highlight

from cockpit.tui import ink
from cockpit.tui.hunks import DiffLine, pairs, parse
from cockpit.tui.ink import DIM

GUTTER = 6
"""Cells of a line number and the space behind it."""


class PythonColours(HighlightTheme):
    """Syntax in the theme's colours, calm enough to lie on a tinted ground."""

    STYLES = {  # noqa: RUF012 - declared so by Textual
        Token.Comment: "$muted italic",
        Token.Keyword: "$secondary",
        Token.Keyword.Constant: "$warning",
        Token.Literal.Number: "$warning",
        Token.Literal.String: "$success",
        Token.Name.Builtin: "$primary",
        Token.Name.Class: "$accent bold",
        Token.Name.Decorator: "$secondary",
        Token.Name.Function: "$accent",
        Token.Operator.Word: "$secondary",
    }


Rendered = tuple[tuple[DiffLine, ...], tuple[Content, ...]]


@lru_cache(maxsize=64)
def render(diff: str) -> Rendered:
    """Return the lines of a diff and their highlighted code; remembered, a diff never changes."""
    lines = parse(diff)
    old = _coloured([x.text for x in lines if x.kind in ("same", "removed")])
    new = _coloured([x.text for x in lines if x.kind in ("same", "added")])
    code: list[Content] = []
    before = after = 0
    for line in lines:
        if line.kind == "hunk":
            code.append(Content(line.text))
            continue
        code.append(old[before] if line.kind == "removed" else new[after])
        before += line.kind in ("same", "removed")
        after += line.kind in ("same", "added")
    return lines, tuple(code)


def numbered_diff(diff: str, width: int) -> list[Content]:
    """Return the drawn lines of a diff, old and new below each other."""
    if not diff:
        return []
    return [_numbered(*both, width) for both in zip(*render(diff), strict=True)]


def split_diff(diff: str, width: int) -> list[Content]:
    """Return the drawn lines of a diff, the old file on the left and the new one on the right."""
    if not diff:
        return []
    lines, code = render(diff)
    half = (width - 1) // 2
    out: list[Content] = []
    for left, right in pairs(lines):
        if left is not None and left == right and lines[left].kind == "hunk":
            out.append(ink.ink((lines[left].text, "$primary")))
            continue
        old = _half(lines, code, left, half, new=False)
        new = _half(lines, code, right, half, new=True)
        out.append(old + ink.ink(("│", "$rule")) + new)
    return out


def _half(
    lines: Sequence[DiffLine], code: Sequence[Content], at: int | None, width: int, *, new: bool
) -> Content:
    """Draw one side of a pair, cut and padded to `width`."""
    if at is None:
        return Content(" " * width)
    line = lines[at]
    if line.kind == "same":
        number = line.new if new else line.old
        drawn = ink.ink((f"{number or '':>5} ", DIM)) + "  " + code[at]
    else:
        drawn = _numbered(line, code[at], width)
    return drawn.truncate(width, ellipsis=True, pad=True)


def _coloured(lines: Sequence[str]) -> list[Content]:
    if not lines:
        return []
    coloured = highlight("\n".join(lines), language="python", theme=PythonColours, tab_size=4)
    found = coloured.split("\n", allow_blank=True)[: len(lines)]
    # The highlighter drops the last line where it is blank, as the end of a hunk often is.
    return [*found, *(Content(line) for line in lines[len(found) :])]


def _numbered(line: DiffLine, code: Content, width: int) -> Content:
    """Draw one line: number, sign, code on its ground, changed words marked."""
    if line.kind == "hunk":
        return ink.ink((line.text, "$primary"))
    number = line.old if line.kind == "removed" else line.new
    gutter = ink.ink((f"{number or '':>5} ", DIM))
    if line.kind == "same":
        return gutter + "  " + code
    sign = "+ " if line.kind == "added" else "- "
    for start, end in line.words:
        code = code.stylize(f"bold $foreground on ${line.kind}-word", start, end)
    body = ink.ink((sign, f"bold ${line.kind}"), code)
    body = body.pad_right(max(0, width - GUTTER - body.cell_length))
    return gutter + body.stylize_before(f"on ${line.kind}-ground")
