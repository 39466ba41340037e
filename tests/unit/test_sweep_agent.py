import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cockpit.agents import tpe
from cockpit.agents.playbook import MOVES, SURE, ordered
from cockpit.agents.space import dials
from cockpit.agents.sweep import SweepAgent
from cockpit.digest import digest_of
from cockpit.metric import VAL_BPB, Direction, Metric
from cockpit.ports import Brief, PastTrial
from cockpit.source import normal
from cockpit.source.constants import values
from cockpit.source.stage import stage
from cockpit.trial import Candidate, Declined, Lane, Proposal, Rejected, SetConstants, VerdictWord

TRAIN = """DEPTH = 2  # transformer blocks
WIDTH = 64
HEAD_DIM = 32
MLP_RATIO = 4.0
ACTIVATION = "gelu"  # gelu | relu2 | swiglu
QK_NORM = False
ZERO_INIT_PROJ = False
OPTIMIZER = "adamw"  # adamw | muon
LR = 3e-4
MUON_LR = 0.02
BETA2 = 0.95
WARMDOWN_FRAC = 0.0
SEQ_LEN = 256
BATCH = 8
SEED = 0
"""


Dials = dict[str, Any]
Loss = Callable[[Dials], Any]


class Idle:
    def halted(self) -> str | None:
        return None

    def wait(self, seconds: float) -> str | None:
        return None

    def sample(self, sample: object) -> None:
        return


class Lab:
    """A ledger in miniature: proposals in, verdicts by a function of the constants out."""

    def __init__(self, text: str, loss: Loss, *, metric: Metric = VAL_BPB) -> None:
        self.text, self.loss, self.metric = text, loss, metric
        self.value = loss(values(text))
        self.tried = {normal.key(text): 0}
        self.rows = [self.row(0, None, "keep", self.value, None, text, text)]
        self.incumbent = 0

    def row(
        self,
        trial: int,
        lane: Lane | None,
        word: VerdictWord,
        value: float | None,
        delta: float | None,
        text: str,
        base: str,
    ) -> PastTrial:
        return PastTrial(
            trial=trial,
            lane=lane,
            hypothesis="",
            summary="",
            word=word,
            reason="",
            value=value,
            delta=delta,
            sigmas=None,
            constants=values(text),
            base=digest_of(base),
        )

    def brief(self, trial: int | None = None) -> Brief:
        return Brief(
            trial=len(self.rows) if trial is None else trial,
            metric=self.metric,
            budget=300.0,
            text=self.text,
            incumbent=self.incumbent,
            incumbent_value=self.value,
            sigma=None,
            program="",
            learnings="",
            history=tuple(self.rows),
            tried=dict(self.tried),
        )

    def turn(self, agent: SweepAgent) -> tuple[Proposal, Candidate]:
        proposal = agent.propose(self.brief(), None, Idle())
        assert isinstance(proposal, Proposal)
        candidate = stage(proposal, self.text)
        assert isinstance(candidate, Candidate)
        assert candidate.key not in self.tried
        trial, base = len(self.rows), self.text
        self.tried[candidate.key] = trial
        value = self.loss(candidate.constants)
        if math.isnan(value):
            self.rows.append(self.row(trial, "sweep", "crash", None, None, candidate.text, base))
            return proposal, candidate
        delta = value - self.value
        kept = self.metric.gain(value, self.value) > 0.01
        word: VerdictWord = "keep" if kept else "discard"
        self.rows.append(self.row(trial, "sweep", word, value, delta, candidate.text, base))
        if kept:
            self.text, self.value, self.incumbent = candidate.text, value, trial
        return proposal, candidate


def bowl(constants: Dials) -> Any:
    """A loss with its best at LR 3e-3, muon, warm-down 0.5, QK-norm on."""
    value = 2.0 + 0.1 * abs(math.log(constants["LR"] / 3e-3))
    value += 0.0 if constants["OPTIMIZER"] == "muon" else 0.2
    value += abs(constants["WARMDOWN_FRAC"] - 0.5) / 5 + (0 if constants["QK_NORM"] else 0.05)
    return value


def names_changed(proposal: Proposal) -> list[str]:
    assert isinstance(proposal.edit, SetConstants)
    return [name for name, _ in proposal.edit.changes]


