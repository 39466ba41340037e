"""Where the constants of a file end: values beyond which a run does not survive.

A boundary is learned from one change of one number and nothing else that crashed, ran out of
memory or came too late, on a machine that nobody else used. Values at or beyond that one are not
offered again, in the direction it was moved, and in no other. Of whole numbers the next one inside
is; of others the nearer half of the way, since what lies just inside a crash mostly crashes too.

A boundary of memory or time holds while no other whole number has become smaller, and no switch or
word has changed; rates move neither. That of another crash holds while no other constant has
changed at all. Both end with a kept change of code, and with a run that came through beyond them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cockpit.agents.space import is_number, same
from cockpit.constraints import Constraints
from cockpit.ports import Brief, PastTrial
from cockpit.source.constants import render, values
from cockpit.source.stage import stage
from cockpit.trial import Constant, Proposal, Rejected

_CHANGE: Final = re.compile(r"([A-Z][A-Z0-9_]*) (\S+) -> (\S+)")
"""The summary of a candidate in which one constant differs from its base, and nothing else."""
_CODE: Final = re.compile(r"\+\d+ -\d+ lines")
_MEMORY: Final = re.compile(r"out of memory|OutOfMemory|\[constraints\] memory")
_SIZE: Final = re.compile(r"\[constraints\] parameters")
_KEPT: Final = ("keep", "simpler")
_LATE: Final = re.compile(r"handed nothing over within|handed over after the budget")


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """The constant `name` may not go to `at` or beyond; `above` says on which side that is.

    `start` is the nearest value that is known to be sound, `trial` the one that found out, `how` it
    ended.
    """

    name: str
    start: float
    at: float
    trial: int
    how: str

    @property
    def above(self) -> bool:
        """Say whether what lies above is barred, and not what lies below."""
        return self.at > self.start

    @property
    def last(self) -> float:
        """The last value that may be offered."""
        if isinstance(self.at, int):
            return self.at - 1 if self.above else self.at + 1
        both = self.start * self.at
        middle = math.copysign(math.sqrt(both), self.at) if both > 0 else (self.start + self.at) / 2
        short = float(f"{middle:.2g}")
        return short if min(self.start, self.at) < short < max(self.start, self.at) else middle

    def bars(self, value: Constant) -> bool:
        """Say whether a value lies at the boundary or beyond."""
        return is_number(value) and (value >= self.at if self.above else value <= self.at)

    def survived(self, through: Mapping[str, tuple[float, float]]) -> bool:
        """Say whether a run came through at it or beyond; `through` has each number's extremes."""
        return self.name in through and any(map(self.bars, through[self.name]))

    def closer(self, sound: tuple[Constant, ...]) -> Boundary:
        """Return it with the start moved up to the nearest of some sound values."""
        known = (self.start, *filter(is_number, sound))
        return replace(self, start=max(known) if self.above else min(known))

    def sentence(self) -> str:
        """Return it as an agent is told it."""
        way = "up" if self.above else "down"
        return f"{self.name} from {render(self.at)} {way} {self.how} (#{self.trial})"


def boundaries(brief: Brief) -> tuple[Boundary, ...]:
    """Return the boundaries that hold for the file of a brief, the tightest of each side."""
    now = values(brief.text)
    rows = [row for row in brief.history if row.comparable]
    through = _through(rows)
    coded = [n for n, row in enumerate(rows) if row.word in _KEPT and _CODE.match(row.summary)]
    tightest: dict[tuple[str, bool], Boundary] = {}
    for row in rows[coded[-1] + 1 if coded else 0 :]:
        for found, constants in _falls(row):
            if not _holds(found, constants, now) or found.survived(through):
                continue
            found = found.closer((now[found.name], *through.get(found.name, ())))
            key = (found.name, found.above)
            known = tightest.get(key)
            if known is None or known.bars(found.at) is False:
                tightest[key] = found
    return tuple(tightest.values())


