"""Constraints in the loop, the agents and the report: refused, told, shown, and forgotten again."""

from __future__ import annotations

import json
import random

from cockpit import events as ev
from cockpit.agents.prompt import build
from cockpit.agents.reply import read_constant
from cockpit.agents.rules import load as load_rules
from cockpit.agents.schema import bounds_of, offers, schema, with_steps
from cockpit.agents.space import Dial, dials
from cockpit.agents.sweep import SweepAgent
from cockpit.constraints import Bounds, Constraints
from cockpit.demo import TRAIN, ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.metric import VAL_BPB
from cockpit.ports import Brief
from cockpit.report.summary import status_facts
from cockpit.report.text import status_text
from cockpit.source.stage import stage
from cockpit.trial import Candidate, Proposal, Rejected
from tests.engine_room import Room
from tests.unit.test_sweep_agent import Idle

DEEP = setting("more blocks", DEPTH=3)
RATE = setting("a higher rate", LR=3e-3)


def plan(rules: Constraints, experiments: int = 1, turns: int | None = None) -> Plan:
    return Plan(experiments=experiments, turns=turns, review="off", rehearsals=0, constraints=rules)


def night(room: Room) -> list[ev.Event]:
    run_session(room.desk())
    return [entry.event for entry in room.ledger.read()]


def brief(text: str, rules: Constraints, trial: int = 1) -> Brief:
    return Brief(
        trial=trial, metric=VAL_BPB, budget=300, text=text, incumbent=0, incumbent_value=1.7,
        sigma=0.01, program="", learnings="", history=(), tried={}, constraints=rules,
    )  # fmt: skip


def test_a_forbidden_proposal_goes_back_to_its_maker_before_anything_runs() -> None:
    agent = ScriptedAgent([DEEP, RATE])
    room = Room(agents=[agent], plan=plan(Constraints(frozen=("DEPTH",))))
    events = night(room)
    (turned,) = (e for e in events if isinstance(e, ev.ProposalRejected))
    assert turned.rejection.stage == "constraints"
    assert "DEPTH 2 -> 3, and DEPTH is frozen" in turned.rejection.reason
    assert agent.rejections[1] == turned.rejection
    assert agent.briefs[0].constraints.frozen == ("DEPTH",)
    assert Fold(room.ledger.read()).board.rows[1].summary == "LR 3e-4 -> 3e-3"


def test_parameters_are_refused_in_the_dry_run() -> None:
    agent = ScriptedAgent([DEEP, RATE])
    room = Room(agents=[agent], plan=plan(Constraints(parameters=100_000)))
    events = night(room)
    (turned,) = (e for e in events if isinstance(e, ev.ProposalRejected))
    assert "150,000 parameters, at most 100,000 may be" in turned.rejection.reason
    funnel = Fold(room.ledger.read()).board.funnel
    assert (funnel.parsed, funnel.applied, funnel.compiled, funnel.novel) == (2, 2, 2, 2)
    assert (funnel.dry_run, funnel.trained) == (1, 1)
    scored = [order for order in room.runner.orders if order.role == "scoring run"]
    assert ["DEPTH = 3" in order.text for order in scored] == [False, False]


def test_what_only_the_whole_run_shows_ends_in_a_discard_that_names_the_rule() -> None:
    rules = Constraints(memory=500)
    room = Room(agents=[ScriptedAgent([DEEP])], plan=plan(rules))
    over = Rejected(stage="constraints", reason="[constraints] memory: the run held 600 MB")
    room.runner.outcome = lambda order: (
        over if order.role == "scoring run" and order.constraints == rules else None
    )
    night(room)
    row = Fold(room.ledger.read()).board.rows[1]
    assert (row.word, row.reason) == ("discard", over.reason)


def test_the_baseline_is_measured_all_the_same_and_the_human_is_told() -> None:
    room = Room(agents=[ScriptedAgent([RATE])], plan=plan(Constraints(memory=100)))
    events = night(room)
    board = Fold(room.ledger.read()).board
    assert board.incumbent == 0
    told = [e.text for e in events if isinstance(e, ev.Noticed) and e.topic == "bounds"]
    assert "[constraints] memory: the run held 420 MB, at most 100 MB may be" in told[0]


def test_a_best_that_breaks_a_newer_constraint_stays_and_the_human_is_told() -> None:
    room = Room(agents=[ScriptedAgent([RATE])], plan=plan(Constraints()))
    night(room)
    room.agents, room.plan = [ScriptedAgent([])], plan(Constraints(memory=100), experiments=0)
    night(room)
    board = Fold(room.ledger.read()).board
    assert board.incumbent == 1
    told = board.notices["bounds"].text
    assert told.startswith("the best (#1) breaks a constraint, and most of its changes will: ")
    room.plan = plan(Constraints(memory=900), experiments=0)
    night(room)
    assert "bounds" not in Fold(room.ledger.read()).board.notices


def test_a_constraint_that_is_lifted_lets_the_same_idea_be_tried() -> None:
    strict = plan(Constraints(parameters=100_000), experiments=5, turns=1)
    room = Room(agents=[ScriptedAgent([DEEP])], plan=strict)
    night(room)
    board = Fold(room.ledger.read()).board
    assert board.rows[1].key in board.tried
    room.agents, room.plan = [ScriptedAgent([DEEP])], plan(Constraints(parameters=200_000))
    events = night(room)
    board = Fold(room.ledger.read()).board
    assert isinstance(
        next(e for e in events if isinstance(e, ev.SessionResumed)), ev.SessionResumed
    )
    assert board.rows[2].value is not None
    assert board.tried[board.rows[2].key] == 2
    assert board.constraints == ("the weights hold at most 200,000 parameters",)


