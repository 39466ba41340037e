"""Agents that answer from a script, and a roster for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cockpit.ports import Agent, Brief, PastTrial, Watch
from cockpit.trial import Constant, Declined, Lane, Proposal, Rejected, SetConstants


class ScriptedAgent:
    """Answers from a list, then declines as exhausted; a callable answer is given the brief."""

    def __init__(
        self,
        answers: Iterable[
            Proposal | Rejected | Declined | Callable[[Brief], Proposal | Rejected | Declined]
        ],
        lane: Lane = "sweep",
        model: str = "",
    ) -> None:
        self._answers = list(answers)
        self._lane: Lane = lane
        self._model = model
        self.briefs: list[Brief] = []
        self.rejections: list[Rejected | None] = []

    @property
    def lane(self) -> Lane:
        """The lane it plays."""
        return self._lane

    @property
    def model(self) -> str:
        """The model it plays."""
        return self._model

    def propose(
        self, brief: Brief, rejection: Rejected | None, watch: Watch
    ) -> Proposal | Rejected | Declined:
        """Return the next answer."""
        self.briefs.append(brief)
        self.rejections.append(rejection)
        halted = watch.halted()
        if halted is not None:
            return Declined(reason=halted, kind="halted")
        if not self._answers:
            return Declined(reason="the script is at its end", kind="exhausted")
        answer = self._answers.pop(0)
        return answer(brief) if callable(answer) else answer


def setting(hypothesis: str, lane: Lane = "sweep", **changes: Constant) -> Proposal:
    """Return a proposal that sets constants."""
    edit = SetConstants(changes=tuple(changes.items()))
    return Proposal(
        hypothesis=hypothesis, edit=edit, lane=lane, tier="A" if lane == "ollama" else ""
    )


class Single:
    """A roster of lanes in a fixed order: the first that has not failed has the turn."""

    def __init__(self, *agents: Agent) -> None:
        self._agents = agents

    def turn(self, history: tuple[PastTrial, ...], failed: frozenset[Lane]) -> Agent | None:
        """Return the first agent whose lane has not failed."""
        return next((a for a in self._agents if a.lane not in failed), None)
