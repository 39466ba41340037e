"""The columns of the ledger: what each shows of a row, and from which width on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.content import Content

from cockpit.engine.rows import Row
from cockpit.metric import Metric
from cockpit.tui import ink
from cockpit.tui.ink import DIM

Cell = Callable[[Row, Metric], tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `width` cells, 0 for the rest of the line; shown from `above` cells on."""

    title: str
    width: int
    cell: Cell
    right: bool = False
    above: int = 0


def _delta_style(row: Row) -> str:
    return ink.verdict(row)[2]


def _verdict(row: Row, _metric: Metric) -> tuple[str, str]:
    glyph, word, style = ink.verdict(row)
    return f"{glyph} {word}", f"bold {style}"


COLUMNS: tuple[Column, ...] = (
    Column(title="#", width=5, right=True, cell=lambda r, _: (ink.number(r.number), "")),
    Column(title="when", width=5, above=90, cell=lambda r, _: (ink.clock(r.started_at), DIM)),
    Column(title="value", width=8, right=True, cell=lambda r, m: (m.format(r.value), "")),
    Column(
        title="Δ", width=8, right=True, cell=lambda r, m: (m.format_delta(r.delta), _delta_style(r))
    ),
    Column(
        title="σ", width=6, right=True, cell=lambda r, _: (ink.signed(r.sigmas), _delta_style(r))
    ),
    Column(title="verdict", width=11, cell=_verdict),
    Column(title="lane", width=8, above=90, cell=lambda r, _: (ink.author(r), "")),
    Column(title="model", width=20, above=180, cell=lambda r, _: (r.model, DIM)),
    Column(
        title="runs",
        width=4,
        right=True,
        above=140,
        cell=lambda r, _: (str(len(_scored(r)) or ""), DIM),
    ),
    Column(
        title="s",
        width=5,
        right=True,
        above=100,
        cell=lambda r, _: (f"{r.seconds:.0f}" if r.seconds else "", DIM),
    ),
    Column(title="mem", width=5, right=True, above=100, cell=lambda r, _: (ink.gib(r.memory), DIM)),
    Column(title="commit", width=7, above=140, cell=lambda r, _: (r.commit[:7], DIM)),
    Column(title="what", width=0, cell=lambda r, _: (ink.what(r), "")),
)


def _scored(row: Row) -> list[int]:
    return [run.run for run in row.runs if run.role != "dry run" and run.of == row.number]


def fitting(width: int) -> tuple[Column, ...]:
    """Return the columns that a line of `width` cells shows."""
    return tuple(c for c in COLUMNS if width >= c.above)


def heading(columns: tuple[Column, ...], width: int, metric: Metric) -> Content:
    """Return the line of titles; the value column is named by the metric."""
    titles = [(metric.name if c.title == "value" else c.title, DIM) for c in columns]
    return _line(columns, titles, width)


def cells(columns: tuple[Column, ...], row: Row, width: int, metric: Metric) -> Content:
    """Return the line of a row."""
    return _line(columns, [c.cell(row, metric) for c in columns], width)


def _line(columns: tuple[Column, ...], texts: list[tuple[str, str]], width: int) -> Content:
    parts: list[tuple[str, str] | str] = []
    used = 0
    for column, (text, style) in zip(columns, texts, strict=True):
        room = column.width or max(0, width - used)
        shown = text if len(text) <= room else f"{text[: max(0, room - 1)]}…"
        padded = f"{shown:>{room}}" if column.right else f"{shown:<{room}}"
        parts += ["  " if parts else "", (padded, style)]
        used += room + 2
    return Content.assemble(*parts)
