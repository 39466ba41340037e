"""Killed before or after any journal entry and restarted: nothing lost, nothing twice, no lie.

A kill before an entry comes after all that was done for it: that is where git may know more than
the journal. A kill after it comes before any listener heard: that is where files may know less.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, get_args

import pytest

from cockpit import events as ev
from cockpit.constraints import NO_BOUNDS, Bounds
from cockpit.demo import FakeClock, MemoryWorkspace, ScriptedAgent, setting
from cockpit.engine.board import Board
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.memory.learnings import LearningsFile, Lessons
from cockpit.ports import Agent
from cockpit.trial import Candidate, Declined, Proposal, Rejected
from tests.engine_room import Killed, Moment, Mortal, Room

PLAIN = Plan(experiments=3, review="off", rehearsals=1)
WATCHED = Plan(experiments=3, review="timed", review_seconds=1, rehearsals=1, remeasure_pairs=1)
KEEPS = Plan(experiments=3, review="keeps", rehearsals=1)
SCRIPT = (
    setting("rehearsed", DEPTH=4),
    setting("a higher rate", LR=3e-3),
    setting("a larger batch", BATCH=32),
    setting("a warm-down", WARMDOWN=0.5),
)
BROKEN = Rejected(stage="parse", reason="the reply held no edit", advice="Send one edit.")
AWAY = Declined(reason="no model server at localhost; start it: ollama serve", kind="unavailable")
MODEL = (
    setting("rehearsed", lane="ollama", DEPTH=4),
    setting("a higher rate", lane="ollama", LR=3e-3),
    AWAY,
    BROKEN,
    setting("a warm-down", lane="ollama", WARMDOWN=0.5),
)
SWEEP = (
    setting("a larger batch", BATCH=32),
    setting("a deeper one", DEPTH=3),
    setting("a lower rate", LR=1e-4),
    setting("a huge batch", BATCH=64),
)


NOTE = "rates first"


class Stages(MemoryWorkspace):
    """A workspace that remembers what it staged: the same few proposals come a thousand times."""

    known: ClassVar[dict[tuple[Proposal, str], Candidate | Rejected]] = {}

    def stage(
        self, proposal: Proposal, base: str, bounds: Bounds = NO_BOUNDS
    ) -> Candidate | Rejected:
        if (proposal, base) not in self.known:
            self.known[proposal, base] = super().stage(proposal, base, bounds)
        return self.known[proposal, base]


class Human:
    """Asks for everything that a human can ask for, once each; `idle` for nothing."""

    def __init__(self, room: Room, *, idle: bool) -> None:
        self._control, self._workspace = room.control, room.workspace
        self._seen = room.seen
        self._asked = {"all of it"} if idle else set()

    def __call__(self, item: object) -> None:
        if isinstance(item, ev.Entry) and "all of it" not in self._asked:
            what = self._ask(item.event)
            if what and what not in self._asked:
                self._asked.add(what)
                getattr(self, what)()

    def _ask(self, event: ev.Event) -> str:
        match event:
            case ev.Staged(trial=1):
                return "steer"
            case ev.ReviewOpened(trial=2):
                return "refuse"
            case ev.ReviewOpened(trial=3):
                return "hold"
            case ev.RunStarted(trial=3, role="dry run"):
                return "edit"
            case ev.TrialJudged(trial=1):
                return "pause_and_revert"
            case ev.LessonLearned(trial=1):
                return "strike"
            case ev.RequestAcknowledged(request="pause", state="done"):
                return "resume"
            case ev.RunStarted(trial=3, role="scoring run"):
                return "skip"
            case ev.ReviewOpened(trial=4):
                return "trust"
            case ev.RunStarted(trial=2, role="scoring run"):
                return "release"
            case ev.RequestAcknowledged(request="release", state="done"):
                return "give_back"
            case _:
                return ""

    def steer(self) -> None:
        self._control.steer(NOTE)

    def refuse(self) -> None:
        self._control.refuse(self._seen(2), "too large")

    def hold(self) -> None:
        self._control.hold(self._seen(3))

    def edit(self) -> None:
        text = self._workspace.text_of(3).replace("QK_NORM = False", "QK_NORM = True")
        self._control.edit(self._seen(3), text)

    def pause_and_revert(self) -> None:
        self._control.revert(0)
        self._control.pause()

    def strike(self) -> None:
        (lesson,) = re.findall(r"(?m)^- (.+)$", self._workspace.learnings())
        self._workspace.write_learnings(f"## Wins\n\n- ~~{lesson}~~\n")

    def resume(self) -> None:
        self._control.resume()

    def skip(self) -> None:
        self._control.skip()

    def trust(self) -> None:
        self._control.trust(self._seen(4))

    def release(self) -> None:
        self._control.release()

    def give_back(self) -> None:
        self._control.resume()


class Approver(Human):
    """Approves the first keep, and refuses the one that replaced it."""

    def _ask(self, event: ev.Event) -> str:
        match event:
            case ev.TrialJudged(trial=1):
                return "approve"
            case ev.TrialJudged(trial=3):
                return "give_up"
            case _:
                return ""

    def approve(self) -> None:
        self._control.approve_keep(1)

    def give_up(self) -> None:
        self._control.refuse_keep(3, "it looks like luck")


@dataclass(frozen=True, kw_only=True)
class Voyage:
    """A session, who proposes in it, and whether somebody is there to ask for things."""

    plan: Plan
    agents: Callable[[], tuple[Agent, ...]]
    human: type[Human] | None = None

    def start(self, ledger: Mortal, left: Room | None = None) -> Room:
        """Return a room in which to begin, or to go on from what is left of another one."""
        workspace = left.workspace if left else Stages()
        room = Room(
            agents=self.agents(),
            plan=self.plan,
            ledger=ledger,
            workspace=workspace,
            clock=left.clock if left else FakeClock(tick=0.01),
            scribe=Lessons(),
        )
        room.runner.steps = 1
        past = list(ledger.read())
        room.listeners.append(LearningsFile(past, workspace.write_learnings, workspace.learnings))
        if self.human is not None:
            room.listeners.append(self.human(room, idle=left is not None))
        room.listeners.append(fails)
        return room


def fails(item: object) -> None:
    """Be a listener that fails."""
    if isinstance(item, ev.Entry) and isinstance(item.event, ev.TrialSettled):
        raise OSError("no space left on device")


VOYAGES = {
    "plain": Voyage(plan=PLAIN, agents=lambda: (ScriptedAgent(SCRIPT),)),
    "watched": Voyage(
        plan=WATCHED,
        agents=lambda: (
            ScriptedAgent(MODEL, lane="ollama", model="qwen"),
            ScriptedAgent(SWEEP),
        ),
        human=Human,
    ),
    "keeps": Voyage(plan=KEEPS, agents=lambda: (ScriptedAgent(SCRIPT),), human=Approver),
}


def sail(voyage: Voyage, point: int = -1, moment: Moment = "after") -> tuple[Room, Mortal]:
    """Run a session, killed at the entry `point` if it comes, and again until its end."""
    ledger = Mortal(lambda entry: entry.seq == point, moment)
    room = voyage.start(ledger)
    try:
        run_session(room.desk())
    except Killed:
        room = voyage.start(ledger, left=room)
        run_session(room.desk())
    return room, ledger


JOURNALS = {name: list(sail(voyage)[1].read()) for name, voyage in VOYAGES.items()}
HEARD = (ev.LessonLearned, ev.LessonStruck, ev.TrialJudged, ev.TrialSettled, ev.SessionEnded)
"""What listeners write files for; after all else, a kill is one before the next entry."""


def points(name: str, moment: Moment) -> list[int]:
    """Return the entries at which to kill a voyage."""
    entries = JOURNALS[name]
    return [e.seq for e in entries if moment == "before" or isinstance(e.event, HEARD)]


def test_the_voyages_meet_every_kind_of_event() -> None:
    restarted = sail(VOYAGES["plain"], 1)[1].read()
    met = {type(e.event) for journal in (*JOURNALS.values(), restarted) for e in journal}
    verifying = {ev.VerifyStarted, ev.VerifyRan, ev.KeepVerified}  # see tests/unit/test_verify.py
    assert met == set(get_args(ev.Event)) - verifying


@pytest.mark.parametrize("moment", get_args(Moment))
@pytest.mark.parametrize("name", VOYAGES)
def test_killed_at_any_entry(name: str, moment: Moment) -> None:
    for point in points(name, moment):
        room, ledger = sail(VOYAGES[name], point, moment)
        journal = list(ledger.read())
        fold = Fold(journal)
        where = f"killed {moment} {point}: {journal[point].event}"
        assert not fold.others, where
        assert not fold.board.open_trials, where
        assert fold.board.phase in ("first ten", "autonomous"), where
        nothing_twice(journal, where)
        nothing_lost(journal, room.workspace, where)
        right_incumbent(fold.board, room.workspace, where)


def nothing_twice(journal: list[ev.Entry], where: str) -> None:
    """Every trial begins and ends once, however often; a baseline may begin again."""
    assert [e.seq for e in journal] == list(range(len(journal))), where
    events = [e.event for e in journal]
    for kind in (ev.TrialStarted, ev.TrialJudged, ev.TrialSettled, ev.LessonLearned):
        counts = Counter(e.trial for e in events if isinstance(e, kind))
        assert all(n == 1 for trial, n in counts.items() if trial), (where, kind, counts)
    over = Counter(
        e.trial
        for e in events
        if isinstance(e, ev.TrialSettled | ev.TrialAbandoned | ev.RehearsalFinished) and e.trial
    )
    assert all(n == 1 for n in over.values()), (where, over)
    runs = Counter((e.trial, e.run, e.seed) for e in events if isinstance(e, ev.RunStarted))
    assert all(n == 1 for (trial, *_), n in runs.items() if trial), (where, runs)
    struck = Counter((e.trial, e.text) for e in events if isinstance(e, ev.LessonStruck))
    assert all(n == 1 for n in struck.values()), where


def nothing_lost(journal: list[ev.Entry], workspace: MemoryWorkspace, where: str) -> None:
    """Every verdict was settled and taught a line; every note, strike and decision still holds."""
    board = Fold(journal).board
    verdicts = {n: row for n, row in board.rows.items() if row.word is not None}
    assert all(row.state == "settled" for row in verdicts.values()), where
    assert {lesson.trial for lesson in board.lessons} == {n for n in verdicts if n}, where
    learnt = {f"(#{n})" for n in verdicts if n}
    assert all(mark in workspace.learnings() for mark in learnt), (where, workspace.learnings())
    assert all(f"~~{s.text}~~" in workspace.learnings() for s in board.struck), where
    trusted = any(row.decision == "trusted" for row in board.rows.values())
    assert board.phase == "autonomous" or not trusted, where


def right_incumbent(board: Board, workspace: MemoryWorkspace, where: str) -> None:
    """Journal, branch and tree agree on the file to beat."""
    kept = [trial for trial, _ in workspace.keeps[board.session_tag]]
    assert len(kept) == len(set(kept)), where
    rows = {n for n, row in board.rows.items() if row.word in ("keep", "simpler")}
    assert set(kept) == rows, where
    assert board.rows[board.incumbent or 0].kept, where
    best = workspace.text_of(board.incumbent or 0)
    assert workspace.tree == best, where
    assert workspace.branch == best, where
