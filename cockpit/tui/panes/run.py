"""Pane 4, Run: countdown, where the trial stands, the loss curve over the best one's, the log."""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Sequence
from typing import get_args

from textual.content import Content

from cockpit import events as ev
from cockpit.engine.exam import exam_cost
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.panes.guide import TOLD, guide_lines, guiding
from cockpit.tui.plot import Curve, bounds, draw
from cockpit.tui.strip import NOTICE_STYLE, by_rank

STRIP: tuple[ev.Stage, ...] = ("propose", "stage", "dry run", "train", "examine", "judge")
QUIET = 15.0
"""Seconds without a step after which the last one is no longer shown as live."""
LOG = 2
"""Log lines shown at least, where there is room for the curve as well."""
GUIDE = 10
"""Lines that the guide needs to say what matters."""
CURVE = 5
"""Lines that the baseline's curve needs below the guide, one of them blank."""
assert set(STRIP) <= set(get_args(ev.Stage))


class RunPane(Lines):
    """What is going on this second."""

    BORDER_TITLE = "4 Run"

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return clock, strip, numbers, curve and log, as far as they fit."""
        self._titles()
        lines = [self._clock(width), self._stages(width)]
        if self.view.board.phase == "rehearsal":
            lines.append(self._rehearsal())
        elif numbers := self._numbers(width):
            lines.append(numbers)
        if guiding(self.view):
            lines += self._first_minute(width, height - len(lines))
        else:
            lines += self._under_way(width, height - len(lines))
        return [*lines, *self._log(height - len(lines))]

    def _under_way(self, width: int, room: int) -> list[Content]:
        """Return the curve, then the notices."""
        lines: list[Content] = []
        if len(self.view.live.steps) > 1 and room >= 3:
            log = max(LOG, room // 4) if room >= 3 + LOG else 0
            lines += self._curve(width, room - log)
        return [*lines, *self._notices(width)][:room]

    def _first_minute(self, width: int, room: int) -> list[Content]:
        """Return the guide, then the baseline's curve, then the notices that it leaves out."""
        clock = self.view.live.clock
        curve = CURVE if clock is not None and clock.role != "dry run" else 0
        if room < GUIDE + curve:
            curve = 0
        lines = guide_lines(self.view, width, room - curve)
        if curve:
            lines += [Content(""), *self._curve(width, room - len(lines) - 1)]
        return [*lines, *self._notices(width, without=TOLD)][:room]

    def _titles(self) -> None:
        row = self.view.open
        title = f"4 Run · #{ink.number(row.number)}" if row else "4 Run"
        clock = self.view.live.clock
        told: list[str] = [clock.role] if clock else []
        if row and (cost := ink.examined(exam_cost(row.runs))):
            told.append(f"examined in {cost}")
        name_border(self, self.view, self.view.titled("run", title), " · ".join(told))

    def _clock(self, width: int) -> Content:
        left, live = self.view.remaining, self.view.live
        if left is None:
            return self._no_clock(width)
        clock = live.clock
        budget = clock.budget if clock else self.view.budget
        words = ink.ink((ink.span(left), "bold $accent"), (f" left of {ink.span(budget)}   ", DIM))
        share = 1 - left / budget if budget else 0.0
        return words + ink.bar(share, width - words.cell_length, "$accent", full="━", empty="─")

    def _no_clock(self, width: int) -> Content:
        view = self.view
        progress = view.live.progress
        if progress is not None:
            words = ink.ink((f"{progress.text}   ", "bold"))
            if progress.done is None:
                return words
            return words + ink.bar(
                progress.done, width - words.cell_length, "$primary", full="━", empty="─"
            )
        if view.board.released:
            return ink.ink(("the GPU is yours", "bold $warning"), ("   P goes on", DIM))
        if view.board.paused:
            return ink.ink(("paused", "bold $warning"), ("   p goes on", DIM))
        if view.live.waiting is not None:
            return ink.ink(("waiting for ", DIM), (view.live.waiting.text, "$warning"))
        row = view.open
        if row is None:
            return ink.ink(("nothing runs", DIM))
        if view.live.stage in ("train", "dry run"):
            return ink.ink(("loading torch", "bold"), ("   the clock has not started", DIM))
        since = view.clock.now() - row.started_at
        return ink.ink((view.live.stage, "bold"), (f"   for {ink.span(since)}", DIM))

    def _stages(self, width: int) -> Content:
        now = self.view.live.stage
        parts: list[str | tuple[str, str] | Content] = []
        for name in STRIP:
            if parts:
                parts.append((" › " if width >= 56 else "›", "$rule"))
            current = name == now or (name == "stage" and now == "review")
            word = now if current else name
            parts.append(
                (word.upper() if word == "train" else word, "bold $accent" if current else DIM)
            )
        line = ink.ink(*parts)
        deadline = ink.clock(self.view.deadline, seconds=True)
        tail = f"   judge at {deadline}" if deadline and now == "train" else ""
        return line + ink.ink((tail, DIM)) if line.cell_length + len(tail) <= width else line

    def _rehearsal(self) -> Content:
        tally = self.view.board.rehearsal
        of = self.view.board.rehearsal.needed
        return ink.ink(
            (f"rehearsal {tally.through} of {of} through", "bold $primary"),
            (f", {tally.repaired} repaired   {tally.text}", DIM),
        )

    def _numbers(self, width: int) -> Content | None:
        steps = self.view.live.steps
        if not steps:
            return None
        last = steps[-1]
        line = ink.ink(("step ", DIM), f"{last.step:,}", ("   loss ", DIM), f"{last.loss:.3f}")
        if last.tokens_per_second is not None:
            line += ink.ink(("   tok/s ", DIM), ink.count(last.tokens_per_second))
        age = self._age(last)
        if age > QUIET:
            return ink.ink((f"{line.plain}   stale {ink.span(age)}", DIM))
        against = self._against(last)
        if against is None:
            return line
        style = "$keep" if against < 0 else "$noise"
        tail = ink.ink(("   vs best at this step ", DIM), (ink.signed(against, 3), style))
        return line + tail if line.cell_length + tail.cell_length <= width else line

    def _age(self, last: ev.StepLogged) -> float:
        """Return how many seconds of the budget have passed since the last step was logged."""
        left, clock = self.view.remaining, self.view.live.clock
        return 0.0 if left is None or clock is None else clock.budget - left - last.elapsed

    def _against(self, last: ev.StepLogged) -> float | None:
        """Return the loss minus the best trial's at the same step."""
        ghost = self.view.ghost
        if self.view.open is None or self.view.open.number == self.view.board.incumbent:
            return None
        at = bisect_right(ghost, last.step, key=lambda s: s.step) - 1
        return last.loss - ghost[at].loss if at >= 0 else None

    def _curve(self, width: int, height: int) -> list[Content]:
        live = self.view.live
        now = Curve(points=[(s.elapsed, s.loss) for s in live.steps], style="$accent")
        ghost = Curve(points=[(s.elapsed, s.loss) for s in self.view.ghost], style="$ghost")
        curves = [c for c in (ghost, now) if c.points]
        known = bounds(curves, trim=0.05)
        if known is None:
            return []
        low, high = known
        gutter = 7
        canvas = draw(
            curves,
            width=width - gutter,
            height=height,
            x_range=(0.0, self.view.budget),
            y_range=(low, high),
        )
        lines = ink.rows_of(canvas.rows(ascii_only=self.view.ascii_only))
        labels = {0: f"{high:6.2f} ", height - 1: f"{low:6.2f} "}
        return [ink.ink((labels.get(y, " " * gutter), DIM), line) for y, line in enumerate(lines)]

    def _notices(self, width: int, without: Sequence[str] = ()) -> list[Content]:
        """Return every notice in full, the most pressing first; the header has room for one."""
        lines: list[Content] = []
        for said in by_rank(self.view):
            if said.topic in without:
                continue
            wrapped = textwrap.wrap(said.text, max(width, 12), subsequent_indent="  ")
            lines += [ink.ink((line, NOTICE_STYLE[said.level])) for line in wrapped]
        return lines

    def _log(self, room: int) -> list[Content]:
        if room <= 0:
            return []
        return [ink.ink((line.rstrip(), DIM)) for line in list(self.view.live.lines)[-room:]]
