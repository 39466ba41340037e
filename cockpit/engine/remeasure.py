"""The morning number: best against baseline, run again in pairs with fresh seeds."""

from __future__ import annotations

import math
from statistics import fmean, stdev

from cockpit import events as ev
from cockpit.engine.desk import Desk
from cockpit.engine.measure import execute, order_of
from cockpit.trial import Completed, Stopped

T_95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
"""Two-sided 95 % quantile of Student's t by degrees of freedom."""


def remeasure(desk: Desk) -> None:
    """Run the plan's pairs and record the gain; nothing to do while the baseline is the best."""
    best = desk.board.incumbent
    if not best or desk.plan.remeasure_pairs <= 0:
        return
    texts = {0: desk.workspace.text_of(0), best: desk.workspace.text_of(best)}
    values: dict[int, list[float]] = {0: [], best: []}
    for pair in range(desk.plan.remeasure_pairs):
        for of in (0, best) if pair % 2 == 0 else (best, 0):
            why = f"best against baseline, pair {pair + 1} of {desk.plan.remeasure_pairs}"
            result = execute(desk, order_of(desk, best, "repeat", texts[of]), of=of, why=why)
            if isinstance(result, Stopped):
                return
            value = None
            if isinstance(result, Completed):
                value = result.value(desk.board.metric.name)
            if value is None:
                words = f"best against baseline could not be run again (#{of})"
                desk.notice("warning", "re-measure", words)
                return
            values[of].append(value)
    gains = [
        desk.board.metric.gain(b, over=a) for a, b in zip(values[0], values[best], strict=True)
    ]
    desk.emit(
        ev.BestRemeasured(
            best=best,
            baseline_values=tuple(values[0]),
            best_values=tuple(values[best]),
            gain=fmean(gains),
            half_width=half_width(gains),
        )
    )


def half_width(gains: list[float]) -> float | None:
    """Return half the 95 % interval of the mean of paired gains; None for a single pair."""
    if len(gains) < 2:
        return None
    quantile = T_95.get(len(gains) - 1, 2.0)
    return quantile * stdev(gains) / math.sqrt(len(gains))