def test_the_first_moves_are_single_sure_and_explain_themselves() -> None:
    lab, agent = Lab(TRAIN, bowl), SweepAgent()
    proposals = [lab.turn(agent)[0] for _ in range(5)]
    assert all(len(names_changed(proposal)) == 1 for proposal in proposals)
    assert {"LR", "OPTIMIZER", "WARMDOWN_FRAC"} <= {names_changed(p)[0] for p in proposals}
    for proposal in proposals:
        assert " -> " in proposal.hypothesis
        assert "expected: " in proposal.hypothesis
        assert proposal.hypothesis.endswith(".")
    assert lab.value < 0.85 * bowl(values(TRAIN))


def test_no_candidate_is_proposed_twice_in_a_long_night() -> None:
    lab, agent = Lab(TRAIN, bowl), SweepAgent()
    sentences = [lab.turn(agent)[0].hypothesis for _ in range(34)]
    assert "(TPE)" in sentences[-1]
    assert lab.value < 2.06


def test_it_is_a_function_of_seed_and_brief_so_a_restart_changes_nothing() -> None:
    lab, agent = Lab(TRAIN, bowl), SweepAgent(3)
    for turn in range(30):
        if turn % 3:
            lab.turn(agent)
            continue
        again = SweepAgent(3).propose(lab.brief(), None, Idle())
        proposal, _ = lab.turn(agent)
        assert proposal == again


