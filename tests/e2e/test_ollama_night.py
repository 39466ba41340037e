"""Each trap in a night of its own: what the user sees, what the ledger holds, that it goes on."""

from __future__ import annotations

import threading

import pytest

from cockpit import events as ev
from tests.ollama.fixtures import Serve
from tests.ollama.model_traps import MODELS
from tests.ollama.night import Night, spend
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
