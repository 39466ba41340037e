"""The device handed over for real but for the device: a scripted server over HTTP, a fake NVML.

The chain is that of a session: NVML, card, arbiter, tenant, agent, client, server. Time is a fake
clock, moved by every wait, so that a lag of seconds costs none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit import events as ev
from cockpit.agents.client import Limits
from cockpit.agents.ollama import OllamaAgent
from cockpit.arena.telemetry import Gpus
from cockpit.cli.sharing import Card, arbiter, here, takes_turns
from cockpit.demo import FakeClock
from cockpit.gpu.arbiter import LIMIT, MODE, ROOM
from cockpit.ports import RunOrder, Watch
from cockpit.settings import AgentSettings, Settings
from cockpit.trial import Completed, RunResult, Usage
from tests.ollama.fixtures import Serve, TestWatch, brief
from tests.ollama.lane import BLOCK
from tests.ollama.scripted import MODEL, Scripted, says

pytestmark = pytest.mark.e2e

GIB = 1 << 30
TOTAL, DRIVER = 24 * GIB, GIB // 2
THEIRS = 4_194_309
"""Above the largest pid that Linux gives."""


@dataclass
class Nvml:
    """Stands for the module `pynvml`: one card, whose memory drains after the server let go."""

    clock: FakeClock
    server: Scripted
    drain: float = 0.0
    foreign: int = 0
    asked: int = 0
    _held: int = 0
    _gone: float | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        answers: dict[str, Callable[..., Any]] = {
            "nvmlDeviceGetCount": lambda: 1,
            "nvmlDeviceGetHandleByIndex": lambda index: index,
            "nvmlDeviceGetName": lambda _: "card",
            "nvmlSystemGetDriverVersion": lambda: "550.54",
            "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(total=TOTAL, used=self.used()),
            "nvmlDeviceGetComputeRunningProcesses": lambda _: self.processes(),
        }
        return answers.get(name, lambda *_: None)

    def used(self) -> int:
        self.asked += 1
        if self.server.held:
            self._held, self._gone = self.server.held, None
        elif self._gone is None:
            self._gone = self.clock.monotonic()
        drained = self._gone is not None and self.clock.monotonic() >= self._gone + self.drain
        return DRIVER + self.foreign + (0 if drained else self._held)

    def processes(self) -> tuple[Any, ...]:
        held = SimpleNamespace(pid=THEIRS, usedGpuMemory=self.foreign)
        return (held,) if self.foreign else ()


class Waiting(TestWatch):
    """A Watch whose waits move the fake clock instead of taking time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> str | None:
        self._clock.advance(seconds)
        return self.halted()


@dataclass
class Cabinet:
    """Everything between a scripted server and a runner that notes what it finds."""

    server: Scripted
    drain: float = 0.0
    foreign: int = 0
    unload: str = "auto"
    clock: FakeClock = field(default_factory=FakeClock)
    found: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = Waiting(self.clock)
        self.nvml = Nvml(self.clock, self.server, drain=self.drain, foreign=self.foreign)
        settings = Settings(agent=AgentSettings(host=self.server.url, unload=self.unload))
        turns = takes_turns(settings, cuda=True)
        limits = Limits(silence=600.0, total=600.0, quick=600.0)
        self.agent = OllamaAgent(MODEL, self.clock, host=self.server.url, limits=limits)
        self.said: dict[str, str] = {}
        self.arbiter = arbiter(
            self,
            self.clock,
            Card(Gpus(self.clock, lambda: self.nvml)),
            model=self.agent if turns or here(settings) else None,
            turns=turns,
            gated=True,
            say=lambda topic, text, _: self.said.__setitem__(topic, text),
        )
        self.agent.propose(brief(), None, self.watch)

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        self.found.append(TOTAL - self.nvml.used())
        watch.sample(ev.StageReached(trial=order.trial, stage="examine"))
        return Completed(readings=(), usage=Usage(train=order.budget))

    def recover(self) -> int:
        return 0

    def train(self, room: int | None) -> float:
        """Run once; return the seconds that passed on the fake clock before it began."""
        before = self.clock.monotonic()
        order = RunOrder(
            trial=1, run=1, role="scoring run", text="", seed=1, budget=300.0, room=room
        )
        self.arbiter.run(order, self.watch)
        return self.clock.monotonic() - before

    def kept_alive(self) -> list[float]:
        """Return the seconds for which the server was told to hold the model, in order."""
        return [body["keep_alive"] for body in self.server.record.bodies("/api/generate")]