def test_seeds_share_the_sure_moves_and_differ_after() -> None:
    orders = [[move.identity for _, move in ordered(seed)] for seed in range(4)]
    assert all(order[:SURE] == orders[0][:SURE] for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    assert all(sorted(map(str, order)) == sorted(map(str, orders[0])) for order in orders)
    assert [move.gain for move in MOVES] == sorted((m.gain for m in MOVES), reverse=True)


def test_what_was_turned_back_is_not_sent_again() -> None:
    lab, agent = Lab(TRAIN, bowl), SweepAgent()
    first = agent.propose(lab.brief(), None, Idle())
    second = agent.propose(lab.brief(), Rejected(stage="constraints", reason="no"), Idle())
    third = agent.propose(lab.brief(), None, Idle())
    assert isinstance(first, Proposal)
    assert isinstance(second, Proposal)
    assert first.edit != second.edit
    assert third == second


def test_muon_step_size_waits_until_muon_is_in() -> None:
    lab, agent = Lab(TRAIN, lambda c: 2.0), SweepAgent()
    turned = []
    for _ in range(24):
        turned += names_changed(lab.turn(agent)[0])
    assert "MUON_LR" not in turned


def test_a_discarded_move_gets_one_more_chance_once_much_else_improved() -> None:
    def loss(constants: Dials) -> Any:
        free = constants["LR"] > 1e-3 and constants["OPTIMIZER"] == "muon"
        value = 3.0 if not free else 2.5
        return value - (0.2 if free and constants["WARMDOWN_FRAC"] == 0.5 else 0.0)

    text = 'LR = 1e-4\nWARMDOWN_FRAC = 0.0\nOPTIMIZER = "adamw"  # adamw | muon\n'
    lab, agent = Lab(text, loss), SweepAgent()
    warm = lab.row(1, "ollama", "discard", 3.0, 0.0, text.replace("0.0", "0.5"), text)
    lab.rows.append(warm)
    lab.tried[normal.key(text.replace("0.0", "0.5"))] = 1
    better = text.replace("1e-4", "2e-3").replace('"adamw"', '"muon"')
    lab.rows.append(lab.row(2, "ollama", "keep", 2.5, -0.5, better, text))
    lab.text, lab.value, lab.incumbent = better, 2.5, 2
    lab.tried[normal.key(better)] = 2
    retried = [names_changed(lab.turn(agent)[0]) for _ in range(8)]
    assert ["WARMDOWN_FRAC"] in retried
    assert lab.value == pytest.approx(2.3)


def test_candidates_that_would_be_too_slow_or_do_not_fit_are_never_proposed() -> None:
    lab, agent = Lab(TRAIN, lambda c: 2.0 + random.Random(str(c)).random()), SweepAgent()
    for _ in range(30):
        before: Dials = values(lab.text)
        _, candidate = lab.turn(agent)
        now: Dials = candidate.constants
        assert now["WIDTH"] % now["HEAD_DIM"] == 0
        work = now["DEPTH"] * now["WIDTH"] ** 2 * now["BATCH"] * now["SEQ_LEN"]
        assert work <= 9 * before["DEPTH"] * before["WIDTH"] ** 2 * before["BATCH"] * 256
        assert now["SEED"] == 0


def test_crashes_are_survived_and_not_returned_to() -> None:
    def loss(constants: Dials) -> Any:
        return math.nan if constants["LR"] > 2e-3 else bowl(constants)

    lab, agent = Lab(TRAIN, loss), SweepAgent()
    for _ in range(32):
        lab.turn(agent)
    crashed = [row for row in lab.rows if row.word == "crash"]
    assert crashed
    assert len(crashed) < 12


def test_a_script_nobody_has_seen_is_searched_too() -> None:
    text = 'ALPHA = 0.5\nSTEPS = 10\nKIND = "a"  # a | b | c\nFAST = False\n'

    def loss(constants: Dials) -> Any:
        return abs(constants["ALPHA"] - 0.7) + abs(constants["STEPS"] - 20) / 20 + 1

    lab, agent = Lab(text, loss), SweepAgent()
    for _ in range(20):
        lab.turn(agent)
    assert lab.value < 0.8 * loss(values(text))


def test_a_metric_that_is_to_grow_is_followed_upwards() -> None:
    metric = Metric(name="accuracy", direction=Direction.MAXIMIZE)
    lab, agent = Lab(TRAIN, lambda c: 4 - bowl(c), metric=metric), SweepAgent()
    for _ in range(30):
        lab.turn(agent)
    assert lab.value > 1.9


def test_only_when_nothing_is_left_does_it_give_up() -> None:
    lab, agent = Lab('KIND = "a"  # a | b\nFAST = False\n', lambda c: 1.0), SweepAgent()
    seen = {values(lab.turn(agent)[1].text)["KIND"] for _ in range(3)}
    assert seen == {"a", "b"}
    declined = agent.propose(lab.brief(), None, Idle())
    assert isinstance(declined, Declined)
    assert (declined.kind, "KIND" in declined.reason) == ("exhausted", True)


def test_a_script_without_constants_is_told_what_to_add() -> None:
    lab = Lab("print(1)\n", lambda c: 1.0)
    declined = SweepAgent().propose(lab.brief(), None, Idle())
    assert isinstance(declined, Declined)
    assert "LR = 3e-4" in declined.reason


def test_values_under_another_fingerprint_are_not_ranked() -> None:
    text = "ALPHA = 0.5\nSTEPS = 10\nRATE = 2.0\n"
    lab, agent = Lab(text, lambda c: abs(c["ALPHA"] - 0.7) + c["RATE"]), SweepAgent()
    for _ in range(10):
        lab.turn(agent)
    plain = agent.propose(lab.brief(), None, Idle())
    hint = lab.row(1, "sweep", "keep", 0.001, -1.0, text.replace("0.5", "0.9"), text)
    alien = replace(hint, comparable=False)
    lab.rows.insert(0, alien)
    brief = lab.brief(trial=len(lab.rows) - 1)
    assert isinstance(plain, Proposal)
    assert "(TPE)" in plain.hypothesis
    assert SweepAgent().propose(brief, None, Idle()) == plain


def test_on_a_plateau_joint_steps_reach_twice_as_far() -> None:
    lab = Lab(TRAIN, bowl)
    known = dials(TRAIN)
    for since, reach in ((0, 1), (20, 2)):
        near = {name: dial.near(reach) for name, dial in known.items()}
        told = replace(lab.brief(), plateau=since)
        steps = [step for seed in range(4) for step in tpe.suggest(told, known, seed)]
        widths = {step["WIDTH"] for step in steps if "WIDTH" in step}
        rates = [float(step["LR"]) for step in steps if "LR" in step]
        assert widths == set(near["WIDTH"].values) - {64}
        assert near["LR"].low * 0.99 <= min(rates)
        assert max(rates) <= near["LR"].high * 1.01
        assert max(rates) > 3e-4 * 2.5 ** (reach - 1)
