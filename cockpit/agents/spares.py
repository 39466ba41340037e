"""Ideas made ahead while a model is in memory, for turns that then need no load."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from cockpit.agents.boundaries import crossed
from cockpit.agents.composer import Composer, Turn
from cockpit.agents.failures import Failure
from cockpit.agents.reading import read
from cockpit.agents.talk import Reply
from cockpit.ports import Brief
from cockpit.source.stage import stage
from cockpit.trial import Declined, Proposal, Rejected

SPARES: Final = 2
"""Ideas made beside the first. Loading 5 GB and reading the prompt takes about as long as writing
three replies; and of more ideas most would be overtaken by a keep before their turn."""


class Spares:
    """The ideas in hand; they are good as long as the human says nothing new."""

    def __init__(self) -> None:
        self._ideas: list[Proposal] = []
        self._told: tuple[object, ...] = ()

    def __len__(self) -> int:
        return len(self._ideas)

    def keep(self, ideas: Iterable[Proposal], brief: Brief) -> None:
        """Keep ideas that were made for a brief."""
        self._ideas, self._told = list(ideas), _told(brief)

    def take(self, brief: Brief) -> Proposal | None:
        """Return the next idea that is still one for this brief; those that are not are dropped.

        An idea whose base has moved is, if it still applies and gives what was not tried.
        """
        if self._told != _told(brief):
            self._ideas.clear()
        while self._ideas:
            idea = self._ideas.pop(0)
            if new(idea, brief):
                return idea
        return None


def make(
    composer: Composer, brief: Brief, first: Proposal, talk: Callable[[Turn], Reply | Failure]
) -> list[Proposal]:
    """Make more ideas than the first now that the model is in memory.

    What does not come or cannot be read costs that idea alone; a failure ends it.
    """
    ideas = [first]
    for _ in range(SPARES):
        turn = composer.compose(brief, None, ideas)
        if isinstance(turn, Declined):
            break
        answer = talk(turn)
        if isinstance(answer, Failure):
            break
        idea = read(turn, answer)
        if isinstance(idea, Proposal) and new(idea, brief, ideas):
            ideas.append(replace(idea, made_at=brief.trial))
    return ideas[1:]


def new(idea: Proposal, brief: Brief, others: Iterable[Proposal] = ()) -> bool:
    """Say whether an idea passes the gate as far as text shows: it applies, and repeats nothing.

    Args:
        idea: the one in question.
        brief: with the file of now, and all that was tried.
        others: ideas that it must not repeat either.
    """
    staged = stage(idea, brief.text)
    if isinstance(staged, Rejected) or staged.key in brief.tried:
        return False
    made = (stage(other, brief.text) for other in others)
    if any(not isinstance(other, Rejected) and other.key == staged.key for other in made):
        return False
    return crossed(brief, staged.summary, staged.constants) is None


def _told(brief: Brief) -> tuple[object, ...]:
    """Return what the human may have changed since, and whether it was time to be bold."""
    return brief.program, brief.notes, brief.pinned, brief.constraints, brief.plateau > 0
