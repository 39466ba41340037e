"""The sweep lane: a classical optimiser of constants that needs no model.

First the playbook, one well-known change at a time, because a single change explains itself and
priors beat a sampler while trials are few; then joint steps near the incumbent, by TPE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from cockpit.agents import playbook, tpe
from cockpit.agents.boundaries import within
from cockpit.agents.move import Move
from cockpit.agents.past import Step, improved, steps
from cockpit.agents.space import Dial, cost, dials, sound
from cockpit.ports import Brief, Watch
from cockpit.source import normal
from cockpit.source.constants import render, set_constants, values
from cockpit.trial import Constant, Declined, Lane, Proposal, Rejected, SetConstants

_SLOWEST = 3.0
"""A candidate may do this many times the arithmetic of the incumbent per step, no more."""
_SECOND_CHANCE = 0.10
"""A discarded move is tried once more when the incumbent has improved by this share since."""


@dataclass(frozen=True, slots=True)
class _Idea:
    """Changes to the incumbent's constants, and the sentence that proposes them."""

    changes: dict[str, Constant]
    sentence: str


class SweepAgent:
    """Turns the constants of `train.py`; deterministic given its seed and the brief.

    Args:
        seed: shuffles the playbook modestly and seeds the sampler; another seed searches elsewhere.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._refused: set[str] = set()
        self._last = ""

    @property
    def lane(self) -> Lane:
        """The lane its proposals are credited to."""
        return "sweep"

    @property
    def model(self) -> str:
        """Empty: there is no model behind it."""
        return ""

    def propose(
        self,
        brief: Brief,
        rejection: Rejected | None,
        watch: Watch,
    ) -> Proposal | Declined:
        """Return the next change, or Declined (`exhausted`) when all are tried.

        What was turned back is not proposed again by this agent, nor what the human skipped.
        """
        if rejection is not None and self._last:
            self._refused.add(self._last)
        spent = brief.tried.keys() | brief.skipped | self._refused
        for idea in self._ideas(brief):
            key = normal.key(set_constants(brief.text, idea.changes))
            if key in spent:
                continue
            self._last = key
            edit = SetConstants(changes=tuple(idea.changes.items()))
            return Proposal(hypothesis=idea.sentence, edit=edit, lane=self.lane)
        self._last = ""
        return Declined(reason=_nothing_left(brief), kind="exhausted")

    def _ideas(self, brief: Brief) -> Iterator[_Idea]:
        """Yield ideas, best first, that are sound and not too slow; tried ones among them."""
        known = dials(brief.text, within(brief))
        now = values(brief.text)
        for idea in chain(
            self._playbook(brief, known, now), self._joint(brief, known), _singles(known)
        ):
            if _learnable({**now, **idea.changes}, now):
                yield idea

    def _playbook(
        self, brief: Brief, known: dict[str, Dial], now: dict[str, Constant]
    ) -> Iterator[_Idea]:
        """Yield the moves not made yet, and those that earned a second chance, by expected gain."""
        past = steps(brief.history)
        waiting: list[tuple[float, Move]] = []
        listed = Counter[tuple[str, str, Constant]]()
        for weight, move in playbook.ordered(self._seed):
            if move.name not in known:
                continue
            listed[move.identity] += 1
            made = [step for step in past if move.done_by(step, known[move.name])]
            if len(made) < listed[move.identity]:
                waiting.append((weight, move))
            elif len(made) == listed[move.identity] and _second_chance(brief, made[-1]):
                waiting.append((weight / 2, move))
        for _, move in sorted(waiting, key=lambda item: item[0], reverse=True):
            target = move.target(now, known[move.name])
            if target is not None:
                change = f"{move.name} {render(now[move.name])} -> {render(target)}"
                effect = f"about {move.gain:.0%} better" if move.gain >= 0.01 else "a small gain"
                yield _Idea({move.name: target}, f"{change}: {move.why}; expected: {effect}.")

    def _joint(self, brief: Brief, known: dict[str, Dial]) -> Iterator[_Idea]:
        """Yield joint steps near the incumbent, drawn by TPE from all that was measured."""
        ranked = sum(1 for row in brief.history if row.comparable and row.value is not None)
        for changes in tpe.suggest(brief, known, self._seed):
            turned = ", ".join(
                f"{name} {render(known[name].now)} -> {render(value)}"
                for name, value in changes.items()
            )
            reason = f"a step near the best, drawn from {ranked} measured trials (TPE)"
            yield _Idea(changes, f"{turned}: {reason}; expected: a small gain.")


def _singles(known: dict[str, Dial]) -> Iterator[_Idea]:
    """Yield every single change that is left, for scripts with few constants."""
    for dial in known.values():
        for value in dial.others():
            change = f"{dial.name} {render(dial.now)} -> {render(value)}"
            sentence = f"{change}: not tried from here yet; expected: to learn which way it goes."
            yield _Idea({dial.name: value}, sentence)


def _second_chance(brief: Brief, step: Step) -> bool:
    """Say whether a discarded move deserves another try, the incumbent having changed so much."""
    if step.kept or step.crashed:
        return False
    return improved(brief.metric, brief.incumbent_value, step.against, _SECOND_CHANCE)


def _learnable(candidate: dict[str, Constant], incumbent: dict[str, Constant]) -> bool:
    """Say whether sizes fit and a step costs little enough to take many in the budget."""
    new, old = cost(candidate), cost(incumbent)
    return sound(candidate) and (new is None or old is None or new <= _SLOWEST * old)


def _nothing_left(brief: Brief) -> str:
    names = ", ".join(dials(brief.text, within(brief)))
    if not names and dials(brief.text):
        return "the constraints leave no constant of train.py to turn"
    if not names:
        return "train.py has no constant to turn; add lines like `LR = 3e-4` at module level"
    return f"every change of {names} near the best was tried"