def test_the_same_constraints_after_a_restart_forgive_nothing() -> None:
    strict = plan(Constraints(parameters=100_000), experiments=5, turns=1)
    room = Room(agents=[ScriptedAgent([DEEP])], plan=strict)
    night(room)
    room.agents = [ScriptedAgent([DEEP])]
    night(room)
    board = Fold(room.ledger.read()).board
    assert [rejection.stage for rejection in board.rows[2].rejections] == ["novelty"]


def test_status_shows_what_holds() -> None:
    room = Room(plan=plan(Constraints(memory=900, ranges={"LR": (1e-5, 1e-2)}), experiments=0))
    run_session(room.desk())
    facts = status_facts(Fold(room.ledger.read()), None)
    assert facts["constraints"] == ["a run holds at most 900 MB", "LR stays within 1e-05 to 0.01"]
    line = "bounds   a run holds at most 900 MB; LR stays within 1e-05 to 0.01\n"
    assert line in status_text(facts)


def test_dials_leave_out_what_is_forbidden() -> None:
    text = "DEPTH = 2\nLR = 3e-4\nBETA1 = 0.9\nODD = 7\nBATCH = 8\n"
    rules = Constraints(
        frozen=("BATCH",),
        ranges={"DEPTH": (1, 3), "LR": (1.23e-4, 9.87e-4), "BETA1": (0.2, 0.3), "ODD": (7, 9)},
    )
    found = dials(text, rules)
    assert "BATCH" not in found
    assert found["DEPTH"].values == (1, 2, 3)
    for dial in found.values():
        shown = [*dial.others(), *dial.near().others()]
        assert all(rules.allows(dial.name, value) for value in shown), dial.name
    assert found["LR"].fit(1.0) == 9.87e-4
    assert found["BETA1"].near().low >= 0.2
    whole = Dial(name="N", now=10, scale="log", low=2.5, high=7.5)
    assert [whole.fit(value) for value in (0.0, 100.0)] == [3, 7]


def test_no_proposal_of_the_sweep_is_turned_back_for_its_text() -> None:
    draw = random.Random(5)
    for _ in range(4):
        low, high = sorted(draw.uniform(1e-5, 1e-1) for _ in range(2))
        rules = Constraints(ranges={"LR": (low, high), "DEPTH": (2, 3)}, frozen=("QK_NORM",))
        agent, rejection, tried = SweepAgent(), None, dict[str, int]()
        for trial in range(1, 25):
            told = brief(TRAIN, rules, trial)
            answer = agent.propose(told, rejection, Idle())
            if not isinstance(answer, Proposal):
                break
            result = stage(answer, TRAIN, Bounds(constraints=rules))
            assert isinstance(result, Candidate), result
            tried[result.key] = trial
            rejection = Rejected(stage="novelty", reason="next")


def test_a_sweep_with_nothing_free_says_why() -> None:
    text = "import prepare\nLR = 3e-4\nQK_NORM = False\n"
    answer = SweepAgent().propose(brief(text, Constraints(frozen=("LR", "QK_NORM"))), None, Idle())
    assert getattr(answer, "reason", "") == "the constraints leave no constant of train.py to turn"


def test_the_schema_of_a_small_model_leaves_out_what_is_forbidden() -> None:
    text = "DEPTH = 2  # 1 | 2 | 4 | 8\nLR = 3e-4\nWIDTH = 64\nBETA1 = 0.9\n"
    rules = Constraints(
        frozen=("BETA1",), ranges={"DEPTH": (1, 4), "LR": (1e-4, 1e-3), "WIDTH": (48.5, 80)}
    )
    offered = {offer.name: offer for offer in offers(text, (), constraints=rules)}
    assert list(offered) == ["DEPTH", "LR", "WIDTH"]
    assert offered["DEPTH"].choices == (1, 4)
    assert bounds_of(offered["LR"]) == (1e-4, 1e-3)
    assert with_steps(offered["LR"]).choices == (1.5e-4, 6e-4)
    branches = schema(tuple(offered.values()))["anyOf"]
    width = next(b for b in branches if b["properties"]["name"]["const"] == "WIDTH")
    assert width["properties"]["value"] == {"type": "integer", "minimum": 49, "maximum": 80}
    reply = json.dumps({"name": "LR", "value": 0.002, "hypothesis": "faster"})
    refused = read_constant(reply, tuple(offered.values()))
    assert isinstance(refused, Rejected)
    assert refused.advice == "LR must stay between 0.0001 and 0.001."


def test_the_prompt_tells_the_model_what_is_refused() -> None:
    rules = Constraints(parameters=5000, frozen=("DEPTH",))
    for level in (0, 3):
        made = build(brief(TRAIN, rules), load_rules(), "C", (), None, level)
        assert "the weights hold at most 5,000 parameters" in made.system
        assert "DEPTH may not be changed" in made.system
    assert (
        "refused before it runs"
        not in build(brief(TRAIN, Constraints()), load_rules(), "C", (), None).system
    )
