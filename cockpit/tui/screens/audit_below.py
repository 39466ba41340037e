"""What stands below the answers: the staircase, the kept commits with a diff, the two tunes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.content import Content

from cockpit.engine.rows import Row
from cockpit.metric import Direction, Metric
from cockpit.report.chart import BAND, Staircase
from cockpit.report.keeps import Keep
from cockpit.tui import ink
from cockpit.tui.drawn import numbered_diff, split_diff
from cockpit.tui.ink import DIM
from cockpit.tui.morning import Morning
from cockpit.tui.panes.diff import WIDE
from cockpit.tui.plot import Curve, draw
from cockpit.tui.screens.audit_answers import LOOK

FAR = 2.0
"""A value worse than the first by more than this share of the whole gain is drawn at the edge."""
APART = 6
"""Dots that the noise band must be high to be drawn: a lower one would only thicken the line."""
LANED = 90
"""Columns from which a keep's line says who proposed it."""
LEGEND = 52
"""Columns from which the legend of the staircase says which way is better."""
LESSONS = 8
"""Lessons that are shown."""
SECTIONS = {"wins": "$keep", "dead ends": "$muted", "crashes": "$crash", "open ideas": "$primary"}
TUNE = 16
"""Lines of a tune that are shown."""


def heading(words: str, hint: str = "") -> Content:
    """Return the title of a part of the page."""
    return ink.ink((words, "bold $primary"), (f"   {hint}" if hint else "", DIM))


# --- the staircase -------------------------------------------------------------------------------


