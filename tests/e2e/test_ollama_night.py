"""Each trap in a night of its own: what the user sees, what the ledger holds, that it goes on."""

from __future__ import annotations

import threading

import pytest

from cockpit import events as ev
from tests.ollama.fixtures import TRAIN, Serve
from tests.ollama.minds import blocks, sensible
from tests.ollama.model_traps import MODELS
from tests.ollama.night import Night, Terms, spend
from tests.ollama.scripted import says
from tests.ollama.server_traps import SERVERS
from tests.ollama.traps import Row

pytestmark = pytest.mark.e2e

TRAPS = (*SERVERS, *MODELS)

ISSUE = (
    "silent truncation",
    "400 on context",
    "JSON cut by `length`",
    "mid-stream error line (status -1)",
    "mid-stream error line (dict error)",
    "thinking parts",
    "fenced JSON",
    "slow first token",
    "disconnect",
    "404",
    "503",
    "unload lag in /api/ps",
    "keep-alive expiry",
    "changed default context",
    "prose instead of JSON",
    "edit that matches twice",
    "edit of a protected name",
    "no-op",
    "repeat of trial 3",
    "unicode and CRLF",
    "200 kB reply",
    "endless stream",
)


def test_every_trap_that_is_to_be_survived_has_a_row() -> None:
    assert len(TRAPS) >= 20
    assert {row.issue for row in TRAPS if row.issue} == set(ISSUE)
    names = [row.name for row in TRAPS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", TRAPS, ids=lambda row: row.name)
def test_trap(row: Row, serve: Serve) -> None:
    server = serve(*row.does, **row.server)
    night = spend(server, row.terms)
    _seen(row, night)
    assert night.story(row.at)[1 : 1 + len(row.ledger)] == row.ledger
    assert night.board.rows[row.at].lane == row.by
    _went_on(row, night)


def _seen(row: Row, night: Night) -> None:
    """The user sees the sentence, in one line, and no traceback ever."""
    notices = [event.text for event in night.of(ev.Noticed) if event.text]
    refusals = [event.rejection.reason for event in night.of(ev.ProposalRejected)]
    shown = {
        "notice": notices,
        "refusal": refusals,
        "abandoned": [event.reason for event in night.of(ev.TrialAbandoned)],
        "thinking": [s.text for s in night.samples if isinstance(s, ev.AgentSpoke) and s.thinking],
        "hypothesis": [event.proposal.hypothesis for event in night.of(ev.Proposed)],
    }
    wanted = row.sees.replace("URL", night.server.url)
    if row.shown == "nothing":
        assert notices == refusals == []
    else:
        assert any(text.startswith(wanted) for text in shown[row.shown]), shown
    for text in (*notices, *refusals):
        assert text.isprintable(), text
        assert "Traceback" not in text


def _went_on(row: Row, night: Night) -> None:
    """The session came to its end, the model trained something afterwards, nothing is left."""
    assert night.reason == f"{row.terms.experiments} experiments done"
    trained = night.trained()
    assert len(trained) == row.terms.experiments
    assert "ollama" in [lane for trial, lane in trained.items() if trial > row.at]
    assert not night.of(ev.ListenerFailed)
    assert not [t.name for t in threading.enumerate() if t.name == "model request"]


def test_the_traceback_of_a_dry_run_and_every_other_refusal_reach_the_model(serve: Serve) -> None:
    rows = {row.name: row for row in TRAPS}
    for name, words in (
        ("edit that dies in the dry run", "Traceback ...\nNameError: name 'undefined'"),
        ("edit that matches twice", "matches 3 places (lines 16, 17, 18)"),
        ("edit of a protected name", "prepare.py is locked"),
        ("prose instead of JSON", "was not the JSON object asked for"),
    ):
        row = rows[name]
        night = spend(serve(*row.does, **row.server), row.terms)
        first, second = (request["messages"][1]["content"] for request in night.requests()[:2])
        assert words not in first
        assert words in second


def test_prompts_are_the_same_to_the_byte_through_the_end_of_train_py(serve: Serve) -> None:
    server = serve(sensible())
    night = spend(server, Terms(experiments=5, text=TRAIN.read_text("utf-8")))
    assert night.board.incumbent == 0, "something was kept, so train.py had to change"
    systems = [request["messages"][0] for request in night.requests()]
    users = [request["messages"][1]["content"] for request in night.requests()]
    assert len(systems) == 5
    assert all(system == systems[0] for system in systems)
    assert systems[0]["role"] == "system"
    assert systems[0]["content"].rstrip("`\n").endswith(TRAIN.read_text("utf-8").rstrip())
    assert len(set(users)) == 5, "history has grown"
    assert len({request["options"]["num_ctx"] for request in night.requests()}) == 1


def test_a_keep_changes_the_prompt_from_train_py_on_and_not_before(serve: Serve) -> None:
    better = blocks(("LR = 3e-4", "LR = 3e-3"))
    night = spend(serve(says(better), sensible()), Terms(experiments=2))
    assert night.board.incumbent == 1
    first, second = (r["messages"][0]["content"].split("```python") for r in night.requests())
    assert first[0] == second[0]
    assert first[1].replace("LR = 3e-4", "LR = 3e-3") == second[1]
