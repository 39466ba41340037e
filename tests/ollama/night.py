"""A night with a scripted server: the real lane, gate and engine; fake runs, fake time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from cockpit import events as ev
from cockpit.agents.handover import Tenant
from cockpit.agents.ollama import OllamaAgent
from cockpit.agents.order import InOrder
from cockpit.demo import TRAIN, MemoryWorkspace, ScriptedAgent, setting
from cockpit.engine.board import Board
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.gpu import Arbiter
from cockpit.ports import Agent, Clock, RunOrder
from cockpit.trial import Lane, RunResult, Tier
from tests.engine_room import Room
from tests.ollama.front import Front
from tests.ollama.scripted import MODEL, Scripted

E = TypeVar("E")


@dataclass(frozen=True, kw_only=True)
class Night:
    """What is left of a night: the journal, what was shown live, and what the server was asked."""

    reason: str
    entries: list[ev.Entry]
    samples: list[ev.Sample]
    server: Scripted | Front

    @property
    def board(self) -> Board:
        """The fold of the journal."""
        return Fold(self.entries).board

    def of(self, kind: type[E]) -> list[E]:
        """Return the events of a kind."""
        return [entry.event for entry in self.entries if isinstance(entry.event, kind)]

    def story(self, trial: int) -> list[str]:
        """Return the names of the events of a trial, and of the notices between them."""
        names, open_trial = list[str](), False
        for event in (entry.event for entry in self.entries):
            if getattr(event, "trial", None) == trial:
                open_trial = not isinstance(event, ev.TrialSettled | ev.TrialAbandoned)
                names.append(type(event).__name__)
            elif open_trial and isinstance(event, ev.Noticed):
                names.append("Noticed")
        return names

    def trained(self) -> dict[int, Lane | None]:
        """Return the trials that reached a scoring run, with the lane that proposed them."""
        runs = {run.trial for run in self.of(ev.RunStarted) if run.role == "scoring run"}
        return {number: self.board.rows[number].lane for number in sorted(runs) if number > 0}

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests for replies, in order."""
        return self.server.record.bodies("/api/chat")


@dataclass(kw_only=True)
class Terms:
    """The terms of a night; `outcome` replaces what a run comes to."""

    experiments: int | None = 3
    turns: int | None = None
    text: str = TRAIN
    tier: Tier = ""
    unload: bool = False
    partner: bool = True
    outcome: Callable[[RunOrder], RunResult | None] = lambda _: None
    agent: dict[str, object] = field(default_factory=dict)


def spend(
    server: Scripted | Front,
    terms: Terms | None = None,
    *,
    model: str = MODEL,
    clock: Clock | None = None,
) -> Night:
    """Run a session on the model at `server`, with a partner of one lane beside it.

    `clock` is the model's, for a server that is real; by default it has the session's fake one.
    """
    terms = terms or Terms()
    samples: list[ev.Sample] = []
    plan = Plan(experiments=terms.experiments, turns=terms.turns, review="off", rehearsals=0)
    room = Room(plan=plan, workspace=MemoryWorkspace(terms.text))
    room.listeners.append(lambda item: None if isinstance(item, ev.Entry) else samples.append(item))
    room.runner.outcome = terms.outcome
    if isinstance(server, Scripted):
        server.passing, server.skip = room.clock.advance, room.control.skip
    agent = OllamaAgent(
        model,
        clock or room.clock,
        host=server.url,
        tier=terms.tier,
        **terms.agent,  # type: ignore[arg-type]  # passed through as given
    )
    others = [setting("a partner's idea", LR=(100 + n) * 1e-5) for n in range(40)]
    agents: list[Agent] = [agent, *([ScriptedAgent(others)] if terms.partner else [])]
    desk = room.desk()
    runner = Arbiter(
        room.runner,
        room.clock,
        tenant=Tenant(agent),
        turns=terms.unload,
        gated=False,
        memory=lambda: None,
        holders=tuple,
        say=lambda topic, text, level: desk.notice(level, topic, text),
    )
    desk.opening = replace(desk.opening, roster=InOrder(agents), runner=runner, agent="model")
    reason = run_session(desk)
    return Night(reason=reason, entries=list(room.ledger.read()), samples=samples, server=server)