def stairs_lines(
    stairs: Staircase, width: int, height: int, *, ascii_only: bool = False
) -> list[Content]:
    """Return value against trial: the best so far as a staircase, its noise band, every trial."""
    if len(stairs.points) < 2 or height < 5:
        return [ink.ink(("two values make a staircase", DIM))]
    metric = stairs.metric
    low, high = _range(stairs)
    first, last = stairs.points[0].trial, max(point.trial for point in stairs.points)
    points = [(float(p.trial), p.value) for p in stairs.points if p.word not in ("keep", "simpler")]
    gutter = len(metric.format(high)) + 1
    dots = 2 * BAND * (stairs.sigma or 0.0) / (high - low) * 4 * (height - 2)
    band = _band(stairs, last) if dots >= APART else []
    canvas = draw(
        [
            *(Curve(points=edge, style="$rule") for edge in band),
            Curve(points=points, style="$ghost", joined=False),
            Curve(points=_corners(stairs, last, 0.0), style="$keep"),
        ],
        width=width - gutter,
        height=height - 2,
        x_range=(float(first), float(max(last, first + 1))),
        y_range=(low, high),
    )
    rows = ink.rows_of(canvas.rows(ascii_only=ascii_only))
    labels = {0: high, (height - 3) // 2: (high + low) / 2, height - 3: low}
    chart = [
        ink.ink((f"{metric.format(labels[y]) if y in labels else '':>{gutter - 1}} ", DIM), row)
        for y, row in enumerate(rows)
    ]
    return [*chart, _axis(first, last, gutter, width), _legend(stairs, gutter, width)]


def _range(stairs: Staircase) -> tuple[float, float]:
    """Return the lowest and the highest value shown; what is far worse lies at the edge."""
    kept = [value for _, value in stairs.steps] or [p.value for p in stairs.points]
    reach = abs(kept[0] - kept[-1]) or abs(kept[0]) * 0.01 or 1.0
    near = [p.value for p in stairs.points if abs(p.value - kept[-1]) <= (1 + FAR) * reach]
    low, high = min([*near, *kept]), max([*near, *kept])
    pad = max(BAND * (stairs.sigma or 0.0), (high - low) * 0.02, 1e-9)
    return low - pad, high + pad


def _corners(stairs: Staircase, last: int, shift: float) -> list[tuple[float, float]]:
    corners: list[tuple[float, float]] = []
    for at, (trial, value) in enumerate(stairs.steps):
        until = stairs.steps[at + 1][0] if at + 1 < len(stairs.steps) else last
        corners += [(float(trial), value + shift), (float(until), value + shift)]
    return corners


def _band(stairs: Staircase, last: int) -> list[list[tuple[float, float]]]:
    if not stairs.sigma or not stairs.steps:
        return []
    around = BAND * stairs.sigma
    return [_corners(stairs, last, around), _corners(stairs, last, -around)]


def _axis(first: int, last: int, gutter: int, width: int) -> Content:
    room, middle = width - gutter, f"#{(first + last) // 2}"
    left, right = f"#{first}", f"#{last}"
    gap = max(1, room - len(left) - len(right) - len(middle))
    line = f"{left}{' ' * (gap // 2)}{middle}{' ' * (gap - gap // 2)}{right}"
    return ink.ink((" " * gutter + line, DIM))


def _legend(stairs: Staircase, gutter: int, width: int) -> Content:
    way = "less" if stairs.metric.direction is Direction.MINIMIZE else "more"
    around = stairs.metric.format(BAND * stairs.sigma) if stairs.sigma else ""
    roomy = width - gutter >= LEGEND
    better, gap = (f", {way} is better", "   ") if roomy else ("", " ")
    return ink.ink(
        (" " * gutter, ""),
        ("━", "$keep"),
        (f" best{better}{gap}", DIM),
        ("·", "$ghost"),
        (f" trial{gap}", DIM),
        ("━" if around else "", "$rule"),
        (f" noise ±{around}" if around else "", DIM),
    )


# --- the keeps -----------------------------------------------------------------------------------


def keep_head(metric: Metric, width: int) -> Content:
    """Return the names of the columns of `keep_line`."""
    lane = f"{'by':<8}" if width >= LANED else ""
    gain = f"{'gain':>{metric.decimals + 4}}"
    return ink.ink((f"      # {'is':<13} {'value':>8} {gain} {'σ':>7}  {lane}what", DIM))


def keep_line(keep: Keep, morning: Morning, width: int, *, chosen: bool, best: bool) -> Content:
    """Return one kept trial as a line; the selected one stands out."""
    metric = morning.audit.metric
    glyph, style = _look(keep)
    gain = "" if keep.gain is None else f"{keep.gain:+.{metric.decimals}f}"
    sigmas = "" if keep.sigmas is None else f"{keep.sigmas:+.1f}"
    new = " new" if morning.new(keep) else ""
    lane = f"{keep.lane or '':<8}" if width >= LANED else ""
    number = f"#{keep.trial}"
    head = ink.ink(
        ("▸ " if chosen else "  ", "bold $primary"),
        (f"{number:>5} ", "bold"),
        (f"{glyph} {keep.standing:<11} ", style),
        f"{metric.format(keep.value):>8}",
        (f" {gain:>{metric.decimals + 4}}", "$keep" if (keep.gain or 0) > 0 else DIM),
        (f" {sigmas:>7}  ", DIM),
        (lane, "$secondary"),
    )
    tail = ink.ink((new, "bold $accent"), (" best" if best else "", "bold $keep"))
    room = max(4, width - head.cell_length - tail.cell_length)
    what = Content(keep.summary or keep.hypothesis).truncate(room, ellipsis=True, pad=True)
    line = head + what + tail
    return line.stylize_before("on $cursor") if chosen else line


def keep_body(keep: Keep, row: Row | None, morning: Morning, width: int) -> list[Content]:
    """Return what stands under the selected keep: why it is what it is, whose it is, its diff."""
    metric = morning.audit.metric
    indent = " " * 8
    lines = [
        ink.ink((indent, ""), (text, "italic"))
        for text in textwrap.wrap(keep.hypothesis, max(20, width - 10))
        if keep.hypothesis != keep.summary
    ]
    style = _look(keep)[1]
    lines += [
        ink.ink((indent, ""), (text, style))
        for text in textwrap.wrap(keep.why, max(20, width - 10))
    ]
    facts = [
        f"{keep.lane or ''} {keep.model}".strip(),
        f"commit {keep.commit[:10]}" if keep.commit else "",
        f"{ink.clock(keep.at)}",
        f"audit split {metric.format(keep.audit)}" if keep.audit is not None else "",
    ]
    lines.append(ink.ink((indent + " · ".join(fact for fact in facts if fact), DIM)))
    if row is None or not row.diff:
        return [*lines, ink.ink((f"{indent}no diff was recorded", DIM)), Content("")]
    draw_ = split_diff if width >= WIDE else numbered_diff
    return [*lines, *draw_(row.diff, width), Content("")]


def _look(keep: Keep) -> tuple[str, str]:
    """Return glyph and style of a keep's standing."""
    simpler = keep.word == "simpler" and keep.standing == "real"
    return ("◆", "$simpler") if simpler else LOOK[keep.standing]


# --- the tunes -----------------------------------------------------------------------------------


def tune_lines(first: str, best: str, width: int) -> list[Content]:
    """Return the first tune beside the best one, each cut to its half."""
    half = (width - 3) // 2
    left, right = _tune("baseline", first, half), _tune("best", best, half)
    rows = max(len(left), len(right))
    blank: Sequence[Content] = [Content(" " * half)] * rows
    pairs = zip([*left, *blank][:rows], [*right, *blank][:rows], strict=True)
    return [a + ink.ink((" │ ", "$rule")) + b for a, b in pairs]


def lesson_lines(morning: Morning, width: int) -> list[Content]:
    """Return the newest lessons, one line each."""
    lines = [
        ink.ink(
            (f"{f'#{lesson.trial}':>6} ", "bold"),
            (f"{lesson.section:<11}", SECTIONS[lesson.section]),
            Content(lesson.text).truncate(max(8, width - 18), ellipsis=True),
        )
        for lesson in morning.lessons[:LESSONS]
    ]
    more = len(morning.lessons) - LESSONS
    return (
        [*lines, ink.ink((f"       and {more} more in learnings.md", DIM))] if more > 0 else lines
    )


def _tune(name: str, text: str, width: int) -> list[Content]:
    lines = text.strip().splitlines()[:TUNE] or ["none yet"]
    head = ink.ink((name, DIM)).truncate(width, pad=True)
    return [head, *(Content(line).truncate(width, ellipsis=True, pad=True) for line in lines)]
