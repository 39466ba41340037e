"""The whole chain with a real model: client, front, llama.cpp, 135M weights, the shipped train.py.

A model of this size proves the plumbing, never the quality of an idea.
"""

from __future__ import annotations

import json

import pytest

from cockpit import events as ev
from cockpit.agents.models import choose_model
from cockpit.agents.ollama import OllamaAgent, available
from cockpit.trial import Proposal, SetConstants
from tests.ollama.fixtures import TRAIN, RealClock, TestWatch, brief
from tests.ollama.front import MODEL, Front
from tests.ollama.night import Terms, spend

pytestmark = pytest.mark.e2e


TURNS = 10


def test_ten_proposals_of_a_real_model_apply_and_are_used_as_served(model_server: Front) -> None:
    found = available(RealClock(), model_server.url)
    assert not isinstance(found, str), found
    chosen = choose_model(found)
    assert chosen.name == MODEL
    before, served_before = model_server.record.count("/api/chat"), len(model_server.record.served)
    terms = Terms(experiments=None, turns=TURNS, text=TRAIN.read_text("utf-8"), partner=False)
    night = spend(model_server, terms, model=MODEL, clock=RealClock())

    asked = night.requests()[before:]
    proposals = [event.proposal for event in night.of(ev.Proposed)]
    assert len(asked) == len(night.of(ev.Asked)) >= len(proposals) >= TURNS
    assert {(made.lane, made.tier, made.model) for made in proposals} == {("ollama", "A", MODEL)}
    assert all(made.prompt_tokens > 0 < made.reply_tokens for made in proposals)
    assert len({sent["options"]["num_ctx"] for sent in asked}) == 1

    replies = [_object(text) for text in model_server.record.served[served_before:]]
    used = [_change(made) for made in proposals]
    assert [said for said in replies if said in used] == used, "not what the model said, in order"
    assert list(night.trained()) == list(range(1, TURNS + 1))
    staged = [event for event in night.of(ev.Staged) if event.trial > 0]
    assert len({event.key for event in staged}) == len(staged), "an experiment was repeated"


def _object(text: str) -> tuple[str, object] | None:
    """Read a reply as the grammar bound it."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said["name"], said["value"]


def _change(made: Proposal) -> tuple[str, object]:
    assert isinstance(made.edit, SetConstants)
    ((name, value),) = made.edit.changes
    return name, value


def test_an_engine_killed_in_mid_reply_is_a_sentence_and_recovers(model_server: Front) -> None:
    clock = RealClock()
    lane = OllamaAgent(MODEL, clock, host=model_server.url)

    class Killer(TestWatch):
        def sample(self, sample: object) -> None:
            if self.spoken():
                model_server.kill_engine()
            super().sample(sample)  # type: ignore[arg-type]

    outcome = lane.propose(brief(trial=50), None, Killer())
    assert not isinstance(outcome, Proposal)
    assert "the model server broke off in mid-reply" in outcome.reason
    again = OllamaAgent(MODEL, clock, host=model_server.url)
    assert isinstance(again.propose(brief(trial=51), None, TestWatch()), Proposal)
