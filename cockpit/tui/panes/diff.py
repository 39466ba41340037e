"""Pane 2, Diff: the candidate against the best while a trial is open, else the selected row's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pygments.token import Token  # type: ignore[import-untyped]
from textual.content import Content
from textual.highlight import HighlightTheme, highlight

from cockpit.engine.rows import Row
from cockpit.tui import ink
from cockpit.tui.hunks import DiffLine, parse, totals
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.view import View


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


@lru_cache(maxsize=64)
def render(diff: str) -> tuple[tuple[DiffLine, ...], tuple[Content, ...]]:
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
    """Return the drawn lines of a diff."""
    if not diff:
        return []
    return [_numbered(*both, width) for both in zip(*render(diff), strict=True)]


def _coloured(lines: Sequence[str]) -> list[Content]:
    if not lines:
        return []
    coloured = highlight("\n".join(lines), language="python", theme=PythonColours, tab_size=4)
    found = coloured.split("\n", allow_blank=True)[: len(lines)]
    # The highlighter drops the last line where it is blank, as the end of a hunk often is.
    return [*found, *(Content(line) for line in lines[len(found) :])]


class DiffPane(Lines):
    """Line numbers, signs always, colours as a second channel; `[` and `]` step through hunks."""

    BORDER_TITLE = "2 Diff"

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(view, id=id)
        self._showing: tuple[int, int] | None = None

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the head, then the diff."""
        row = self.view.shown
        self._titles(row)
        if row is None:
            return [ink.ink(("no trial yet; the baseline comes first", DIM))]
        parsed = render(row.diff)[0] if row.diff else ()
        key = (row.number, row.attempts)
        if key != self._showing:
            self._showing = key
            self.call_later(self.scroll_to, y=0, animate=False)
        head = [self._head(row, parsed, width), *self._asides(row)]
        if not row.diff:
            return [*head, ink.ink((self._nothing(row), DIM))]
        return head + numbered_diff(row.diff, width)

    def hunk(self, step: int) -> None:
        """Scroll to the next hunk (`step` 1) or the previous one (-1)."""
        starts = [y for y, line in enumerate(self.lines) if line.plain.startswith("@@ ")]
        top = self.scroll_offset.y
        if step > 0:
            found = next((y for y in starts if y > top), None)
        else:
            found = next((y for y in reversed(starts) if y < top), 0)
        if found is not None:
            self.scroll_to(y=found, animate=False)

    def _titles(self, row: Row | None) -> None:
        if row is None:
            name_border(self, self.view, self.view.titled("diff", "2 Diff"))
            return
        against = "" if row.against is None else f" against best #{row.against}"
        title = f"2 Diff · #{ink.number(row.number)}{against}"
        hunks = row.diff.count("\n@@ ") + row.diff.startswith("@@ ")
        below = f"[ ] {hunks} hunks" if hunks > 1 else ""
        name_border(self, self.view, self.view.titled("diff", title), below)

    def _head(self, row: Row, parsed: tuple[DiffLine, ...], width: int) -> Content:
        added, removed = totals(parsed)
        tail = f"  {ink.author(row)}  +{added} -{removed}" if parsed else f"  {ink.author(row)}"
        name = f"#{ink.number(row.number)} "
        room = max(8, width - len(name) - len(tail))
        title = Content(row.hypothesis or row.summary or ink.what(row)).truncate(
            room, ellipsis=True
        )
        head = ink.ink((name, "bold"), title.stylize("italic"))
        return head.pad_right(max(0, width - len(tail) - head.cell_length)) + ink.ink((tail, DIM))

    def _asides(self, row: Row) -> list[Content]:
        lines = []
        if row.rejections and row.word is None and row.state == "open":
            last = row.rejections[-1]
            lines.append(ink.ink((f"turned back at {last.stage}: {last.reason}", "$warning")))
        lines += [ink.ink((f"! {text}", "$warning")) for text in row.warnings]
        if row.word is not None and row.reason:
            glyph, word, style = ink.verdict(row)
            lines.append(ink.ink((f"{glyph} {word} ", f"bold {style}"), (row.reason, DIM)))
        return lines

    def _nothing(self, row: Row) -> str:
        if row.kind == "baseline":
            return "the unedited file: there is nothing to compare"
        if row.state in ("open", "judged"):
            return "the proposal is being made; its diff will stand here"
        return "nothing was staged"


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
        code = code.stylize(f"bold on ${line.kind}-word", start, end)
    body = ink.ink((sign, f"bold ${line.kind}"), code)
    body = body.pad_right(max(0, width - gutter.cell_length - body.cell_length))
    return gutter + body.stylize_before(f"on ${line.kind}-ground")
