"""One well-known change to a small language model: a direction for one dial, not a value.

It starts from whatever the incumbent holds, so that it still means something after earlier keeps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from cockpit.agents.past import Step
from cockpit.agents.space import Dial, is_number, same
from cockpit.trial import Constant


@dataclass(frozen=True, slots=True)
class Move:
    """Turn one dial: by a factor, to a value, or along its grid.

    `gain` is the expected share of the score, `why` a clause of its sentence; `needs` names a
    constant and the value without which the move does nothing.
    """

    name: str
    how: Literal["times", "set", "step"]
    by: Constant
    gain: float
    why: str
    needs: tuple[str, Constant] | None = None

    @property
    def identity(self) -> tuple[str, str, Constant]:
        """What makes two entries of the list the same move, to be made again."""
        return self.name, self.how, self.by

    def target(self, values: dict[str, Constant], dial: Dial) -> Constant | None:
        """Return the value the move leads to from `values`, or None where it does not apply."""
        if self.needs is not None and values.get(self.needs[0]) != self.needs[1]:
            return None
        now = values[self.name]
        match self.how:
            case "times":
                reached = dial.fit(float(now) * float(self.by)) if is_number(now) else None
            case "set":
                reached = self._settable(dial)
            case "step":
                reached = dial.step(int(self.by))
            case _:
                assert_never(self.how)
        return None if reached == now else reached

    def done_by(self, step: Step, dial: Dial) -> bool:
        """Say whether a past trial was this move and nothing else."""
        if step.changes.keys() != {self.name} or self.name not in step.before:
            return False
        moved = replace(dial, now=step.before[self.name])
        reached = self.target(step.before, moved)
        return reached is not None and same(step.changes[self.name], reached)

    def _settable(self, dial: Dial) -> Constant | None:
        """Return the wanted value if the dial takes it; 1 turns a switch on."""
        if isinstance(dial.now, bool):
            return bool(self.by)
        if dial.scale in ("choice", "grid"):
            return self.by if self.by in dial.values else None
        return dial.fit(float(self.by)) if is_number(self.by) else None