def within(brief: Brief) -> Constraints:
    """Return the human's constraints, with the ranges cut at the boundaries."""
    ranges = dict(brief.constraints.ranges)
    for found in boundaries(brief):
        low, high = ranges.get(found.name, (-math.inf, math.inf))
        cut = (low, min(high, found.last)) if found.above else (max(low, found.last), high)
        ranges[found.name] = cut if cut[0] <= cut[1] else (low, high)
    return replace(brief.constraints, ranges=ranges)


def crossed(brief: Brief, summary: str, constants: Mapping[str, Constant]) -> Boundary | None:
    """Return the boundary that a candidate lies beyond, if it changes that one constant alone.

    With more changed, as a smaller batch beside a deeper model, nothing is known of it yet.
    """
    change = _CHANGE.fullmatch(summary)
    if change is None or change[1] not in constants:
        return None
    ends = (found for found in boundaries(brief) if found.name == change[1])
    return next((found for found in ends if found.bars(constants[found.name])), None)


def held(brief: Brief, made: Proposal) -> Proposal | Rejected:
    """Hold a free edit against the boundaries, which no schema did; the gate sees to the rest."""
    staged = stage(made, brief.text)
    end = None if isinstance(staged, Rejected) else crossed(brief, staged.summary, staged.constants)
    if end is None:
        return made
    return Rejected(
        stage="novelty",
        reason=f"{end.sentence()}, and nothing else has changed",
        advice=f"{end.sentence()}. Stay on this side of it, or make room for it in the same edit.",
        repeats=end.trial,
    )


def _falls(row: PastTrial) -> Iterator[tuple[Boundary, Mapping[str, Constant]]]:
    """Yield what a trial found out, with the constants it was found with."""
    falls = (fall for fall in row.fallen if not fall.shared)
    candidates = [(fall.summary, fall.reason, True, fall.constants) for fall in falls]
    if row.word in ("crash", "discard") and row.value is None and not row.shared:
        candidates.append((row.summary, row.reason, row.word == "crash", row.constants))
    for summary, reason, crashed, constants in candidates:
        change = _CHANGE.fullmatch(summary)
        how = _how(reason, crashed=crashed)
        at = constants.get(change[1]) if change else None
        if change is None or not how or not is_number(at):
            continue
        try:
            start = float(change[2])
        except ValueError:
            continue
        start = int(start) if isinstance(at, int) else start
        if start != at:
            found = Boundary(name=change[1], start=start, at=at, trial=row.trial, how=how)
            yield found, constants


def _how(reason: str, *, crashed: bool) -> str:
    """Return how a run ended, as far as that makes a boundary."""
    if _MEMORY.search(reason):
        return "took too much memory"
    if _SIZE.search(reason):
        return "held too many parameters"
    if _LATE.search(reason):
        return "was too slow"
    return "crashed" if crashed else ""


def _through(rows: list[PastTrial]) -> dict[str, tuple[float, float]]:
    """Return the least and the most value of each number with which a run came through."""
    known: dict[str, tuple[float, float]] = {}
    for row in rows:
        for name, value in row.constants.items() if row.value is not None else ():
            if is_number(value):
                low, high = known.get(name, (value, value))
                known[name] = min(low, value), max(high, value)
    return known


def _holds(found: Boundary, then: Mapping[str, Constant], now: Mapping[str, Constant]) -> bool:
    """Say whether a boundary found with the constants `then` stands for those of now."""
    if found.name not in now or found.bars(now[found.name]) or then.keys() != now.keys():
        return False
    moved = [n for n, value in then.items() if n != found.name and not same(value, now[n])]
    return not any(found.how == "crashed" or _eases(then[name], now[name]) for name in moved)


def _eases(then: Constant, now: Constant) -> bool:
    """Say whether a changed constant may have made room or time."""
    if not (is_number(then) and is_number(now)):
        return True
    return isinstance(now, int) and now < then
