"""Every way a model server was seen to fail: one sentence each, and the lane is left alone."""

from __future__ import annotations

import threading
import time

import pytest

from cockpit.agents.client import Limits
from cockpit.agents.ollama import OllamaAgent, available
from cockpit.trial import Proposal
from tests.ollama import scripted
from tests.ollama.fixtures import RealClock, Serve, TestWatch, brief
from tests.ollama.lane import BLOCK, PATIENT, Clock, agent, declined
from tests.ollama.scripted import MODEL, Trap, says
from tests.ollama.web import Answer, Lines

pytestmark = pytest.mark.e2e

SHORT = Limits(silence=1.0, first=1.0)
GONE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("trap", "sentence"),
    [
        (
            scripted.fails(404, f"model '{MODEL}' not found"),
            f"the model {MODEL} is not installed; get it with `ollama pull {MODEL}`",
        ),
        (
            scripted.fails(503, "server busy, please try again. maximum pending requests exceeded"),
            "the model server is too busy (503: server busy, please try again. maximum pending "
            "requests exceeded); it is asked again",
        ),
        (
            scripted.fails(500, "llama runner process has terminated"),
            f"the model server refused {MODEL} (500: llama runner process has terminated); "
            "see its log or choose another model with --model",
        ),
        (
            scripted.breaks_off("CUDA error: out of memory"),
            "the model server broke off in mid-reply (CUDA error: out of memory); "
            "choose a smaller model or free memory on the device",
        ),
        (
            scripted.breaks_off({"code": 500, "message": "slot unavailable"}),
            "the model server at URL broke off in mid-reply with an error in a form that is not "
            "Ollama's; see its log",
        ),
        (
            scripted.fails(502, {"message": "bad gateway"}),
            f"the model server refused {MODEL} (502: bad gateway); "
            "see its log or choose another model with --model",
        ),
        (
            scripted.hangs_up(),
            "the model server at URL hung up before its reply was whole; "
            "see its log whether it crashed",
        ),
        (
            scripted.ends_early(),
            "the model server at URL hung up before its reply was whole; "
            "see its log whether it crashed",
        ),
        (
            scripted.is_silent(),
            "the model server at URL said nothing for 1 s; "
            "see `ollama ps` and its log, or raise [agent] silence",
        ),
        (
            scripted.is_silent(after='{"name"'),
            "the model server at URL said nothing for 1 s; "
            "see `ollama ps` and its log, or raise [agent] silence",
        ),
        (
            scripted.speaks_html(),
            "what answers at URL does not speak Ollama's protocol "
            "(AttributeError: 'str' object has no attribute 'get'); check OLLAMA_HOST",
        ),
    ],
)
def test_a_failing_server_is_one_sentence_and_is_then_left_alone(
    trap: Trap, sentence: str, serve: Serve
) -> None:
    server = serve(trap, says(BLOCK))
    clock = Clock()
    limits = SHORT if "said nothing" in sentence else PATIENT
    lane = agent(server.url, clock=clock, limits=limits)
    first = declined(lane.propose(brief(), None, TestWatch()))
    assert first.kind == "unavailable"
    assert first.reason.startswith(sentence.replace("URL", server.url) + " (asked again after ")

    asked = len(server.record.requests)
    assert lane.propose(brief(2), None, TestWatch()) == first
    assert len(server.record.requests) == asked, "the network was touched while backing off"

    clock.ahead += 31
    assert isinstance(lane.propose(brief(3), None, TestWatch()), Proposal)


def test_an_absent_server_is_one_sentence_with_what_to_do() -> None:
    sentence = f"no model server answers at {GONE}; start it with `ollama serve` or set OLLAMA_HOST"
    reason = declined(agent(GONE).propose(brief(), None, TestWatch())).reason
    assert reason.startswith(f"{sentence} (asked again after ")
    assert available(Clock(), GONE) == sentence


def test_a_server_that_went_away_holds_no_memory(serve: Serve) -> None:
    server = serve(says(BLOCK))
    lane = agent(server.url)
    lane.propose(brief(), None, TestWatch())
    server.close()
    assert lane.release(TestWatch()) is None


def test_an_absent_model_is_found_out_before_anything_is_sent(serve: Serve) -> None:
    server = serve(says(BLOCK))
    lane = agent(server.url, "phi4")
    reason = declined(lane.propose(brief(), None, TestWatch())).reason
    assert reason.startswith("the model phi4 is not installed; get it with `ollama pull phi4`")
    assert server.record.count("/api/chat") == 0


def test_a_model_that_never_ends_is_stopped_at_the_deadline(serve: Serve) -> None:
    server = serve(scripted.rambles())
    started = time.monotonic()
    lane = agent(server.url, limits=Limits(silence=20, total=2))
    outcome = declined(lane.propose(brief(), None, TestWatch()))
    assert outcome.kind == "unusable"
    assert outcome.reason.startswith(f"{MODEL} took more than 2 s over one proposal; ")
    assert time.monotonic() - started < 10


def halting(watch: TestWatch, halted: list[float], then: Trap) -> Trap:
    """Halt the work a moment after its request has reached the server."""

    def halt() -> None:
        halted.append(time.monotonic())
        watch.halt()

    def trap(server: scripted.Scripted) -> Answer | Lines:
        threading.Timer(0.2, halt).start()
        return then(server)

    return trap


@pytest.mark.parametrize("trap", [scripted.is_silent(), scripted.is_silent(after="Hypo")])
def test_a_halt_acts_within_a_second_also_before_the_first_token(trap: Trap, serve: Serve) -> None:
    watch, halted = TestWatch(), list[float]()
    server = serve(halting(watch, halted, trap))
    lane = OllamaAgent(MODEL, RealClock(), host=server.url)
    outcome = declined(lane.propose(brief(), None, watch))
    assert time.monotonic() - halted[0] < 1.0
    assert (outcome.kind, outcome.reason) == ("halted", "skipped by the human")
    assert not [t.name for t in threading.enumerate() if t.name == "model request"]


def test_a_halt_is_no_failure_of_the_server(serve: Serve) -> None:
    watch = TestWatch()
    server = serve(halting(watch, [], scripted.is_silent()), says(BLOCK))
    lane = OllamaAgent(MODEL, RealClock(), host=server.url)
    assert declined(lane.propose(brief(), None, watch)).kind == "halted"
    assert isinstance(lane.propose(brief(), None, TestWatch()), Proposal)
