"""The whole chain with a real model: client, front, llama.cpp, 135M weights, the shipped train.py.

A model of this size proves the plumbing, never the quality of an idea.
"""

from __future__ import annotations

import json

import pytest

from cockpit.agents.models import choose_model
from cockpit.agents.ollama import OllamaAgent, available
from cockpit.source import edits
from cockpit.trial import Proposal, SetConstants
from tests.ollama.fixtures import RealClock, TestWatch, brief
from tests.ollama.front import MODEL, Front

pytestmark = pytest.mark.e2e


def test_three_proposals_of_a_real_model_apply_and_are_used_as_served(model_server: Front) -> None:
    found = available(RealClock(), model_server.url)
    assert not isinstance(found, str), found
    chosen = choose_model(found)
    assert chosen.name == MODEL
    lane = OllamaAgent(chosen.name, RealClock(), host=model_server.url)
    asked_before = model_server.record.count("/api/chat")
    served_before = len(model_server.record.served)
    used: list[tuple[str, object]] = []
    for trial in (1, 2, 3):
        watch = TestWatch()
        told = brief(trial)
        proposal = lane.propose(told, None, watch)
        assert isinstance(proposal, Proposal), proposal
        assert isinstance(proposal.edit, SetConstants)
        assert isinstance(edits.apply(proposal.edit, told.text), str)
        assert (proposal.lane, proposal.tier, proposal.model) == ("ollama", "A", MODEL)
        assert proposal.prompt_tokens > 0
        assert proposal.reply_tokens > 0
        assert watch.spoken() == model_server.record.served[-1]
        used.extend(proposal.edit.changes)
    assert model_server.record.count("/api/chat") - asked_before == 3
    replies = [json.loads(text) for text in model_server.record.served[served_before:]]
    assert [(reply["name"], reply["value"]) for reply in replies] == used
    options = [b["options"] for b in model_server.record.bodies("/api/chat")[asked_before:]]
    assert len({sent["num_ctx"] for sent in options}) == 1

    assert lane.release(TestWatch()) is None
    loaded = lane.release(TestWatch())
    assert loaded is None


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
