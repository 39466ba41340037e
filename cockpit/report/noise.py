"""A table from elsewhere, held against a noise floor: which keeps may be luck."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cockpit.metric import Metric

WITHIN = 2.0
"""A keep that gained fewer standard deviations than this lies inside the noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table: `value` is None where none was measured; `odd` says what is amiss."""

    value: float | None
    kept: bool
    status: str
    what: str
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A row beside the keep before it: `delta` as measured, `sigmas` in units of the noise floor.

    `inside` says of a keep that its gain lies inside two standard deviations.
    """

    number: int
    line: Line
    delta: float | None
    sigmas: float | None
    inside: bool


def weigh(lines: Iterable[Line], metric: Metric, sigma: float | None) -> list[Weighed]:
    """Return every row with its distance from the keep before it.

    Args:
        lines: the rows in order; the first that was kept is the baseline.
        metric: which way is better.
        sigma: the standard deviation of repeated runs of one file, in the metric's unit.
    """
    weighed: list[Weighed] = []
    best: float | None = None
    for number, line in enumerate(lines):
        delta = None if line.value is None or best is None else line.value - best
        sigmas = None if delta is None or sigma is None else delta / sigma
        kept = line.kept and line.value is not None
        inside = False
        if kept and best is not None and sigma is not None and line.value is not None:
            inside = metric.gain(line.value, over=best) < WITHIN * sigma
        weighed.append(Weighed(number=number, line=line, delta=delta, sigmas=sigmas, inside=inside))
        best = line.value if kept else best
    return weighed


def noise_text(weighed: Sequence[Weighed], metric: Metric, sigma: float | None) -> str:
    """Return the table and one line of summary."""
    lines = [f"{'#':>4}  {metric.name:>9}  {'delta':>9}  {'sigma':>6}  {'status':<8}  what"]
    for row in weighed:
        sigmas = "" if row.sigmas is None else f"{row.sigmas:+.1f}"
        said = (*(["inside the noise"] if row.inside else []), *row.line.odd)
        mark = f"  ({'; '.join(said)})" if said else ""
        lines.append(
            f"{row.number:>4}  {metric.format(row.line.value):>9}"
            f"  {metric.format_delta(row.delta):>9}  {sigmas:>6}  {row.line.status:<8}"
            f"  {' '.join(row.line.what.split())}{mark}"
        )
    return "\n".join([*lines, "", noise_summary(weighed, metric, sigma)]) + "\n"


def noise_summary(weighed: Sequence[Weighed], metric: Metric, sigma: float | None) -> str:
    """Return how many keeps lie inside the noise, in a sentence; the baseline is no keep."""
    keeps = [row for row in weighed if row.line.kept and row.delta is not None]
    if sigma is None:
        return f"{len(keeps)} keeps; how many lie inside the noise is told with --noise SIGMA"
    inside = sum(row.inside for row in keeps)
    gains = [metric.gain(row.delta, over=0.0) for row in keeps if row.delta is not None]
    # What was kept is a difference of two runs, each with its own noise.
    errors = sum(gain < WITHIN * sigma * math.sqrt(2) for gain in gains)
    return (
        f"{inside} of {len(keeps)} keeps lie inside two standard deviations of {sigma:g}; "
        f"{errors} inside two standard errors of a difference of single runs"
    )
