import pytest

from cockpit.agents.human import HumanAgent
from cockpit.agents.mixture import Mixture, shares
from cockpit.agents.sweep import SweepAgent
from cockpit.demo import ScriptedAgent
from cockpit.metric import VAL_BPB
from cockpit.orders import DROUGHT, GAPS
from cockpit.ports import Brief, PastTrial, plateau
from cockpit.trial import Declined, Lane, Proposal, Rejected, Rewrite, VerdictWord

MODEL = ScriptedAgent([], lane="ollama")
SWEEP = SweepAgent()
BOTH: tuple[Lane, ...] = ("ollama", "sweep")


def past(
    lane: Lane, word: VerdictWord = "discard", delta: float = 0.01, seconds: float = 300.0
) -> PastTrial:
    return PastTrial(
        trial=1,
        lane=lane,
        hypothesis="",
        summary="",
        word=word,
        reason="",
        value=1.0,
        delta=delta,
        sigmas=None,
        constants={},
        base="",
        seconds=seconds,
    )


def lanes(roster: Mixture, turns: int, history: tuple[PastTrial, ...] = ()) -> list[Lane]:
    """Play turns in which nothing is ever gained, each one appended to the history."""
    rows, seen = list(history), []
    for _ in range(turns):
        agent = roster.turn(tuple(rows), frozenset())
        assert agent is not None
        seen.append(agent.lane)
        rows.append(past(agent.lane))
    return seen


class Idle:
    def halted(self) -> str | None:
        return None

    def wait(self, seconds: float) -> str | None:
        return None

    def sample(self, sample: object) -> None:
        return


def brief(trial: int = 1) -> Brief:
    return Brief(
        trial=trial,
        metric=VAL_BPB,
        budget=300.0,
        text="LR = 1\n",
        incumbent=0,
        incumbent_value=1.0,
        sigma=None,
        program="",
        learnings="",
        history=(),
        tried={},
    )


def test_two_lanes_start_by_taking_turns() -> None:
    assert lanes(Mixture([MODEL, SWEEP]), 8) == ["ollama", "sweep"] * 4


def test_a_single_lane_has_every_turn() -> None:
    assert lanes(Mixture([SWEEP]), 3) == ["sweep"] * 3


def test_turns_follow_from_the_history_alone() -> None:
    history = (past("sweep", "keep", -0.2), past("ollama"), past("sweep"))
    assert lanes(Mixture([MODEL, SWEEP]), 9, history) == lanes(Mixture([MODEL, SWEEP]), 9, history)


def test_the_lane_that_gains_more_per_hour_gets_more_turns() -> None:
    history = tuple(past("sweep", "keep", -0.1) if n % 2 else past("ollama") for n in range(20))
    split = shares(history, BOTH)
    assert 0.6 < split["sweep"] <= 0.8
    turns = [
        agent.lane
        for n in range(40)
        if (agent := Mixture([MODEL, SWEEP]).turn((*history, *[past("human")] * n), frozenset()))
    ]
    assert turns  # the human's rows do not shift the lanes
    assert len(set(turns)) == 1


def test_hours_count_so_a_slow_model_must_gain_more() -> None:
    history = tuple(
        past("ollama", "keep", -0.1, 1200.0) if n % 2 else past("sweep", "keep", -0.1, 300.0)
        for n in range(24)
    )
    split = shares(history, BOTH)
    assert split["sweep"] > split["ollama"]


def test_no_lane_is_starved_and_shares_are_whole() -> None:
    history = tuple(past("sweep", "keep", -5.0) if n % 2 else past("ollama") for n in range(100))
    split = shares(history, BOTH)
    assert split["ollama"] >= 0.2
    assert split["sweep"] <= 0.8
    assert sum(split.values()) == pytest.approx(1.0)


def test_without_gains_or_hours_the_shares_are_even() -> None:
    assert shares((), BOTH) == {"ollama": 0.5, "sweep": 0.5}
    assert shares((past("sweep"), past("ollama")), BOTH) == {"ollama": 0.5, "sweep": 0.5}


def test_simpler_keeps_are_no_gain() -> None:
    history = (past("sweep", "simpler", -0.3), past("ollama", "keep", -0.1))
    split = shares(history, BOTH)
    assert split["ollama"] > split["sweep"]


def test_a_lane_that_failed_is_passed_over() -> None:
    roster = Mixture([MODEL, SWEEP])
    assert roster.turn((), frozenset({"ollama"})) is SWEEP
    assert roster.turn((), frozenset({"ollama", "sweep"})) is None


def test_a_waiting_file_of_the_human_goes_first_and_once() -> None:
    human = HumanAgent()
    roster = Mixture([MODEL, SWEEP], human)
    assert roster.turn((), frozenset()) is MODEL
    assert human.offer("LR = 2\n", "twice the step")
    assert roster.turn((), frozenset()) is human
    assert roster.turn((), frozenset({"human"})) is MODEL
    proposal = human.propose(brief(), None, Idle())
    assert isinstance(proposal, Proposal)
    assert (proposal.hypothesis, proposal.lane) == ("twice the step", "human")
    assert proposal.edit == Rewrite(text="LR = 2\n")
    assert roster.turn((), frozenset()) is MODEL


def test_the_same_file_is_not_queued_twice_and_a_refusal_ends_the_turn() -> None:
    human = HumanAgent()
    assert human.offer("LR = 2\n")
    assert not human.offer("LR = 2\n")
    human.propose(brief(), None, Idle())
    refusal = human.propose(brief(), Rejected(stage="guard", reason="imports socket"), Idle())
    assert isinstance(refusal, Declined)
    assert "imports socket" in refusal.reason
    nothing = human.propose(brief(), None, Idle())
    assert isinstance(nothing, Declined)
    assert nothing.kind == "exhausted"


def test_on_a_plateau_the_lanes_are_even_whatever_was_gained_before() -> None:
    credited = tuple(past("sweep", "keep", -0.3) if n % 2 else past("ollama") for n in range(20))
    before = lanes(Mixture([MODEL, SWEEP]), 10, credited)
    assert before.count("sweep") > 6
    dry = (*credited, *(past("sweep") for _ in range(DROUGHT)))
    assert shares(dry, BOTH)["sweep"] > 0.5
    assert lanes(Mixture([MODEL, SWEEP]), 10, dry) == ["ollama", "sweep"] * 5
    again = (*dry, past("sweep", "keep", -0.3))
    assert plateau(dry) == DROUGHT
    assert plateau(again) == 0


def test_keeps_far_apart_make_a_plateau_late() -> None:
    rare = tuple(past("sweep", "keep" if n % 10 == 9 else "discard") for n in range(40))
    dry = tuple(past("sweep") for _ in range(29))
    assert plateau((*rare, *dry)) == 0
    assert plateau((*rare, *dry, past("sweep"))) == GAPS * 10
    assert plateau((*rare, *dry, past("sweep", "simpler"))) == GAPS * 10, "it gains nothing"
