"""A session that could not be opened leaves nothing in the journal."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.demo import MemoryWorkspace, ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.session import Session
from cockpit.errors import WorkspaceError
from tests.engine_room import Killed, Mortal, Room

PLAN = Plan(experiments=1, review="off", rehearsals=0)


class Locked(MemoryWorkspace):
    """A repository in which no branch can be made, once it is locked."""

    locked = False

    def open_session(self, tag: str, text: str) -> tuple[str, str, str]:
        if self.locked:
            raise WorkspaceError("the repository is locked", "remove .git/index.lock")
        return super().open_session(tag, text)


def opened(room: Room) -> Session:
    """Start a session, and wait for its end."""
    desk = room.desk()
    session = Session(
        prepare=lambda _: desk.opening,
        plan=room.plan,
        workspace=room.workspace,
        judge=desk.judge,
        ledger=room.ledger,
        scribe=room.scribe,
        clock=room.clock,
        control=room.control,
        listeners=room.listeners,
    )
    session.start()
    assert session.join(60)
    return session


def test_the_first_session_that_cannot_be_opened_is_none() -> None:
    workspace = Locked()
    workspace.locked = True
    room = Room(plan=PLAN, workspace=workspace)
    outcome = opened(room).outcome
    assert outcome is not None
    assert isinstance(outcome.error, WorkspaceError)
    assert list(room.ledger.read()) == []


def test_another_session_that_cannot_be_opened_says_nothing_under_the_one_that_was_mended() -> None:
    def doomed(entry: ev.Entry) -> bool:
        return isinstance(entry.event, ev.TrialStarted) and entry.event.trial == 1

    workspace, ledger = Locked(), Mortal(doomed)
    agent = ScriptedAgent([setting("a higher rate", LR=3e-3)])
    first = Room(agents=[agent], plan=PLAN, workspace=workspace, ledger=ledger)
    assert isinstance(getattr(opened(first).outcome, "error", None), Killed)
    tag = Fold(ledger.read()).board.session_tag
    workspace.locked = True
    changed = Plan(experiments=1, review="off", rehearsals=0, budget=20.0)
    again = Room(plan=changed, workspace=workspace, ledger=ledger, clock=first.clock)
    before = len(list(ledger.read()))
    assert isinstance(getattr(opened(again).outcome, "error", None), WorkspaceError)
    entries = list(ledger.read())[before:]
    assert [type(entry.event).__name__ for entry in entries] == ["TrialAbandoned"]
    assert {entry.session for entry in entries} == {tag}
