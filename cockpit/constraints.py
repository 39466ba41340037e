"""What the human forbids a candidate: `[constraints]` of cockpit.toml, enforced, never asked for.

The text of a candidate is held against its rules before anything runs (`source.limits`); memory and
parameters are measured in every run (`measured`). Constraints say what may be tried, not how it is
measured: values under other constraints compare, so they are no part of the fingerprint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.trial import Rejected

MEGABYTE = 10**6
UNBOUND = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """Bounds of what may train; 0 (of nodes: -1) is no bound.

    `memory` in megabytes, as the warden measures a run; `parameters` counts the numbers in the
    handed-over weights; `added_nodes` are syntax nodes that one proposal may add, `nodes` those
    that all of them together may add to the baseline. `frozen` names constants, functions and
    classes of `train.py` that stay as they are; `ranges` the least and the most of a constant.
    """

    memory: int = 0
    parameters: int = 0
    added_nodes: int = UNBOUND
    nodes: int = UNBOUND
    frozen: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def sentences(self) -> tuple[str, ...]:
        """Return each bound that is set as a sentence: for agents, `status` and the ledger."""
        found: list[str] = []
        if self.memory:
            found.append(f"a run holds at most {self.memory:,} MB")
        if self.parameters:
            found.append(f"the weights hold at most {self.parameters:,} parameters")
        if self.added_nodes > UNBOUND:
            found.append(f"a proposal adds at most {self.added_nodes:,} syntax nodes")
        if self.nodes > UNBOUND:
            found.append(f"train.py has at most {self.nodes:,} syntax nodes more than the baseline")
        if self.frozen:
            found.append(f"{', '.join(self.frozen)} may not be changed")
        found += [f"{name} stays within {span(*both)}" for name, both in self.ranges.items()]
        return tuple(found)

    def narrowed(self, name: str, low: float, high: float) -> tuple[float, float]:
        """Return the span `low` to `high` of a constant, cut to its range.

        A range that lies beside the span is meant, and takes its place.
        """
        if name not in self.ranges:
            return low, high
        least, most = self.ranges[name]
        inside = max(low, least), min(high, most)
        return inside if inside[0] <= inside[1] else (least, most)

    def allows(self, name: str, value: object) -> bool:
        """Say whether a constant may have this value; what is no number has no range."""
        if name not in self.ranges or isinstance(value, bool | str):
            return True
        low, high = self.ranges[name]
        return isinstance(value, int | float) and low <= value <= high


FREE = Constraints()


def from_toml(key: str, value: object) -> object:
    """Return a list of names or a table of ranges as `Constraints` holds it; the rest as it is.

    Raises:
        ValueError: it is neither; says what it should be.
    """
    if key == "frozen":
        names = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(names, list) or not all(
            isinstance(name, str) and name.isidentifier() for name in names
        ):
            raise ValueError('write a list of names such as ["SEQ_LEN", "GPT"]')
        return tuple(dict.fromkeys(names))
    if key == "ranges":
        if not isinstance(value, dict):
            raise ValueError("write a table such as { LR = [1e-5, 0.01] }")
        return {name: _range(name, both) for name, both in value.items()}
    return value


def _range(name: str, both: object) -> tuple[float, float]:
    match both:
        case [int() | float() as low, int() | float() as high] if not (
            isinstance(low, bool) or isinstance(high, bool)
        ):
            if low <= high and math.isfinite(low) and math.isfinite(high):
                return low, high
    raise ValueError(f"give {name} its least and its most value, such as {name} = [1, 8]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Constraints, and the syntax nodes of the baseline that they count from (None: the base's)."""

    constraints: Constraints = FREE
    baseline_nodes: int | None = None


NO_BOUNDS = Bounds()


def measured(
    constraints: Constraints, *, memory: int | None = None, parameters: int | None = None
) -> Rejected | None:
    """Hold what was measured of a run against the constraints.

    Args:
        constraints: the bounds.
        memory: the most bytes that the run held, None where the machine does not tell.
        parameters: how many numbers its weights hold, None where they could not be counted.

    Returns:
        Rejected with the rule, the value and the bound, or None.
    """
    if constraints.parameters:
        most = f"at most {constraints.parameters:,} may be"
        if parameters is None:
            fact = f"the parameters of the weights could not be counted, {most}"
            return broken("parameters", fact, "Hand over plain weights with prepare.submit(model).")
        if parameters > constraints.parameters:
            fact = f"the weights hold {parameters:,} parameters, {most}"
            return broken("parameters", fact, "Make the model smaller.")
    if constraints.memory and memory and memory > constraints.memory * MEGABYTE:
        held = math.ceil(memory / MEGABYTE)
        return broken(
            "memory",
            f"the run held {held:,} MB, at most {constraints.memory:,} MB may be",
            "Make model, batch or windows smaller.",
        )
    return None


def broken(rule: str, fact: str, remedy: str) -> Rejected:
    """Return the refusal of a candidate that breaks `rule`; `fact` carries value and bound."""
    return Rejected(
        stage="constraints",
        reason=f"[constraints] {rule}: {fact}",
        advice=f"This breaks a constraint that the human set ({rule}): {fact}. {remedy}",
    )


def span(low: float, high: float) -> str:
    """Return two bounds in words, as short as they can be written."""
    return f"{low:g} to {high:g}"
