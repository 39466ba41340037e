"""The constants that a model is offered at tier A: what is left of them, in rotation."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.agents import schema
from cockpit.agents.boundaries import within
from cockpit.ports import Brief
from cockpit.trial import Constant, Proposal, SetConstants


class Stock:
    """What may be offered of a file; it remembers what the gate refused of this one.

    Args:
        frozen: names of constants that are not offered.
        ready: whether numbers are offered as ready choices, for models that cannot count.
    """

    def __init__(self, frozen: frozenset[str], *, ready: bool) -> None:
        self._frozen = frozen
        self._ready = ready
        self._text = ""
        self._refused: dict[tuple[str, Constant], int] = {}

    def offer(
        self, brief: Brief, attempt: int, taken: Sequence[Proposal] = (), *, ready: bool = False
    ) -> tuple[schema.Offer, ...]:
        """Return the constants on offer now, without those that ideas of this turn change.

        With `ready` numbers are ready choices this time, for any model.
        """
        if brief.text != self._text:  # What was refused of another text may be fine in this one.
            self._text = brief.text
            self._refused.clear()
        frozen = self._frozen | _names(taken)
        every = schema.offers(brief.text, brief.history, frozen, self._refused, within(brief))
        if ready or self._ready:
            stepped = (schema.with_steps(offer) for offer in every)
            every = tuple(offer for offer in stepped if offer.choices)
        return schema.rotate(every, brief.trial, attempt)

    def refuse(self, proposal: Proposal, trial: int) -> None:
        """Take what the gate turned back off the offer."""
        if isinstance(proposal.edit, SetConstants):
            self._refused.update((change, trial) for change in proposal.edit.changes)


def _names(ideas: Sequence[Proposal]) -> frozenset[str]:
    """Return the constants that some proposals set."""
    edits = (idea.edit for idea in ideas if isinstance(idea.edit, SetConstants))
    return frozenset(name for edit in edits for name, _ in edit.changes)