@pytest.fixture(autouse=True)
def first_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize("lag", [0, 12])
@pytest.mark.parametrize("drain", [0.0, 4.0])
def test_training_begins_when_server_and_driver_have_let_go(
    serve: Serve, lag: int, drain: float
) -> None:
    cabinet = Cabinet(serve(says(BLOCK), unload_lag=lag), drain=drain)
    waited = cabinet.train(room=18 * GIB)
    assert cabinet.found == [TOTAL - DRIVER]
    assert cabinet.kept_alive()[:1] == [0]
    assert waited <= LIMIT
    assert cabinet.said.get(ROOM, "") == ""


def test_a_server_that_never_lets_go_and_a_stranger_are_both_named(serve: Serve) -> None:
    cabinet = Cabinet(serve(says(BLOCK), unload_lag=10_000), foreign=9 * GIB)
    assert LIMIT - 1 <= cabinet.train(room=18 * GIB) <= LIMIT + 1
    assert cabinet.said[ROOM] == (
        "only 10.1 GiB of the 18.2 GiB a run needs were free after 20 s, and it went on: "
        f"{MODEL} is still in memory 10 s after it was unloaded; see with `ollama ps` whether "
        f"another program uses it; held by a process ({THEIRS}, 9.0 GiB)"
    )


def test_it_stays_where_it_fits_and_is_kept_for_the_run(serve: Serve) -> None:
    cabinet = Cabinet(serve(says(BLOCK)))
    cabinet.train(room=8 * GIB)
    assert cabinet.kept_alive() == [900.0], "loaded, for the run and ten minutes"
    assert cabinet.server.record.bodies("/api/generate")[0]["options"] == {
        "num_ctx": cabinet.agent.window
    }, "another window would load it anew"
    assert cabinet.said[MODE].startswith(f"{MODEL} stays loaded while runs train, idle: 4.4 GiB")
    assert cabinet.server.record.count("/api/chat") == 1, "nothing is generated while it trains"


def test_a_restarted_server_has_nothing_to_unload(serve: Serve) -> None:
    cabinet = Cabinet(serve(says(BLOCK)))
    cabinet.server.expire()
    cabinet.train(room=18 * GIB)
    assert cabinet.kept_alive() in ([], [600.0]), "it is loaded ahead at most"
    assert cabinet.said.get(ROOM, "") == ""


def test_a_server_that_went_away_took_its_memory_along(serve: Serve) -> None:
    server = serve(says(BLOCK))
    cabinet = Cabinet(server)
    server.expire()
    server.close()
    cabinet.train(room=18 * GIB)
    assert cabinet.found == [TOTAL - DRIVER]
    assert cabinet.arbiter.vacate(cabinet.watch) == "0.0 GiB freed"


def test_a_server_that_tells_no_more_what_it_holds_is_asked_to_unload(serve: Serve) -> None:
    cabinet = Cabinet(serve(says(BLOCK)))
    cabinet.train(room=8 * GIB)
    assert cabinet.kept_alive() == [900.0]
    cabinet.server.mute = True
    cabinet.train(room=18 * GIB)
    assert cabinet.kept_alive()[1] == 0
    assert cabinet.said[ROOM].startswith(
        f"the run went on all the same: {MODEL} may still be in memory: the model server refused"
    )


def test_the_human_is_told_what_the_model_held(serve: Serve) -> None:
    cabinet = Cabinet(serve(says(BLOCK), unload_lag=3), drain=1.0)
    assert cabinet.arbiter.vacate(cabinet.watch) == "4.4 GiB freed"
    assert cabinet.kept_alive() == [0]


def test_never_means_never_but_the_human_may(serve: Serve) -> None:
    cabinet = Cabinet(serve(says(BLOCK)), unload="never")
    cabinet.train(room=8 * GIB)
    assert cabinet.kept_alive() == []
    assert cabinet.arbiter.vacate(cabinet.watch) == "4.4 GiB freed"


@pytest.mark.parametrize(
    ("host", "unload", "cuda", "turns"),
    [
        ("http://127.0.0.1:11434", "auto", True, True),
        ("http://127.0.0.1:11434", "auto", False, False),
        ("http://gpu.lan:11434", "auto", True, False),
        ("http://gpu.lan:11434", "always", True, True),
        ("http://127.0.0.1:11434", "always", False, True),
        ("http://127.0.0.1:11434", "never", True, False),
    ],
)
def test_who_takes_turns(host: str, unload: str, *, cuda: bool, turns: bool) -> None:
    settings = Settings(agent=AgentSettings(host=host, unload=unload))
    assert takes_turns(settings, cuda=cuda) is turns
