"""The dials of a `train.py`: which of its constants may be turned, and how far.

A table knows the usual ones; every other constant gets a range from its value and its comment, so
that a script nobody has seen can be searched too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal, TypeGuard

from cockpit.constraints import FREE, Constraints
from cockpit.source.constants import ConstantSpan, coerce, constants, turnable
from cockpit.trial import Constant

Scale = Literal["choice", "grid", "linear", "log"]
_FIXED = re.compile(
    r".*(SEED|BUDGET|VOCAB|EVAL|TOKENIZER|DEVICE|THREADS|VERSION|COMPILE).*|LOG_.*|.*_EVERY|.*_PATH"
)
_GRIDS: dict[str, tuple[Constant, ...]] = {
    "DEPTH": (1, 2, 3, 4, 6, 8, 12),
    "WIDTH": (32, 64, 96, 128, 192, 256, 384, 512),
    "HEAD_DIM": (16, 32, 64, 128),
    "MLP_RATIO": (1.0, 2.0, 3.0, 4.0, 6.0, 8.0),
    "SEQ_LEN": (128, 256, 512, 1024),
    "BATCH": (1, 2, 4, 8, 16, 32, 64, 128),
    "GRAD_CLIP": (0.0, 0.5, 1.0, 2.0),
    "SOFTCAP": (0.0, 10.0, 15.0, 20.0, 30.0),
}
_RANGES: dict[str, tuple[float, float, Scale]] = {
    "LR": (1e-5, 0.1, "log"),
    "MUON_LR": (1e-3, 0.3, "log"),
    "WEIGHT_DECAY": (0.0, 0.5, "linear"),
    "BETA1": (0.7, 0.98, "linear"),
    "BETA2": (0.85, 0.999, "linear"),
    "WARMUP_FRAC": (0.0, 0.3, "linear"),
    "WARMDOWN_FRAC": (0.0, 1.0, "linear"),
    "FINAL_LR_FRAC": (0.0, 0.5, "linear"),
    "ROPE_BASE": (30.0, 1e6, "log"),
    "DROPOUT": (0.0, 0.3, "linear"),
}
_REACH = 2.5
"""Factor up and down within which a number on a log scale stays near the incumbent."""
_LEAST_LOG = math.log(1.2)
_LEAST_SHARE = 0.03
_FLOAT_BITS = 1024
_OUTWARD = (1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 8, -8, 10, -10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One constant that may be turned.

    `values` lists what a choice or a grid takes, in order; `low` and `high` bound the others.
    """

    name: str
    now: Constant
    scale: Scale
    values: tuple[Constant, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def fit(self, value: float) -> Constant:
        """Return the nearest value that the dial takes, in the constant's own type, readable."""
        inside = min(max(value, self.low), self.high)
        short = float(f"{inside:.2g}" if self.scale == "log" else f"{inside:.3f}")
        if isinstance(self.now, int):
            return min(max(round(short), math.ceil(self.low)), math.floor(self.high))
        return min(max(short, self.low), self.high)

    def step(self, steps: int) -> Constant | None:
        """Return the value some steps along the grid, or None past its end."""
        if self.now not in self.values:
            return None
        place = self.values.index(self.now) + steps
        return self.values[place] if 0 <= place < len(self.values) else None

    def near(self, reach: int = 1) -> Dial:
        """Narrow the dial to the neighbourhood of its value.

        That is `reach` grid steps, a factor of 2.5 to its power, or so many quarters of the span.
        """
        match self.scale:
            case "choice":
                return self
            case "grid":
                place = self.values.index(self.now)
                kept = self.values[max(0, place - reach) : place + reach + 1]
                return Dial(name=self.name, now=self.now, scale="grid", values=kept)
            case "log":
                middle = min(max(float(self.now), self.low), self.high)
                factor = _REACH**reach
                low, high = max(self.low, middle / factor), min(self.high, middle * factor)
            case "linear":
                middle, room = float(self.now), reach * (self.high - self.low) / 4
                middle = min(max(middle, self.low), self.high)
                low, high = max(self.low, middle - room), min(self.high, middle + room)
        return Dial(name=self.name, now=self.now, scale=self.scale, low=low, high=high)

    def notices(self, value: Constant) -> bool:
        """Say whether a value is far enough from the present one to be worth a run."""
        if not (is_number(value) and is_number(self.now)) or self.scale in ("choice", "grid"):
            return not same(value, self.now)
        if self.scale == "log":
            return value > 0 and abs(math.log(value / self.now)) > _LEAST_LOG
        return abs(value - self.now) > _LEAST_SHARE * (self.high - self.low)

    def others(self) -> tuple[Constant, ...]:
        """List the other values, the nearest first; a sample of them on a continuous scale."""
        match self.scale:
            case "choice":
                found = list(self.values)
            case "grid":
                place = self.values.index(self.now)
                found = sorted(self.values, key=lambda value: abs(self.values.index(value) - place))
            case "log":
                found = [self.fit(float(self.now) * 1.25**n) for n in _OUTWARD]
            case "linear":
                found = [self.fit(float(self.now) + n * self.high / 20) for n in _OUTWARD]
        return tuple(value for value in dict.fromkeys(found) if not same(value, self.now))


def dials(text: str, constraints: Constraints = FREE) -> dict[str, Dial]:
    """Return the dials of a script in file order, incumbent values in place.

    What the constraints forbid is left out: frozen constants, and values beyond their range.
    """
    found = {name: _dial(span) for name, span in constants(text).items()}
    free = {name: dial for name, dial in found.items() if name not in constraints.frozen}
    return {name: _within(dial, constraints) for name, dial in free.items() if dial is not None}


def _within(dial: Dial, constraints: Constraints) -> Dial:
    """Return a dial cut to the range of its constant; the present value stays on a grid."""
    if dial.name not in constraints.ranges or dial.scale == "choice":
        return dial
    if dial.scale == "grid":
        allowed = (v for v in dial.values if v == dial.now or constraints.allows(dial.name, v))
        return replace(dial, values=tuple(allowed))
    low, high = constraints.narrowed(dial.name, dial.low, dial.high)
    return replace(dial, low=low, high=high)


def cost(values: dict[str, Constant]) -> float | None:
    """Estimate the arithmetic of one training step, in arbitrary units.

    Matrix multiplications of a transformer: per token and block about `4 W^2 + 2 r W^2` for the
    projections and `2 T W` for attention (Kaplan et al. 2020, arXiv 2001.08361, table 1), times the
    tokens of a step. None where the script has no dials of these names; ratios only mean something.
    """
    names = ("DEPTH", "WIDTH", "BATCH")
    numbers = {name: value for name, value in values.items() if is_number(value)}
    if any(name not in numbers for name in names):
        return None
    depth, width, batch = (float(numbers[name]) for name in names)
    ratio, length = float(numbers.get("MLP_RATIO", 4)), float(numbers.get("SEQ_LEN", 256))
    block = (4 + 2 * ratio) * width * width + 2 * length * width
    return batch * length * (depth * block + 200 * width)


def sound(values: dict[str, Constant]) -> bool:
    """Say whether sizes fit together: a width is a multiple of its head's."""
    width, head = values.get("WIDTH"), values.get("HEAD_DIM")
    return not (is_number(width) and is_number(head)) or (head > 0 and width % head == 0)


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a constant is a number that a float can hold; a bool is not.

    An older journal may hold a larger one.
    """
    if isinstance(value, int):
        return not isinstance(value, bool) and value.bit_length() < _FLOAT_BITS
    return isinstance(value, float)


def _dial(span: ConstantSpan) -> Dial | None:
    """Choose the scale of one constant: by its name, its choices, else by its value."""
    if _FIXED.fullmatch(span.name) or not all(map(turnable, (span.value, *span.choices))):
        return None
    if isinstance(span.value, bool | str) or span.choices:
        return _listed(span, span.choices) if len(span.choices) > 1 else None
    if span.name in _GRIDS:
        return _listed(span, _GRIDS[span.name])
    value = float(span.value)
    if span.name in _RANGES:
        low, high, scale = _RANGES[span.name]
        scale = "linear" if value <= 0 else scale
        low, high = min(low, value), max(high, value)
        return Dial(name=span.name, now=span.value, scale=scale, low=low, high=high)
    return _derived(span, value)


def _listed(span: ConstantSpan, values: tuple[Constant, ...]) -> Dial | None:
    """Make a dial of listed values; numbers are an ordered grid with the present one in it."""
    if isinstance(span.value, bool | str):
        return Dial(name=span.name, now=span.value, scale="choice", values=values)
    numbers = {coerce(span, value) for value in values if _fits(span, value)} | {span.value}
    ordered = tuple(sorted(numbers, key=float))
    return Dial(name=span.name, now=span.value, scale="grid", values=ordered)


def _fits(span: ConstantSpan, value: Constant) -> bool:
    return is_number(value) and (isinstance(span.value, float) or value == int(value))


def _derived(span: ConstantSpan, value: float) -> Dial:
    """Give an unknown number room: a factor of 4 for an int, of 10 for a positive float."""
    if isinstance(span.value, int):
        near = (value / 4, value / 2, value, value * 2, value * 4) if value else (0.0, 1.0, 2.0)
        return _listed(span, tuple(int(number) for number in near)) or Dial(
            name=span.name, now=span.value, scale="grid", values=(span.value,)
        )
    if value > 0 and not 0.5 <= value < 1:
        return Dial(name=span.name, now=value, scale="log", low=value / 10, high=value * 10)
    reach = 1.0 if 0 <= value <= 1 else abs(value) * 2
    low, high = (0.0, reach) if value >= 0 else (-reach, reach)
    return Dial(name=span.name, now=value, scale="linear", low=low, high=high)


def same(left: Constant | None, right: Constant | None) -> bool:
    """Compare two values of a constant: bools and strings exactly, numbers to 1 in 1000."""
    if is_number(left) and is_number(right):
        return math.isclose(left, right, rel_tol=1e-3, abs_tol=1e-12)
    return type(left) is type(right) and left == right
