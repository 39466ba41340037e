"""Curves in braille dots, two by four to a cell; a coarser alphabet serves plain ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of a braille pattern by row and column of its dot (Unicode chart U+2800)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points (x, y) in data units, drawn in one colour; `joined` fills vertical gaps."""

    points: Sequence[tuple[float, float]]
    style: str
    joined: bool = True


@dataclass(slots=True)
class Canvas:
    """A grid of cells, each with its dots and the style of the last curve that touched it."""

    width: int
    height: int
    cells: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)

    def dot(self, x: int, y: int, style: str) -> None:
        """Set the dot at column `x`, row `y`, counted in dots from the top left."""
        if 0 <= x < self.width * 2 and 0 <= y < self.height * 4:
            key = (y // 4, x // 2)
            bits = self.cells.get(key, (0, ""))[0]
            self.cells[key] = (bits | DOTS[y % 4][x % 2], style)

    def rows(self, *, ascii_only: bool = False) -> list[list[tuple[str, str]]]:
        """Return the lines as runs of (text, style)."""
        return [self._row(y, ascii_only=ascii_only) for y in range(self.height)]

    def _row(self, y: int, *, ascii_only: bool) -> list[tuple[str, str]]:
        runs: list[tuple[str, str]] = []
        for x in range(self.width):
            bits, style = self.cells.get((y, x), (0, ""))
            char = _plain(bits) if ascii_only else chr(0x2800 + bits) if bits else " "
            if runs and runs[-1][1] == style:
                runs[-1] = (runs[-1][0] + char, style)
            else:
                runs.append((char, style))
        return runs


def _plain(bits: int) -> str:
    """Return an ASCII mark at the height of the cell's dots."""
    if not bits:
        return " "
    upper, lower = bits & 0x1B, bits & 0xE4
    return ":" if upper and lower else "'" if upper else "."


def bounds(curves: Sequence[Curve], trim: float = 0.0) -> tuple[float, float] | None:
    """Return lowest and highest y of all curves, or None without a point.

    `trim` leaves out that share of the highest values: the first steps of a loss curve would
    flatten the rest of it.
    """
    values = sorted(y for curve in curves for _, y in curve.points)
    if not values:
        return None
    high = values[min(len(values) - 1, int(len(values) * (1 - trim)))]
    return values[0], max(high, values[0])


def draw(
    curves: Sequence[Curve],
    *,
    width: int,
    height: int,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> Canvas:
    """Draw curves on a canvas of `width` x `height` cells, later ones on top.

    Points outside `y_range` are drawn at its edge, points outside `x_range` are left out.
    """
    canvas = Canvas(max(width, 1), max(height, 1))
    columns, rows = canvas.width * 2, canvas.height * 4
    (left, right), (low, high) = x_range, y_range
    x_span, y_span = (right - left) or 1.0, (high - low) or 1.0
    for curve in curves:
        last: tuple[int, int] | None = None
        for x, y in curve.points:
            if not left <= x <= right:
                continue
            column = min(columns - 1, int((x - left) / x_span * columns))
            share = min(1.0, max(0.0, (high - y) / y_span))
            row = round(share * (rows - 1))
            if last is not None and curve.joined:
                _join(canvas, last, (column, row), curve.style)
            canvas.dot(column, row, curve.style)
            last = (column, row)
    return canvas


def _join(canvas: Canvas, start: tuple[int, int], end: tuple[int, int], style: str) -> None:
    """Draw the straight line between two dots."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    for step in range(1, steps):
        share = step / steps
        x = round(start[0] + (end[0] - start[0]) * share)
        y = round(start[1] + (end[1] - start[1]) * share)
        canvas.dot(x, y, style)
