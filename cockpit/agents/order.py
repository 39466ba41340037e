"""A roster that prefers: the first lane has every turn, the others stand in when it fails."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.agents.human import HumanAgent
from cockpit.ports import Agent, PastTrial
from cockpit.trial import Lane


class InOrder:
    """Lanes in order of preference, the human's files always first.

    Args:
        agents: the first that has not failed in this turn has it.
        human: whose waiting files take the next turn.
    """

    def __init__(self, agents: Sequence[Agent], human: HumanAgent | None = None) -> None:
        self._agents = tuple(agents)
        self._human = human

    def turn(self, history: tuple[PastTrial, ...], failed: frozenset[Lane]) -> Agent | None:
        """Return the agent of the next turn, not of the lanes that `failed` in it; or None."""
        if self._human is not None and self._human.waiting and "human" not in failed:
            return self._human
        able = [agent for agent in self._agents if agent.lane not in failed]
        return self._pick(able, history) if able else None

    def _pick(self, able: Sequence[Agent], history: tuple[PastTrial, ...]) -> Agent:
        """Choose among the agents that may have the turn, of which there is one at least."""
        return able[0]
