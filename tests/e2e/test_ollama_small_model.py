"""A model as weak as one of 1.5 billion parameters: nine turns in ten end in an edit of its own."""

from __future__ import annotations

from collections import Counter

import pytest

from cockpit import events as ev
from cockpit.ports import RunOrder
from cockpit.source.constants import values
from cockpit.trial import Crashed, RunResult, Usage
from tests.ollama.fixtures import TRAIN, Serve
from tests.ollama.night import Night, Terms, spend
from tests.ollama.small_mind import SmallMind

pytestmark = pytest.mark.e2e

TURNS = 30
SEEDS = (1,)


def fate(order: RunOrder) -> RunResult | None:
    """Let die in the dry run what would die of the shipped file's own checks, or of a bare name."""
    now = values(order.text)
    width, head = now.get("WIDTH"), now.get("HEAD_DIM")
    reason = ""
    if "undefined_scale" in order.text:
        reason = "NameError: name 'undefined_scale' is not defined"
    elif isinstance(width, int) and isinstance(head, int) and (width % head or head % 2):
        reason = "AssertionError: WIDTH must be a multiple of HEAD_DIM"
    if order.role != "dry run" or not reason:
        return None
    return Crashed(reason=reason, usage=Usage(), log_tail=f"Traceback ...\n{reason}")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "listed",
    [
        pytest.param("1.5B", id="listed as what it is, it starts at one constant"),
        pytest.param("7.6B", id="listed as seven billion, it starts at free text"),
    ],
)
def test_nine_turns_in_ten_end_in_an_applied_edit(listed: str, seed: int, serve: Serve) -> None:
    mind = SmallMind(seed)
    server = serve(mind.trap(), parameters=listed)
    terms = Terms(experiments=None, turns=TURNS, text=TRAIN.read_text("utf-8"), outcome=fate)
    night = spend(server, terms)
    own = [trial for trial, lane in night.trained().items() if lane == "ollama"]
    report(listed, seed, night, mind, len(own))
    assert len(night.of(ev.TrialStarted)) == TURNS + 1
    assert len(own) >= 0.9 * TURNS
    assert night.board.funnel.as_dict()["trained"] == len(night.trained())
    keys = [event.key for event in night.of(ev.Staged) if event.trial in night.trained()]
    assert len(set(keys)) == len(keys), "something was trained twice"


def report(listed: str, seed: int, night: Night, mind: SmallMind, own: int) -> None:
    """Print the numbers; `pytest -s` shows them."""
    tiers = Counter(event.proposal.tier for event in night.of(ev.Proposed))
    stages = Counter(event.rejection.stage for event in night.of(ev.ProposalRejected))
    asked = sum(event.lane == "ollama" for event in night.of(ev.Asked))
    print(
        f"\nlisted as {listed}, seed {seed}: {own} of {TURNS} turns trained an edit of the model's "
        f"({asked} requests; parsed at tiers {dict(tiers)}; turned back {dict(stages)}; "
        f"drawn {mind.drawn})"
    )
