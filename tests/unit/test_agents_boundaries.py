"""Boundaries: what crashed, ran out of memory or came too late is not offered again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.agents.boundaries import boundaries, held, within
from cockpit.agents.schema import offers, schema
from cockpit.agents.space import dials
from cockpit.agents.sweep import SweepAgent
from cockpit.constraints import Constraints
from cockpit.demo import TRAIN, MemoryWorkspace, ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.loop import run_session
from cockpit.ports import Brief, Fallen, PastTrial, RunOrder
from cockpit.source.constants import render, set_constants, values
from cockpit.trial import (
    Block,
    Constant,
    Crashed,
    Proposal,
    Rejected,
    Replace,
    RunResult,
    Usage,
    VerdictWord,
)
from tests.engine_room import Room
from tests.ollama.fixtures import brief

TEXT = "DEPTH = 4\nWIDTH = 128\nLR = 0.05\nQK_NORM = False\n\n\ndef build_model():\n    return LR\n"
OOM = "ran out of memory while training: CUDA out of memory"


def tried(
    trial: int,
    name: str,
    value: Constant,
    word: VerdictWord = "crash",
    reason: str = OOM,
    base: str = TEXT,
    measured: float | None = None,
) -> PastTrial:
    """Return a trial that changed one constant of a file."""
    then = values(base)
    return PastTrial(
        trial=trial,
        lane="ollama",
        hypothesis="",
        summary=f"{name} {render(then[name])} -> {render(value)}",
        word=word,
        reason=reason,
        value=measured,
        delta=None,
        sigmas=None,
        constants={**then, name: value},
        base="",
    )


def told(*history: PastTrial, text: str = TEXT) -> Brief:
    return brief(text=text, history=history)


def test_what_lies_beyond_a_crash_is_offered_by_neither_lane() -> None:
    now = told(tried(7, "DEPTH", 12))
    assert [found.sentence() for found in boundaries(now)] == [
        "DEPTH from 12 up took too much memory (#7)"
    ]
    dial = dials(TEXT, within(now))["DEPTH"]
    assert dial.values[-1] == 8
    offered = offers(TEXT, now.history, constraints=within(now))
    branch = next(
        b for b in schema(offered)["anyOf"] if b["properties"]["name"]["const"] == "DEPTH"
    )
    assert branch["properties"]["value"] == {"type": "integer", "minimum": 1, "maximum": 11}


def test_only_the_side_that_was_seen_is_barred() -> None:
    low, high = within(told(tried(7, "DEPTH", 1))).ranges["DEPTH"]
    assert (low, high) == (2, float("inf"))
    rate = within(told(tried(8, "LR", 0.4, reason="loss is not finite"))).ranges["LR"]
    assert rate[0] == -float("inf")
    assert 0.05 < rate[1] < 0.4, "halfway: what lies just inside a crash mostly crashes too"


def test_the_tightest_boundary_counts_whatever_came_first() -> None:
    for numbers in ((12, 8), (8, 12)):
        rows = [tried(n, "DEPTH", depth) for n, depth in enumerate(numbers, start=1)]
        assert [found.at for found in boundaries(told(*rows))] == [8]


@pytest.mark.parametrize(
    "row",
    [
        replace(tried(7, "DEPTH", 12), summary="DEPTH 4 -> 12, LR 0.05 -> 0.1"),
        replace(tried(7, "DEPTH", 12), summary="+3 -1 lines in build_model"),
        replace(tried(7, "DEPTH", 12), comparable=False),
        tried(7, "DEPTH", 12, "discard", "0.02 worse than the best", measured=2.6),
        tried(7, "DEPTH", 12, "discard", "refused by the human: no"),
        tried(7, "QK_NORM", True),
        replace(tried(7, "DEPTH", 12), shared=True),
    ],
)
def test_what_proves_nothing_about_one_number_bars_nothing(row: PastTrial) -> None:
    assert boundaries(told(row)) == ()


def test_one_that_came_too_late_is_a_boundary_and_so_is_a_failed_dry_run() -> None:
    late = tried(7, "WIDTH", 512, "discard", "handed nothing over within 300 s")
    assert boundaries(told(late))[0].how == "was too slow"
    fall = Fallen(summary="DEPTH 4 -> 12", reason=OOM, constants={**values(TEXT), "DEPTH": 12})
    repaired = replace(tried(7, "DEPTH", 6, "discard", "worse", measured=2.6), fallen=(fall,))
    assert [found.at for found in boundaries(told(repaired))] == [12]


def test_memory_outlives_a_change_of_rates_and_no_change_of_sizes() -> None:
    now = told(tried(7, "DEPTH", 12), text=set_constants(TEXT, {"LR": 0.1}))
    assert boundaries(now)
    assert boundaries(replace(now, text=set_constants(TEXT, {"WIDTH": 256})))
    assert not boundaries(replace(now, text=set_constants(TEXT, {"WIDTH": 64})))
    assert not boundaries(replace(now, text=set_constants(TEXT, {"QK_NORM": True})))
    crash = told(tried(7, "DEPTH", 12, reason="ValueError: loss is not finite"))
    assert boundaries(crash)
    assert not boundaries(replace(crash, text=set_constants(TEXT, {"LR": 0.1})))


def test_kept_code_and_a_run_that_came_through_end_a_boundary() -> None:
    fell = tried(7, "DEPTH", 12)
    code = replace(tried(8, "LR", 0.05, "keep"), summary="+3 -1 lines in class Block")
    assert not boundaries(told(fell, code))
    through = tried(8, "DEPTH", 16, "discard", "worse", measured=2.6)
    assert not boundaries(told(fell, through))


def test_the_humans_ranges_are_cut_and_never_widened() -> None:
    now = replace(told(tried(7, "DEPTH", 12)), constraints=Constraints(ranges={"DEPTH": (2, 20)}))
    assert within(now).ranges["DEPTH"] == (2, 11)
    tight = replace(now, constraints=Constraints(ranges={"DEPTH": (2, 6)}))
    assert within(tight).ranges["DEPTH"] == (2, 6)


def test_the_sweep_stays_inside_and_turns_a_constant_that_a_model_added() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        deep = int(values(order.text)["DEPTH"]) > 2
        return Crashed(reason=OOM, usage=Usage()) if deep and order.tokens is not None else None

    text = TRAIN.replace("BATCH = 8", "NOISE = 0.2\nBATCH = 8")
    room = Room(
        agents=[SweepAgent()],
        plan=Plan(experiments=24, review="off", rehearsals=0),
        workspace=MemoryWorkspace(text),
    )
    room.runner.outcome = fate
    run_session(room.desk())
    orders = [order for order in room.runner.orders if order.trial > 0]
    read = [values(order.text) for order in orders]
    deep = [(now["QK_NORM"], now["BATCH"]) for now in read if int(now["DEPTH"]) > 2]
    assert len(deep) == len(set(deep)) > 0, "tried again only once a switch or a size had changed"
    assert any(values(order.text)["NOISE"] != 0.2 for order in orders)


def test_a_boundary_found_in_the_dry_run_is_in_the_next_brief() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        deep = "DEPTH = 12" in order.text and order.role == "dry run"
        return Crashed(reason=OOM, usage=Usage()) if deep else None

    deep, fine = setting("deeper", DEPTH=12), setting("larger steps", LR=3e-3)
    agent = ScriptedAgent([deep, fine, setting("again", BATCH=4)])
    room = Room(agents=[agent], plan=Plan(experiments=2, review="off", rehearsals=0))
    room.runner.outcome = fate
    run_session(room.desk())
    assert [found.sentence() for found in boundaries(agent.briefs[-1])] == [
        "DEPTH from 12 up took too much memory (#1)"
    ]


def test_a_free_edit_beyond_a_boundary_is_turned_back_unless_it_makes_room() -> None:
    def edit(*changes: tuple[str, str]) -> Proposal:
        blocks = tuple(Block(search=old, replace=new) for old, new in changes)
        return Proposal(hypothesis="deeper", edit=Replace(blocks=blocks), lane="ollama", tier="C")

    now = told(tried(7, "DEPTH", 12))
    deeper = edit(("DEPTH = 4", "DEPTH = 16"))
    back = held(now, deeper)
    assert isinstance(back, Rejected)
    assert (back.stage, back.repeats) == ("novelty", 7)
    assert back.advice.startswith("DEPTH from 12 up took too much memory (#7). Stay on this side")
    roomy = edit(("DEPTH = 4", "DEPTH = 16"), ("WIDTH = 128", "WIDTH = 64"))
    assert held(now, roomy) is roomy
    assert held(told(), deeper) is deeper
    broken = edit(("no such line", "DEPTH = 16"))
    assert held(now, broken) is broken, "the gate says what is wrong with it"
