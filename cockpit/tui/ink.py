"""How facts are written on screen: words, numbers, glyphs and their styles. Pure functions.

A style is a Textual style string whose `$names` the theme defines, so that a change of theme
needs no code here. Every glyph is one cell wide and has an ASCII stand-in.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual.content import Content, Span

from cockpit.engine.exam import ExamCost
from cockpit.engine.rows import Row

DIM = "$muted"
PLAIN = {
    "·": "-",
    "…": ".",
    "›": ">",
    "▸": ">",
    "●": "@",
    "○": "o",
    "▲": "^",
    "◆": "*",
    "≈": "~",
    "▽": "v",
    "✗": "x",
    "■": "#",
    "━": "=",
    "─": "-",
    "│": "|",
    "█": "#",
    "░": ".",
    "▌": "|",
    "σ": "z",
    "Δ": "d",
    "°": " ",
    "±": "+",
    "→": ">",
    "↑": "^",
    "↓": "v",
    "•": "*",
    "×": "x",
    "⏎": "<",
    "–": "-",
    "—": "-",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}
_TABLE = str.maketrans(PLAIN)


def to_ascii(content: Content) -> Content:
    """Replace every glyph by an ASCII one of the same width."""
    plain = content.plain.translate(_TABLE).encode("ascii", "replace").decode("ascii")
    return Content(plain, spans=list(content.spans))


def ink(*parts: str | tuple[str, str] | Content) -> Content:
    """Join texts, (text, style) pairs and contents into one line."""
    return Content.assemble(*parts)


def rows_of(runs: Iterable[Iterable[tuple[str, str]]]) -> list[Content]:
    """Turn lines of (text, style) runs into contents."""
    lines = []
    for line in runs:
        text, spans = "", []
        for part, style in line:
            if style:
                spans.append(Span(len(text), len(text) + len(part), style))
            text += part
        lines.append(Content(text, spans=spans))
    return lines


# --- numbers -------------------------------------------------------------------------------------


def span(seconds: float | None) -> str:
    """Render a span as m:ss, above an hour as h:mm:ss; never below zero."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def examined(cost: ExamCost | None) -> str:
    """Render what examinations cost: seconds a run, and their share of the budget."""
    return f"{cost.mean:.1f} s a run, {cost.share:.1%} of the budget" if cost else ""


def rough(seconds: float) -> str:
    """Render a span in its largest unit, for plans rather than clocks."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def clock(at: float | None, *, seconds: bool = False) -> str:
    """Render Unix time as the local time of day."""
    if at is None:
        return ""
    return time.strftime("%H:%M:%S" if seconds else "%H:%M", time.localtime(at))


def count(value: float | None) -> str:
    """Render a count in at most five cells: 812, 35.1k, 2.4M."""
    if value is None:
        return ""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            scaled = value / limit
            return f"{scaled:.0f}{unit}" if scaled >= 100 else f"{scaled:.1f}{unit}"
    return f"{value:.0f}"


def gib(size: float | None) -> str:
    """Render bytes in GiB, below one in MiB with its unit."""
    if size is None:
        return ""
    return f"{size / 2**30:.1f}" if size >= 2**30 else f"{size / 2**20:.0f}M"


def size(bytes_: float | None) -> str:
    """Render bytes with their unit."""
    if bytes_ is None:
        return ""
    return f"{bytes_ / 2**30:.1f} GiB" if bytes_ >= 2**30 else f"{bytes_ / 2**20:.0f} MiB"


def signed(value: float | None, decimals: int = 1) -> str:
    """Render a number with its sign; missing is empty."""
    return "" if value is None else f"{value:+.{decimals}f}"


def bar(share: float, width: int, style: str, *, full: str = "█", empty: str = "░") -> Content:
    """Draw a bar of `width` cells, `share` of them full."""
    filled = round(min(1.0, max(0.0, share)) * width)
    return ink((full * filled, style), (empty * (width - filled), "$rule"))


# --- verdicts --------------------------------------------------------------------------------

NOISE = 2.0
"""Discards within this many sigmas of the best are marked as lying in the noise."""


def verdict(row: Row) -> tuple[str, str, str]:
    """Return glyph, word and style of how a trial stands; the words are those of the judge."""
    if row.state == "abandoned":
        return "○", "abandoned", "$muted"
    match row.word:
        case None:
            if row.kind == "rehearsal" and row.state == "settled":
                return "■", "rehearsed", "$muted"
            return "●", _underway(row), "$running"
        case _ if row.kind == "baseline":
            return "■", "baseline", "$foreground"
        case _ if row.refused is not None:
            return "×", "refused", "$muted"
        case "keep" | "simpler" as word if row.provisional:
            return "?", "KEEP" if word == "keep" else word, "$warning"
        case "keep":
            return "▲", "KEEP", "$keep"
        case "simpler":
            return "◆", "simpler", "$simpler"
        case "crash":
            return "✗", "crash", "$crash"
        case "discard":
            if row.sigmas is not None and abs(row.sigmas) < NOISE:
                return "≈", "discard", "$noise"
            return "▽", "discard", "$discard"


def _underway(row: Row) -> str:
    """Say how far a trial without a verdict is; an accepted one waits for the run before it."""
    if row.in_review:
        return "in review"
    waits = row.decision not in (None, "refused") and all(run.role == "dry run" for run in row.runs)
    return "accepted" if waits else "running"


def what(row: Row) -> str:
    """Say what a trial tried, in one line."""
    if row.kind == "baseline":
        return row.summary or "the unedited train.py"
    if row.word == "crash" or row.state == "abandoned":
        return " · ".join(t for t in (row.reason, row.summary or row.hypothesis) if t)
    return row.hypothesis or row.summary or row.reason


def author(row: Row) -> str:
    """Say who proposed a trial: lane, and the tier of a model."""
    lane = row.lane or ""
    return f"{lane}·{row.tier}" if row.tier else lane


def number(trial: int) -> str:
    """Render a trial number; rehearsals count r1, r2."""
    return f"r{-trial}" if trial < 0 else str(trial)
