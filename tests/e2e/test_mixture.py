"""A scripted good model and the sweep: the funnel is the ledger's, the hours are the clock's.

Twelve trials of a minute in simulated time. With real processes they take half an hour:
`pytest -n 0 -m soak tests/e2e/test_mixture.py`, with COCKPIT_E2E_BUDGET=5 a few minutes. The hours
of a short real session are held in tests/e2e/test_cockpit_with_model.py.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace

import pytest

from cockpit import events as ev
from cockpit.agents.mixture import Mixture
from cockpit.agents.ollama import OllamaAgent
from cockpit.agents.sweep import SweepAgent
from cockpit.demo import FakeClock, MemoryWorkspace, SimulatedRunner
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.ports import RunOrder, Watch
from cockpit.report.audit import audit_of
from cockpit.report.timeline import Timeline
from cockpit.trial import Completed, RunResult
from tests.arithmetic import funnel, training_seconds, working_seconds
from tests.e2e.cabin import Cabin, budget
from tests.e2e.conftest import Berth
from tests.e2e.hours import hold_against
from tests.engine_room import Room
from tests.ollama.fixtures import Serve
from tests.ollama.minds import blocks, dials, file_of
from tests.ollama.scripted import MODEL, Scripted, says
from tests.ollama.web import Answer, Lines

pytestmark = pytest.mark.e2e

TRIALS, MINUTE = 12, 60.0
THINKS = 4.0
"""Seconds the simulated model takes over a reply."""
IDEAS = (
    *(("LR", rate) for rate in ("1e-5", "2e-3", "3e-5", "4e-3", "8e-3", "2e-2")),
    *(("WEIGHT_DECAY", share) for share in ("0.3", "0.01", "0.9", "0.05")),
    *(("BATCH", windows) for windows in ("32", "2", "4", "64")),
    *(("WARMDOWN", share) for share in ("0.5", "0.3")),
)


def good(server: Scripted) -> Answer | Lines:
    """Propose one idea after the other, as blocks that apply."""
    body = server.record.bodies("/api/chat")[-1]
    known = dials(file_of(body))
    ideas = [idea for idea in IDEAS if idea[0] in known]
    name, value = ideas[(server.record.count("/api/chat") - 1) % len(ideas)]
    changed = re.sub(r"= \S+", f"= {value}", known[name], count=1)
    server.passing(THINKS)
    return says(blocks((known[name], changed)))(server)


@dataclass(frozen=True)
class Punctual:
    """The simulated runner, for which launch and examination take the time it says they took."""

    inner: SimulatedRunner
    clock: FakeClock

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        result = self.inner.run(order, watch)
        if isinstance(result, Completed):
            self.clock.advance(result.usage.launch + result.usage.examine)
        return result

    def recover(self) -> int:
        return 0


def test_twelve_trials_of_a_minute(serve: Serve) -> None:
    server = serve(good)
    plan = Plan(budget=MINUTE, experiments=TRIALS, review="off", rehearsals=0)
    room = Room(plan=plan, workspace=MemoryWorkspace(), clock=FakeClock())
    server.passing = room.clock.advance
    model = OllamaAgent(MODEL, room.clock, host=server.url)
    desk = room.desk()
    desk.opening = replace(
        desk.opening,
        roster=Mixture([model, SweepAgent(0)]),
        runner=Punctual(room.runner, room.clock),
    )
    assert run_session(desk) == f"{TRIALS} experiments done"
    entries = list(room.ledger.read())
    board = Fold(entries).board
    counted = funnel(entries)
    assert board.funnel.as_dict() == counted
    assert counted["trained"] == TRIALS
    assert counted["kept"] >= 1
    assert list(counted.values()) == sorted(counted.values(), reverse=True)

    audit = audit_of(board, Timeline(entries).of(board.session_tag), now=entries[-1].at)
    assert audit.share is not None
    share = training_seconds(entries) / working_seconds(entries)
    assert audit.share == pytest.approx(share, abs=0.01)
    assert sum(audit.hours.parts.values()) == pytest.approx(audit.hours.work, rel=0.01)
    asked = sum(e.event.lane == "ollama" for e in entries if isinstance(e.event, ev.Asked))
    assert server.record.count("/api/chat") == asked
    parts = audit.hours.parts
    assert parts["model"] + parts["loading"] == pytest.approx(THINKS * asked, rel=0.05)
    lanes = {lane.lane: lane for lane in audit.lanes}
    assert sum(lanes[lane].turns for lane in ("ollama", "sweep")) == TRIALS + (
        sum(isinstance(e.event, ev.AgentDeclined) for e in entries)
    )
    assert min(lanes[lane].turns for lane in ("ollama", "sweep")) >= 2
    assert lanes["ollama"].written > 0


@pytest.mark.soak
def test_twelve_real_trials(berth: Berth, prepared: Cabin, serve: Serve) -> None:
    cabin, server = berth(prepared), serve(good)
    flags = ("--unattended", "--agent", "mixture", "--rehearsals", "0", "--remeasure", "0")
    host = ("--host", server.url, "--model", MODEL, "--experiments", str(TRIALS))
    seconds = float(os.environ.get("COCKPIT_E2E_BUDGET", str(MINUTE)))
    with cabin.start("run", "--json", *flags, *host, *budget(seconds)) as underway:
        assert underway.process.wait() == 0, underway.err
    assert hold_against(cabin)["trained"] == TRIALS
    lanes = {e.event.lane for e in cabin.journal if isinstance(e.event, ev.Asked)}
    assert lanes == {"ollama", "sweep"}
