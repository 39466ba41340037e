"""The staircase: every value against its trial, the best so far, and the noise around it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from cockpit.engine.board import Board
from cockpit.metric import Direction, Metric

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 320, 74, 16, 14, 34
"""Of the picture and its margins, in pixels."""
BAND = 2.0
"""Half the height of the noise band, in sigma."""
FAR = 4.0
"""A value worse than the first by more than this share of the whole gain is drawn at the edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One measured trial; `word` is its verdict, empty without one."""

    trial: int
    value: float
    word: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Staircase:
    """All points in order, the best after each kept trial as (trial, value), and sigma."""

    metric: Metric
    points: tuple[Point, ...]
    steps: tuple[tuple[int, float], ...]
    sigma: float | None


def staircase(board: Board) -> Staircase:
    """Return the staircase of a session: kept values are the means of their runs."""
    points: list[Point] = []
    steps: list[tuple[int, float]] = []
    for number, row in sorted(board.rows.items()):
        kept = row.kept
        value = board.mean(number) if kept else row.value
        if value is None or not math.isfinite(value):
            continue
        points.append(
            Point(trial=number, value=value, word=row.word or "", summary=row.summary or "baseline")
        )
        if kept:
            steps.append((number, value))
    return Staircase(
        metric=board.metric, points=tuple(points), steps=tuple(steps), sigma=board.sigma
    )


def svg(stairs: Staircase) -> str:
    """Return the picture as inline SVG; classes are coloured by the page around it."""
    if not stairs.points:
        return "<p>nothing is measured yet</p>"
    frame = _Frame.of(stairs)
    return "\n".join(
        (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">',
            f"<title>{escape(stairs.metric.name)} by experiment, the best so far, "
            f"and {BAND:g} sigma around it</title>",
            *_grid(frame, stairs.metric),
            *_band(frame, stairs),
            *_stairs(frame, stairs),
            *_dots(frame, stairs),
            "</svg>",
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What is shown: trials `first` to `last`, values `low` to `high`, better upwards or down."""

    first: int
    last: int
    low: float
    high: float

    @classmethod
    def of(cls, stairs: Staircase) -> _Frame:
        values = [value for _, value in stairs.steps] or [p.value for p in stairs.points]
        start, end = values[0], values[-1]
        reach = abs(start - end) or abs(start) * 0.01 or 1.0
        shown = [p.value for p in stairs.points if abs(p.value - end) <= (1 + FAR) * reach]
        low, high = min([*shown, *values]), max([*shown, *values])
        pad = max((high - low) * 0.06, BAND * (stairs.sigma or 0.0), 1e-9)
        trials = [p.trial for p in stairs.points]
        return cls(
            first=min(trials), last=max(*trials, min(trials) + 1), low=low - pad, high=high + pad
        )

    def x(self, trial: float) -> float:
        share = (trial - self.first) / (self.last - self.first)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        share = (self.high - inside) / (self.high - self.low)
        return round(TOP + share * (HEIGHT - TOP - BOTTOM), 1)


def _grid(frame: _Frame, metric: Metric) -> Iterable[str]:
    for part in range(5):
        value = frame.low + (frame.high - frame.low) * part / 4
        y = frame.y(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{metric.format(value)}</text>'
    for part in range(5):
        trial = round(frame.first + (frame.last - frame.first) * part / 4)
        x, y = frame.x(trial), HEIGHT - 12
        yield f'<text x="{x}" y="{y}" text-anchor="middle">{trial}</text>'
    way = "less" if metric.direction is Direction.MINIMIZE else "more"
    yield f'<text x="{WIDTH - RIGHT}" y="{TOP + 6}" text-anchor="end">{way} is better</text>'


def _corners(frame: _Frame, stairs: Staircase, shift: float) -> list[tuple[float, float]]:
    corners: list[tuple[float, float]] = []
    for at, (trial, value) in enumerate(stairs.steps):
        until = stairs.steps[at + 1][0] if at + 1 < len(stairs.steps) else frame.last
        y = frame.y(value + shift)
        corners += [(frame.x(trial), y), (frame.x(until), y)]
    return corners


def _band(frame: _Frame, stairs: Staircase) -> Iterable[str]:
    if stairs.sigma and stairs.steps:
        around = BAND * stairs.sigma
        above = _corners(frame, stairs, around)
        below = _corners(frame, stairs, -around)
        yield f'<polygon class="band" points="{_joined([*above, *reversed(below)])}"/>'


def _stairs(frame: _Frame, stairs: Staircase) -> Iterable[str]:
    if stairs.steps:
        yield f'<polyline class="best" points="{_joined(_corners(frame, stairs, 0.0))}"/>'


def _dots(frame: _Frame, stairs: Staircase) -> Iterable[str]:
    for point in stairs.points:
        kept = point.word in ("keep", "simpler")
        value = stairs.metric.format(point.value)
        said = escape(f"#{point.trial} {point.word} {value}: {point.summary}")
        look = f'class="{"keep" if kept else "other"}" r="{4 if kept else 2.5}"'
        place = f'cx="{frame.x(point.trial)}" cy="{frame.y(point.value)}"'
        yield f"<circle {look} {place}><title>{said}</title></circle>"


def _joined(corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in corners)
