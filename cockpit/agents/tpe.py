"""Joint steps near the incumbent by the Tree-structured Parzen Estimator (Bergstra et al. 2011).

The ledger is the only memory: the study is rebuilt from the history at each call, in milliseconds.
`multivariate` models the dials together; `group` lets rows lack dials that came later. Grids are
told as indices, so that order counts and their values may change.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cockpit.agents.space import Dial, is_number
from cockpit.metric import Direction
from cockpit.ports import Brief, PastTrial
from cockpit.trial import Constant

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_ASKS = 40
_TOLD = 60
"""Of a long history, so many best rows and so many latest rows are told."""
_WIDE = 2
"""On a plateau the region reaches so many steps from the incumbent."""
_TURNED = (1, 2, 2, 3, 3, 4)
"""How many dials one joint step may turn; few, so that its diff still says something."""


def suggest(brief: Brief, known: dict[str, Dial], seed: int) -> Iterator[dict[str, Constant]]:
    """Yield changes to the incumbent, best guess first; deterministic given brief and seed."""
    near = {name: dial.near(_WIDE if brief.plateau else 1) for name, dial in known.items()}
    space = {name: _distribution(dial) for name, dial in near.items() if _room(dial)}
    if not space:
        return
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    draw = random.Random(f"{seed}/{brief.trial}")  # noqa: S311 - a search, no secret
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            seed=draw.getrandbits(32), multivariate=True, group=True, n_startup_trials=6
        )
    study = optuna.create_study(direction=brief.metric.direction.value, sampler=sampler)
    study.add_trials(
        optuna.trial.create_trial(
            params=params,
            distributions={name: space[name] for name in params},
            value=value,
        )
        for params, value in _rows(brief, near, list(space))
    )
    for _ in range(_ASKS):
        asked = study.ask(space).params
        wanted = {name: _decode(near[name], asked[name]) for name in space}
        differ = [name for name, value in wanted.items() if known[name].notices(value)]
        turned = set(draw.sample(differ, min(len(differ), draw.choice(_TURNED))))
        if turned:
            yield {name: wanted[name] for name in differ if name in turned}


def _rows(
    brief: Brief, near: dict[str, Dial], names: list[str]
) -> Iterator[tuple[dict[str, Constant], float]]:
    """Yield the comparable past as parameters and value; a crash near by gets a bad finite one."""
    rows = _telling([row for row in brief.history if row.comparable], brief)
    for row in rows:
        value = row.value
        if value is None or not math.isfinite(value):
            value = _bad(brief, rows) if row.word == "crash" and _inside(near, row) else None
        params = {
            name: _encode(near[name], row.constants[name])
            for name in names
            if name in row.constants and _told(near[name], row.constants[name])
        }
        if value is not None and params:
            yield params, value


def _inside(near: dict[str, Dial], row: PastTrial) -> bool:
    """Say whether a crash lies in the region; told at its border, it would bar what is sound."""
    numbers = ((d, row.constants.get(n)) for n, d in near.items() if d.scale != "choice")
    return all(
        min(map(float, d.values), default=d.low)
        <= value
        <= max(map(float, d.values), default=d.high)
        for d, value in numbers
        if is_number(value)
    )


def _telling(rows: list[PastTrial], brief: Brief) -> list[PastTrial]:
    """Keep the best and the latest of a long history: telling costs milliseconds a row."""
    if len(rows) <= 2 * _TOLD:
        return rows
    sign = 1 if brief.metric.direction is Direction.MINIMIZE else -1
    ranked = sorted((r for r in rows if r.value is not None), key=lambda r: sign * (r.value or 0.0))
    chosen = {id(row) for row in (*ranked[:_TOLD], *rows[-_TOLD:])}
    return [row for row in rows if id(row) in chosen]


def _bad(brief: Brief, rows: list[PastTrial]) -> float:
    """Return a value worse than all measured; from an infinite one TPE would learn nothing."""
    measured = [row.value for row in rows if row.value is not None and math.isfinite(row.value)]
    if not measured:
        return 0.0
    low, high = min(measured), max(measured)
    spread = high - low or abs(high) or 1.0
    return high + spread if brief.metric.direction is Direction.MINIMIZE else low - spread


def _room(dial: Dial) -> bool:
    """Say whether the narrowed dial leaves a choice."""
    return len(dial.values) > 1 if dial.scale in ("choice", "grid") else dial.low < dial.high


def _distribution(dial: Dial) -> BaseDistribution:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if dial.scale == "choice":
        return CategoricalDistribution(dial.values)
    if dial.scale == "grid":
        return IntDistribution(0, len(dial.values) - 1)
    return FloatDistribution(dial.low, dial.high, log=dial.scale == "log")


def _told(dial: Dial, value: Constant) -> bool:
    """Say whether a past value can be told to the sampler at all."""
    return value in dial.values if dial.scale == "choice" else is_number(value)


def _encode(dial: Dial, value: Constant) -> Constant:
    """Return a past value as the sampler knows it; beyond the region, at its border."""
    if dial.scale == "choice":
        return value
    number = float(value)
    if dial.scale == "grid":
        return min(range(len(dial.values)), key=lambda at: abs(float(dial.values[at]) - number))
    return min(max(number, dial.low), dial.high)


def _decode(dial: Dial, asked: Constant) -> Constant:
    """Return what the sampler asked for as a value of the constant."""
    if dial.scale == "choice":
        return asked
    return dial.values[int(asked)] if dial.scale == "grid" else dial.fit(float(asked))
