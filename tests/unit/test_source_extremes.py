"""Files that Python compiles and that nest or count beyond what can be read: one sentence each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from cockpit.agents.prompt import build
from cockpit.agents.rules import load
from cockpit.agents.schema import offers, rotate, schema, with_steps
from cockpit.agents.sweep import SweepAgent
from cockpit.constraints import Bounds, Constraints
from cockpit.ports import PastTrial
from cockpit.source.constants import set_constants, values
from cockpit.source.limits import unmet
from cockpit.source.stage import describe, stage
from cockpit.source.syntax import compile_error
from cockpit.trial import Candidate, Constant, Declined, Proposal, Rejected, Rewrite, SetConstants
from tests.ollama.fixtures import TestWatch, brief

TEXT = "LR = 3e-4\nDEPTH = 2\nBATCH = 8\nWIDTH = 64\nFLAG = True\n\n\ndef f(x):\n    return x\n"
HUGE = 1 << 1024
BOUNDS = Bounds(
    constraints=Constraints(frozen=("f",), ranges={"LR": (1e-5, 0.1)}, added_nodes=500, nodes=900),
    baseline_nodes=None,
)

UNREADABLE = {
    "a long sum": f"y = {' + '.join(['x'] * 340)}\n",
    "many calls": f"def g(x):\n    return x{'.relu()' * 170}\n",
    "many branches": "def g(x):\n    if x:\n        return 1\n"
    + "".join(f"    elif x == {n}:\n        return {n}\n" for n in range(330)),
    "a sum just too deep": f"y = {' + '.join(['x'] * 210)}\n",
    "nested lists": f"y = {'[' * 199}{']' * 199}\n",
    "a number in hexadecimal": f"y = 0x{'f' * 4000}\n",
    "a number in a call": f"y = set(0b{'1' * 20_000})\n",
    "a sum too deep for Python": f"y = {' + '.join(['x'] * 5000)}\n",
}
NUMBERS = (
    f"LR = 0x1{'0' * 300}",
    f"WIDTH = {HUGE}",
    "WIDTH = 1e200",
    f"MASK = {1 << 62}",
    f"MASK = -{(1 << 63) - 1}",
    "MASK = -1e308",
    "LR = 5e-324",
    "EPS = 5e-324",
    "LR = 9223372036854775807",
    "BATCH = 1e308",
    "CLIP = 1.0  # 1.0 | inf",
    f"STEPS = 4  # 4 | {HUGE}",
)


def rewrite(text: str) -> Proposal:
    return Proposal(hypothesis="why", edit=Rewrite(text=text), lane="human")


def with_line(line: str) -> str:
    kept = [row for row in TEXT.splitlines() if row.split(" = ")[0] != line.split(" = ")[0]]
    return "\n".join([line, *kept]) + "\n"


def past(trial: int, **constants: Constant) -> PastTrial:
    return PastTrial(
        trial=trial,
        lane="human",
        hypothesis="",
        summary="DEPTH 2 -> 3",
        word="crash" if trial else "keep",
        reason="died",
        value=None if trial else 2.5,
        delta=None,
        sigmas=None,
        constants=constants,
        base="",
    )


@pytest.mark.parametrize("more", UNREADABLE.values(), ids=UNREADABLE)
def test_a_candidate_that_cannot_be_read_is_turned_back_in_one_sentence(more: str) -> None:
    staged = stage(rewrite(TEXT + more), TEXT, BOUNDS)
    assert isinstance(staged, Rejected)
    assert staged.stage == "compile"
    assert staged.reason.startswith("train.py ")
    assert len(staged.reason) < 200
    assert staged.advice


def test_the_line_that_nests_is_named() -> None:
    assert "line 10 nests too deep" in (compile_error(TEXT + UNREADABLE["a long sum"]) or "")
    number = compile_error(TEXT + UNREADABLE["a number in hexadecimal"]) or ""
    assert "line 10 holds a number too large" in number


@pytest.mark.parametrize("terms", [30, 150])
def test_what_nests_less_is_read(terms: int) -> None:
    staged = stage(rewrite(f"{TEXT}y = {' + '.join(['x'] * terms)}\n"), TEXT)
    assert isinstance(staged, Candidate)


@pytest.mark.parametrize("more", UNREADABLE.values(), ids=UNREADABLE)
def test_a_base_that_cannot_be_read_stops_nobody(more: str) -> None:
    base = TEXT + more
    assert describe(base).constants == {}
    assert unmet(base, BOUNDS.constraints)
    assert isinstance(stage(rewrite(TEXT), base), Candidate)
    assert isinstance(SweepAgent().propose(brief(text=base), None, TestWatch()), Declined)
    assert offers(base, ()) == ()
    assert build(brief(text=base), load(), "B", (), None, 0).tokens > 0


@pytest.mark.parametrize("line", NUMBERS, ids=lambda line: line[:24])
def test_a_number_at_the_end_of_the_scale_stops_nobody(line: str) -> None:
    base = with_line(line)
    assert isinstance(stage(rewrite(base), TEXT), Candidate)
    told = brief(text=base)
    agent, watch = SweepAgent(), TestWatch()
    for _ in range(12):
        answer = agent.propose(told, Rejected(stage="novelty", reason="again"), watch)
        if isinstance(answer, Declined):
            break
        assert isinstance(stage(answer, base), Candidate)
    every = offers(base, ())
    for offered in (every, rotate(every, 1, 1), tuple(map(with_steps, every))):
        json.dumps(schema(offered), allow_nan=False)
        assert build(told, load(), "A", offered, None, 0).tokens > 0


@pytest.mark.parametrize("huge", [HUGE, 16**4000, 1 << 63, 1e300], ids=range(4))
def test_no_constant_becomes_a_number_that_large(huge: Constant) -> None:
    edit = SetConstants(changes=(("DEPTH", huge),))
    staged = stage(Proposal(hypothesis="why", edit=edit, lane="ollama"), TEXT)
    assert isinstance(staged, Rejected)
    assert staged.stage == "apply"
    assert len(staged.reason) < 400


def test_a_whole_number_is_a_constant_as_long_as_it_fits_in_64_bits() -> None:
    most = (1 << 63) - 1
    assert values(f"A = {most}\nB = {most + 1}\nC = -{most}\n") == {"A": most, "C": -most}
    assert values(set_constants("A = 1\n", {"A": most})) == {"A": most}


def test_a_journal_that_holds_such_numbers_is_still_searched() -> None:
    usual = values(TEXT)
    history = (past(0, **usual), past(1, **{**usual, "WIDTH": HUGE}), past(2, **usual, HASH=HUGE))
    told = replace(brief(text=TEXT), history=(*history, past(3, **{**usual, "DEPTH": HUGE})))
    assert isinstance(SweepAgent().propose(told, None, TestWatch()), Proposal)
    assert offers(TEXT, told.history)


def test_whatever_else_reading_raises_is_a_rejection() -> None:
    def below(frames: int, act: Callable[[], object]) -> object:
        return below(frames - 1, act) if frames else act()

    nested = f"{TEXT}y = {' + '.join(['x'] * 190)}\n"
    staged = below(500, lambda: stage(rewrite(nested), TEXT))
    assert isinstance(staged, Rejected)
    assert staged.reason.endswith("to be read")
