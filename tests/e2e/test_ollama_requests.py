"""What the lane sends, how it reads what comes back, and how it gives the device back."""

from __future__ import annotations

import json

import pytest

from cockpit.agents.client import Limits
from cockpit.agents.ollama import OllamaAgent
from cockpit.events import AgentSpoke, ContextSized
from cockpit.source import edits
from cockpit.trial import Proposal, Rejected, Replace, SetConstants
from tests.ollama import scripted
from tests.ollama.fixtures import Serve, TestWatch, brief
from tests.ollama.lane import BLOCK, PATIENT, Clock, agent, declined
from tests.ollama.scripted import MODEL, Trap, says

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("parameters", "trap", "reason"),
    [
        (
            "1.5B",
            says('{"name": "LR", "va', reason="length"),
            "the reply was cut off after 4 tokens",
        ),
        ("1.5B", says("I would raise LR."), "the reply holds no JSON object (it begins “I would"),
        ("7.6B", says("Try a larger batch."), "the reply holds no search/replace block"),
    ],
)
def test_an_unusable_reply_goes_back_with_advice(
    parameters: str, trap: Trap, reason: str, serve: Serve
) -> None:
    server = serve(trap, parameters=parameters)
    outcome = agent(server.url).propose(brief(), None, TestWatch())
    assert isinstance(outcome, Rejected)
    assert outcome.stage == "parse"
    assert outcome.reason.startswith(reason)
    assert outcome.advice


def test_two_unusable_replies_step_down_to_a_schema_and_it_is_said(serve: Serve) -> None:
    fenced = 'Sure:\n```json\n{"name": "NAME", "value": VALUE, "hypothesis": "why not"}\n```'
    server = serve(*[says("Prose.")] * 4, scripted.fills(fenced))
    lane = agent(server.url)
    rejection: Rejected | None = None
    for _ in range(4):
        outcome = lane.propose(brief(), rejection, TestWatch())
        assert isinstance(outcome, Rejected)
        rejection = outcome
    proposal = lane.propose(brief(), rejection, TestWatch())
    assert isinstance(proposal, Proposal), proposal
    assert proposal.tier == "A"
    assert isinstance(proposal.edit, SetConstants)
    assert "from edit tier C to B" in proposal.notice
    assert "from edit tier B to A" in proposal.notice
    asked = server.record.bodies("/api/chat")
    bound = ["line" if "line" in str(body.get("format")) else "" for body in asked]
    assert bound == ["", "", "line", "", ""], "the last request of a turn asks for a constant"
    assert [bool(body.get("format")) for body in asked] == [False, False, True, True, True]
    assert "turned back" in asked[1]["messages"][1]["content"]


def test_a_line_chosen_by_a_model_that_was_at_tier_b_before(serve: Serve) -> None:
    line = "DEPTH = 2  # transformer blocks"
    reply = {"line": line, "new": line.replace("2", "3"), "hypothesis": "deeper"}
    server = serve(says(json.dumps(reply)), parameters="1.5B")
    lane = OllamaAgent(MODEL, Clock(), host=server.url, limits=PATIENT, tier="B")
    proposal = lane.propose(brief(), None, TestWatch())
    assert isinstance(proposal, Proposal), proposal
    assert (proposal.tier, proposal.hypothesis) == ("B", "deeper")
    assert edits.apply(proposal.edit, brief().text) == brief().text.replace(line, reply["new"])
    [asked] = server.record.bodies("/api/chat")
    assert line in asked["format"]["properties"]["line"]["enum"]
    assert brief().text.rstrip() in asked["messages"][0]["content"]


def test_blocks_of_a_large_model_apply_and_are_told_as_they_come(serve: Serve) -> None:
    server = serve(
        says(BLOCK, thinking="hm", counted=3100), capabilities=("completion", "thinking")
    )
    watch = TestWatch()
    proposal = agent(server.url).propose(brief(), None, watch)
    assert isinstance(proposal, Proposal)
    assert isinstance(proposal.edit, Replace)
    assert proposal.hypothesis == "deeper is better."
    assert (proposal.tier, proposal.prompt_tokens) == ("C", 3100)
    assert "DEPTH = 4" in str(edits.apply(proposal.edit, brief().text))
    assert watch.spoken() == BLOCK
    assert watch.spoken(thinking=True) == "hm"
    assert watch.samples[1] == AgentSpoke(trial=1, text="")
    assert [s.tokens for s in watch.samples if isinstance(s, ContextSized)][-1] == 3100


def test_every_option_is_stated_and_the_window_stays(serve: Serve) -> None:
    server = serve(says(BLOCK), capabilities=("completion", "thinking"))
    lane = agent(server.url)
    for trial in (1, 2):
        lane.propose(brief(trial, learnings="- a lesson\n" * trial), None, TestWatch())
    first, second = server.record.bodies("/api/chat")
    assert first["stream"] is True
    assert first["think"] is True
    assert first["keep_alive"] == "10m"
    options = first["options"]
    assert options["num_ctx"] == 8192
    assert (options["repeat_penalty"], options["temperature"]) == (1.0, 0.7)
    assert options["num_predict"] == 1500 + 160 + 1024, "thinking has a budget of its own"
    assert options["seed"] != second["options"]["seed"]
    assert second["options"]["num_ctx"] == options["num_ctx"]
    assert first["messages"][0] == second["messages"][0]


