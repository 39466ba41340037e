"""What an examination tells the human alone, and what two seeds must not agree on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cockpit.agents.prompt import build
from cockpit.agents.rules import load
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.memory.learnings import LearningsFile, Lessons
from cockpit.ports import Case, Judge, RunOrder
from cockpit.source.constants import values
from cockpit.trial import Completed, MoreRuns, Reading, RunResult, Usage, Verdict
from tests.engine_room import Room

GOOD = setting("a higher rate learns faster", LR=3e-3)
BAD = setting("a smaller batch takes more steps", BATCH=64)
LAST = setting("normalised keys are stable", QK_NORM=True)
PLAN = Plan(experiments=3, review="off", rehearsals=0)
AUDIT, SAMPLE = 9.1357924, "X:77 written by the model"


@dataclass
class Recorder:
    """A judge that remembers what it was shown."""

    judge: Judge
    cases: list[Case] = field(default_factory=list)

    def decide(self, case: Case) -> Verdict | MoreRuns:
        self.cases.append(case)
        return self.judge.decide(case)


def _good(order: RunOrder) -> bool:
    return values(order.text)["LR"] == 3e-3


def audited(order: RunOrder) -> RunResult:
    """Return a result whose audit reading and sample would be recognised anywhere."""
    value = (1.9 if _good(order) else 2.0) + order.seed % 100 * 1e-5
    readings: tuple[Reading, ...] = (Reading(metric="val_bpb", split="val", value=value),)
    if order.audit:
        readings += (Reading(metric="val_bpb", split="audit", value=AUDIT),)
    return Completed(
        readings=readings,
        usage=Usage(train=order.budget),
        sample=SAMPLE if order.audit else "",
        weights_digest=f"{order.seed}",
    )


def test_audit_and_sample_reach_the_human_and_neither_agent_nor_judge() -> None:
    agent = ScriptedAgent([GOOD, BAD, LAST])
    room = Room(agents=[agent], plan=PLAN, scribe=Lessons())
    work = room.workspace
    room.listeners.append(LearningsFile([], work.write_learnings, work.learnings))
    room.runner.outcome = audited
    desk = room.desk()
    judge = desk.judge = Recorder(desk.judge)
    run_session(desk)
    board = Fold(room.ledger.read()).board
    assert [row.word for row in board.rows.values()] == ["keep", "keep", "discard", "discard"]
    for kept in (0, 1):
        assert (board.rows[kept].audit, board.rows[kept].sample) == (AUDIT, SAMPLE)
    prompts = [build(brief, load(), "C", (), None) for brief in agent.briefs]
    assert len(prompts) >= 3 and board.rows[1].summary in prompts[-1].user
    assert board.rows[1].summary in work.learnings()
    for told in (*agent.briefs, *agent.rejections, *prompts, *judge.cases, work.learnings()):
        assert f"{AUDIT:.1f}" not in repr(told)
        assert SAMPLE[:8] not in repr(told)


def test_a_candidate_whose_seeds_agree_is_no_keep_however_good() -> None:
    room = Room(agents=[ScriptedAgent([GOOD])], plan=replace(PLAN, experiments=1))

    def heedless(order: RunOrder) -> RunResult:
        done = audited(order)
        assert isinstance(done, Completed)
        return replace(done, weights_digest="same") if _good(order) else done

    room.runner.outcome = heedless
    run_session(room.desk())
    row = Fold(room.ledger.read()).board.rows[1]
    assert (row.word, row.reason) == ("discard", "two seeds gave the same weights")
    assert len([run for run in row.runs if run.of == 1 and run.role != "dry run"]) == 2


def test_nothing_is_kept_against_a_baseline_whose_seeds_agree() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=replace(PLAN, experiments=2))

    def heedless(order: RunOrder) -> RunResult:
        done = audited(order)
        assert isinstance(done, Completed)
        return done if _good(order) else replace(done, weights_digest="same")

    room.runner.outcome = heedless
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert [row.word for row in board.rows.values()] == ["keep", "discard", "discard"]
    assert "two seeds gave the best (#0) the same weights" in board.rows[1].reason
    assert "prepare.seed()" in board.notices["seed"].text
