"""A model in the loop: a real one that is small, and servers that fail it; the night goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.cabin import NOBODY, SMALL, Cabin, Line
from tests.e2e.conftest import Berth
from tests.e2e.hours import hold_against
from tests.e2e.talk import EXPERIMENTS, LANE, Talk, make_talk
from tests.ollama.fixtures import Serve
from tests.ollama.front import MODEL
from tests.ollama.scripted import MODEL as SCRIPTED
from tests.ollama.scripted import hangs_up, is_silent

pytestmark = pytest.mark.e2e

FUNNEL = ["asked", "parsed", "applied", "compiled", "novel", "dry_run", "trained", "kept"]


@pytest.fixture(scope="module")
def talk(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """A session with a real model."""
    return make_talk(prepared, tmp_path_factory.mktemp("talk") / "ws")


def test_a_session_with_a_real_model_comes_to_its_end(talk: Talk) -> None:
    assert talk.done.code == 0, talk.done.err
    assert "Traceback" not in talk.done.err
    runs = [e for e in talk.of("RunFinished") if e["role"] == "scoring run" and e["trial"]]
    assert len(runs) == EXPERIMENTS
    assert talk.of("SessionEnded")[-1]["reason"] == f"{EXPERIMENTS} experiments done"
    assert sum(e["through"] for e in talk.of("RehearsalFinished")) == 1
    assert talk.cabin.processes() == []
    assert talk.cabin.tell("status", "--json")["agent"] == MODEL


def test_the_server_was_asked_as_often_as_the_ledger_says(talk: Talk) -> None:
    asked = [e for e in talk.of("Asked") if e["lane"] == "ollama"]
    assert asked
    assert len(talk.asked) == len(asked)
    assert {body["model"] for body in talk.asked} == {MODEL}
    assert {e["model"] for e in asked} == {MODEL}


def test_every_proposal_of_the_model_is_one_of_the_replies_served_in_order(talk: Talk) -> None:
    replies = iter(talk.served)
    proposals = [e["proposal"] for e in talk.of("Proposed") if e["proposal"]["lane"] == "ollama"]
    assert proposals
    for proposal in proposals:
        assert (proposal["tier"], proposal["model"]) == ("A", MODEL)
        ((name, value),) = proposal["edit"]["changes"]
        assert any((said.get("name"), said.get("value")) == (name, value) for said in replies)


def test_the_funnel_adds_up(talk: Talk) -> None:
    funnel = talk.cabin.tell("status", "--json")["funnel"]
    assert list(funnel) == FUNNEL
    assert list(funnel.values()) == sorted(funnel.values(), reverse=True)
    for step, kind in (("asked", "Asked"), ("parsed", "Proposed"), ("novel", "Staged")):
        assert funnel[step] == sum(e["trial"] > 0 for e in talk.of(kind)), step
    assert funnel["trained"] == EXPERIMENTS
    verdicts = [e["verdict"]["word"] for e in talk.of("TrialJudged") if e["trial"]]
    assert funnel["kept"] == sum(word in ("keep", "simpler") for word in verdicts)


def test_its_hours_are_those_of_the_journal(talk: Talk) -> None:
    hold_against(talk.cabin)
    parts = talk.cabin.tell("status", "--json")["hours"]["parts"]
    assert parts["model"] > 0
    assert parts["rehearsal"] > 0


# --- servers that fail it --------------------------------------------------------------------


def sail_on(
    cabin: Cabin, *flags: str, heard: Callable[[], object] = lambda: None, **env: str
) -> tuple[list[Line], dict[str, Any]]:
    """Run until the sweep's candidate runs; end; return the events and what `status` shows."""
    command = ("run", *LANE, *SMALL, *flags, "--experiments", "1")
    with cabin.start(*command, **env) as underway:
        underway.wait_for(lambda e: e["event"] == "Staged")
        heard()
        underway.wait_for(lambda e: e["event"] == "RunStarted")
        assert underway.end(signal.SIGTERM) == 0
    proposed = [e for e in underway.events if e["event"] == "Proposed"]
    assert proposed[-1]["proposal"]["lane"] == "sweep"
    assert cabin.processes() == []
    return underway.events, cabin.tell("status", "--json")


def said(status: dict[str, Any], topic: str = "ollama") -> str:
    """Return the notice of a topic, of which there has to be one."""
    (notice,) = [n for n in status["notices"] if n["topic"] == topic]
    assert notice["level"] == "warning"
    assert "\n" not in notice["text"]
    return str(notice["text"])


def test_without_a_server_the_sweep_goes_on_and_status_says_why(
    berth: Berth, measured: Cabin
) -> None:
    events, status = sail_on(berth(measured), "--host", NOBODY)
    assert f"no model server answers at {NOBODY}" in said(status)
    assert "the sweep goes on without a model" in said(status)
    assert {"Noticed"} <= {e["event"] for e in events}
    assert {e["lane"] for e in events if e["event"] == "Asked"} == {"sweep"}


def test_a_model_that_is_not_installed_is_named_with_its_remedy(
    berth: Berth, measured: Cabin, serve: Serve
) -> None:
    server = serve(hangs_up())
    flags = ("--host", server.url, "--model", "dreamt-up:70b")
    _, status = sail_on(berth(measured), *flags)
    assert "the model dreamt-up:70b is not installed" in said(status)
    assert "ollama pull dreamt-up:70b" in said(status)
    assert server.record.count("/api/chat") == 0


def test_a_server_that_dies_in_mid_reply_costs_a_turn_and_no_more(
    berth: Berth, measured: Cabin, serve: Serve
) -> None:
    server = serve(hangs_up(), capabilities=("completion", "thinking"))
    flags = ("--host", server.url, "--model", SCRIPTED)
    events, status = sail_on(berth(measured), *flags, heard=server.close, COCKPIT_AGENT_THINK="off")
    (declined,) = [e for e in events if e["event"] == "AgentDeclined"]
    assert (declined["lane"], "hung up" in declined["reason"]) == ("ollama", True)
    assert "hung up before its reply was whole" in said(status)
    assert [body["think"] for body in server.record.bodies("/api/chat")] == [False]


def test_a_silent_server_is_given_up_after_the_limit(
    berth: Berth, measured: Cabin, serve: Serve
) -> None:
    server = serve(is_silent("{"))
    flags = ("--host", server.url, "--model", SCRIPTED)
    events, status = sail_on(berth(measured), *flags, COCKPIT_AGENT_SILENCE="2")
    (declined,) = [e for e in events if e["event"] == "AgentDeclined"]
    assert declined["lane"] == "ollama"
    assert "said nothing for 2 s" in said(status)