def test_a_model_that_cannot_think_is_not_told_not_to(serve: Serve) -> None:
    server = serve(says(BLOCK))
    agent(server.url).propose(brief(), None, TestWatch())
    assert "think" not in server.record.bodies("/api/chat")[0]


def test_a_refused_window_shortens_the_prompt(serve: Serve) -> None:
    error = "the prompt is longer than the context length currently available (4096 tokens)"
    server = serve(scripted.fails(400, error), says(BLOCK))
    lane = agent(server.url)
    told = brief(history=())
    outcome = lane.propose(told, None, TestWatch())
    assert isinstance(outcome, Rejected)
    assert outcome.stage == "ask"
    assert outcome.reason.startswith(f"the prompt is longer than the window {MODEL} has (400: the ")
    assert isinstance(lane.propose(told, outcome, TestWatch()), Proposal)
    assert "turned back" not in server.record.bodies("/api/chat")[1]["messages"][1]["content"]


def test_a_silently_cut_prompt_is_caught_and_the_next_one_fits(serve: Serve) -> None:
    fenced = '{"name": "NAME", "value": VALUE, "hypothesis": "why not"}'
    server = serve(says(BLOCK, counted=1100), scripted.fills(fenced, counted=700), window=2048)
    lane = agent(server.url)
    outcome = lane.propose(brief(), None, TestWatch())
    assert isinstance(outcome, Rejected)
    assert outcome.stage == "ask"
    assert "cut the prompt without a word: it read 1100 of about" in outcome.reason
    assert "in a window of 2048" in outcome.reason
    proposal = lane.propose(brief(), outcome, TestWatch())
    assert isinstance(proposal, Proposal), proposal
    assert f"the server gives {MODEL} 2048 of 8192 tokens" in proposal.notice
    assert server.record.bodies("/api/chat")[1]["options"]["num_ctx"] == 2048


def test_a_model_partly_on_the_cpu_is_said(serve: Serve) -> None:
    server = serve(says(BLOCK), vram=0.6)
    proposal = agent(server.url).propose(brief(), None, TestWatch())
    assert isinstance(proposal, Proposal)
    assert f"40 % of {MODEL} is on the CPU" in proposal.notice


def test_the_model_is_unloaded_and_waited_for(serve: Serve) -> None:
    server = serve(says(BLOCK), unload_lag=3)
    lane = agent(server.url)
    lane.propose(brief(), None, TestWatch())
    looks = server.record.count("/api/ps")
    assert lane.release(TestWatch()) is None
    assert server.record.bodies("/api/generate") == [
        {"model": MODEL, "prompt": "", "keep_alive": 0, "stream": False}
    ]
    assert server.record.count("/api/ps") - looks == 3


def test_a_model_that_does_not_go_is_said(serve: Serve) -> None:
    class Skipping(Clock):
        def monotonic(self) -> float:
            self.ahead += 0.5
            return super().monotonic()

    server = serve(says(BLOCK), unload_lag=1000)
    limits = Limits(connect=9, first=90, silence=90, total=90, quick=90)
    lane = OllamaAgent(MODEL, Skipping(), host=server.url, limits=limits)
    lane.propose(brief(), None, TestWatch())
    assert lane.release(TestWatch()) == (
        f"{MODEL} is still in memory 10 s after it was unloaded; "
        "see with `ollama ps` whether another program uses it"
    )


def test_what_was_refused_is_not_offered_again_on_the_same_text(serve: Serve) -> None:
    server = serve(scripted.fills('{"name": "NAME", "value": VALUE}'), parameters="0.5B")
    text = 'ACTIVATION = "gelu"  # gelu | relu2 | swiglu\n'
    lane = agent(server.url)
    seen: set[object] = set()
    rejection = None
    for _ in range(2):
        proposal = lane.propose(brief(text=text), rejection, TestWatch())
        assert isinstance(proposal, Proposal)
        assert isinstance(proposal.edit, SetConstants)
        seen |= {value for _, value in proposal.edit.changes}
        rejection = Rejected(stage="dry run", reason="it died")
    assert seen == {"relu2", "swiglu"}
    outcome = declined(lane.propose(brief(text=text), rejection, TestWatch()))
    assert (outcome.kind, outcome.reason) == (
        "exhausted",
        "train.py has no constant left that the model could change",
    )


def test_a_shortened_program_is_said_once(serve: Serve) -> None:
    server = serve(scripted.fills('{"name": "NAME", "value": VALUE}'), parameters="0.5B")
    lane = agent(server.url)
    notices = []
    for trial in (1, 2):
        told = brief(trial, program="Be bold.\n" * 400)
        proposal = lane.propose(told, None, TestWatch())
        assert isinstance(proposal, Proposal)
        notices.append(proposal.notice)
    assert "reads only the first 1500 characters of program.md" in notices[0]
    assert notices[1] == ""
