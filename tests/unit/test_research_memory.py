"""What the engine remembers for agents that remember nothing: repeats, plateaus, lessons."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from cockpit import events as ev
from cockpit.agents.mixture import Mixture
from cockpit.agents.sweep import SweepAgent
from cockpit.demo import MemoryWorkspace, ScriptedAgent, setting
from cockpit.engine.board import Board
from cockpit.engine.brief import LEARNINGS_TOKENS
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.memory.learnings import LearningsFile, Lessons
from cockpit.orders import DROUGHT
from cockpit.ports import Brief, Watch
from cockpit.report.summary import status_facts
from cockpit.report.text import status_text
from cockpit.trial import Declined, Lane, Proposal, Rejected
from tests.engine_room import Room

IDEA = setting("small batches take more steps", lane="ollama", BATCH=64)


class Amnesiac:
    """A model that proposes its last idea, whatever it is told."""

    lane: Lane = "ollama"
    model = "forgetful:7b"

    def __init__(self) -> None:
        self.briefs: list[Brief] = []
        self.repeats: list[int | None] = []

    def propose(
        self, brief: Brief, rejection: Rejected | None, watch: Watch
    ) -> Proposal | Rejected | Declined:
        self.briefs.append(brief)
        self.repeats.append(rejection.repeats if rejection else None)
        return IDEA


def scored_twice(board: Board) -> dict[str, int]:
    """Return the experiments that reached a scoring run more often than once."""
    keys = Counter(row.key for row in board.rows.values() if row.scored)
    return {key: count for key, count in keys.items() if count > 1}


def topics(room: Room, topic: str) -> list[str]:
    said = (entry.event for entry in room.ledger.read())
    return [event.text for event in said if isinstance(event, ev.Noticed) and event.topic == topic]


def test_a_model_with_amnesia_trains_nothing_twice_and_ends_on_a_plateau() -> None:
    model = Amnesiac()
    plan = Plan(experiments=None, turns=50, review="off", rehearsals=0)
    room = Room(agents=[model], plan=plan)
    assert run_session(room.desk()) == "the trial is over"
    board = Fold(room.ledger.read()).board
    assert sum(row.scored for row in board.rows.values() if row.number) == 1
    assert [row.number for row in board.rows.values() if "repeats #1" in row.reason] == [
        *range(2, 51)
    ]
    assert set(model.repeats) == {None, 1}, "each refusal named the trial"
    assert len(topics(room, "plateau")) == 1
    assert model.briefs[-1].plateau == 49
    first = next(brief for brief in model.briefs if brief.plateau)
    assert first.trial == DROUGHT + 1


def test_beside_a_partner_the_amnesiac_costs_no_run() -> None:
    model = Amnesiac()
    plan = Plan(experiments=None, turns=50, review="off", rehearsals=0)
    room = Room(plan=plan)
    desk = room.desk()
    desk.opening = replace(desk.opening, roster=Mixture([model, SweepAgent()]))
    run_session(desk)
    board = Fold(room.ledger.read()).board
    assert scored_twice(board) == {}
    assert sum(row.scored for row in board.rows.values()) == 51
    assert any(row.word == "keep" and row.lane == "sweep" for row in board.rows.values())
    assert next(text for text in topics(room, "plateau") if text).startswith("no keep since #")
    shown = status_text(status_facts(Fold(room.ledger.read()), None))
    own = [row for row in board.rows.values() if row.lane == "sweep"]
    kept = sum(row.word in ("keep", "simpler") for row in own)
    assert f"\nlane     sweep: {kept} of {len(own)} kept, +0." in shown
    assert f"\nlane     ollama: 0 of {50 - len(own)} kept, +0.0000 in " in shown


def test_a_keep_ends_a_plateau() -> None:
    rates = [setting("a tiny step", LR=3e-4 * (1 + n / 1000)) for n in range(1, DROUGHT + 2)]
    good = setting("a real one", LR=3e-3)
    plan = Plan(experiments=len(rates) + 1, review="off", rehearsals=0)
    room = Room(agents=[ScriptedAgent([*rates, good])], plan=plan)
    run_session(room.desk())
    assert Fold(room.ledger.read()).board.rows[DROUGHT + 2].word == "keep"
    begun, over = topics(room, "plateau")
    assert begun == "no keep since the baseline: bolder edits, lanes even, the sweep looks further"
    assert over == ""


class Librarian:
    """An agent of endless new ideas, one in eight good, that says what each trial taught it."""

    lane: Lane = "ollama"
    model = "talker:7b"

    def __init__(self) -> None:
        self.briefs: list[Brief] = []

    def propose(
        self, brief: Brief, rejection: Rejected | None, watch: Watch
    ) -> Proposal | Rejected | Declined:
        self.briefs.append(brief)
        n = brief.trial
        # One that is far better than all before, every so often; the others far worse.
        rate = 3e-4 * 1.04 ** (n / 8) if n % 8 == 0 else 0.03 * (1 + n / 1000)
        made = setting(f"rate number {n} suits the width of the model", "ollama", LR=rate)
        about = brief.reflect
        said = "" if about is None else f"the landscape near trial {about} is steep, so go slowly"
        return replace(made, model=self.model, lesson=said, about=about, tags=("rate", f"t{n}"))


def struck(text: str, trials: set[int]) -> str:
    """Strike the lines of some trials, as a human does in an editor."""
    lines = text.splitlines()
    marks = tuple(f"(#{trial})" for trial in trials)
    return "\n".join(f"~~{line}~~" if line.endswith(marks) else line for line in lines)


def numbers_in(text: str) -> set[int]:
    spans = re.findall(r"#(\d+)(?:-#(\d+))?", text)
    return {n for first, last in spans for n in range(int(first), int(last or first) + 1)}


def test_learnings_of_200_trials_fit_hold_every_keep_and_forget_every_struck_line() -> None:
    agent, workspace = Librarian(), MemoryWorkspace()
    room = Room(agents=[agent], workspace=workspace, scribe=Lessons())
    room.runner.sigma = 1e-4
    room.listeners.append(LearningsFile([], workspace.write_learnings, workspace.learnings))
    for turns in (100, 100):
        room.plan = Plan(experiments=turns, review="off", rehearsals=0)
        run_session(room.desk())
        if turns == 100 and len(agent.briefs) == 100:
            workspace.write_learnings(struck(workspace.learnings(), {5, 16, 99}))
    board = Fold(room.ledger.read()).board
    keeps = {row.number for row in board.rows.values() if row.word == "keep" and row.number}
    assert len(board.rows) == 201
    assert len(keeps) >= 20
    assert {strike.trial for strike in board.struck} == {5, 16, 99}
    told = Lessons().for_agent(workspace.learnings(), LEARNINGS_TOKENS)
    assert len(told) / 3 <= LEARNINGS_TOKENS
    assert numbers_in(told) == set(range(1, 201)) - {5, 16, 99}
    assert keeps - {16} <= numbers_in(told)
    assert "talker:7b: the landscape near trial 199 is steep, so go slowly [rate, t200]" in told
    assert "near trial 200" not in told, "nobody came after it"
    assert all(len(brief.learnings) / 3 <= LEARNINGS_TOKENS for brief in agent.briefs)
    late = [brief for brief in agent.briefs if brief.trial > 101]
    assert all(not {5, 16, 99} & numbers_in(brief.learnings) for brief in late)
    assert "~~" in workspace.learnings(), "the human still sees what was struck"


def test_a_restart_another_model_and_another_fingerprint_know_what_was_tried() -> None:
    room = Room(agents=[ScriptedAgent([IDEA], "ollama", "first:7b")], scribe=Lessons())
    workspace = room.workspace
    room.listeners.append(LearningsFile([], workspace.write_learnings, workspace.learnings))
    room.plan = Plan(experiments=1, review="off", rehearsals=0)
    run_session(room.desk())
    other = ScriptedAgent([IDEA, setting("smaller", "ollama", BATCH=16)], "ollama", "second:3b")
    room.agents = [other]
    run_session(room.desk())
    assert other.rejections[1] is not None
    assert other.rejections[1].repeats == 1
    room.plan = Plan(experiments=1, review="off", rehearsals=0, budget=60.0)
    entries = list(room.ledger.read())
    room.listeners[:] = [LearningsFile(entries, workspace.write_learnings, workspace.learnings)]
    third = ScriptedAgent([setting("elsewhere", LR=3e-3)])
    room.agents = [third]
    run_session(room.desk())
    brief = third.briefs[0]
    hints = [(row.trial, row.summary) for row in brief.history if not row.comparable]
    assert hints == [(1, "BATCH 8 -> 64"), (2, "BATCH 8 -> 16")]
    assert "BATCH 8 -> 64" in brief.learnings
    assert brief.plateau == 0, "a plateau is of one fingerprint"
    assert brief.reflect is None
