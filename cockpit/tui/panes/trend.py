"""The trend, on wide screens: every value, the best so far as a staircase, the noise band."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.plot import Curve, draw

BAND = 2.0
"""Half-width of the band around the best, in sigmas."""


class TrendPane(Lines, can_focus=False):
    """Value against trial number."""

    BORDER_TITLE = "Trend"

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the chart and what its marks mean."""
        view, metric = self.view, self.view.board.metric
        points = [(float(n), r.value) for n, r in view.board.rows.items() if r.value is not None]
        name_border(self, view, "Trend", f"{metric.name} by trial")
        if len(points) < 2 or height < 4:
            return [ink.ink(("two values make a trend", DIM))]
        stairs = self._stairs()
        values = sorted(v for _, v in points)
        low, high = values[0], values[min(len(values) - 1, int(len(values) * 0.9))]
        high = max([high, *(v for _, v in stairs)])
        last = max(x for x, _ in points)
        curves = [
            *self._band(last),
            Curve(points=points, style="$ghost", joined=False),
            Curve(points=[*stairs, (last, stairs[-1][1])] if stairs else [], style="$keep"),
        ]
        gutter = metric.decimals + 4
        canvas = draw(
            curves,
            width=width - gutter,
            height=height - 1,
            x_range=(0.0, max(last, 1.0)),
            y_range=(low, high),
        )
        lines = ink.rows_of(canvas.rows(ascii_only=view.ascii_only))
        labels = {0: metric.format(high), height - 2: metric.format(low)}
        chart = [
            ink.ink((f"{labels.get(y, ''):>{gutter - 1}} ", DIM), line)
            for y, line in enumerate(lines)
        ]
        sigma = self.view.board.sigma
        noise = f"   noise ±{sigma:.{metric.decimals}f}" if sigma else ""
        legend = ink.ink(
            (" " * gutter, ""),
            ("━", "$keep"),
            (" best ", DIM),
            ("·", "$ghost"),
            (f" trial{noise}", DIM),
        )
        return [*chart, legend]

    def _stairs(self) -> list[tuple[float, float]]:
        """Return the corners of the best value so far."""
        corners: list[tuple[float, float]] = []
        for number, row in self.view.board.rows.items():
            if row.value is None or not (row.kind == "baseline" or row.word in ("keep", "simpler")):
                continue
            if corners:
                corners.append((float(number), corners[-1][1]))
            corners.append((float(number), row.value))
        return corners

    def _band(self, last: float) -> list[Curve]:
        best, sigma = self.view.best, self.view.board.sigma
        if best is None or not sigma:
            return []
        edges = (best - BAND * sigma, best + BAND * sigma)
        return [Curve(points=[(0.0, y), (last, y)], style="$rule") for y in edges]
