"""Fixtures of the two test servers, and small things that every test of the lane needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cockpit.events import AgentSpoke, Sample
from cockpit.metric import VAL_BPB
from cockpit.ports import Brief, PastTrial
from tests.ollama.front import Front
from tests.ollama.install import install
from tests.ollama.scripted import Scripted, Trap

TRAIN = Path(__file__).parents[2] / "sandbox" / "train.py"
Serve = Callable[..., Scripted]


@pytest.fixture(scope="session")
def model_server() -> Iterator[Front]:
    """A real model behind an Ollama API; fetched first where it is not installed."""
    front = Front(install())
    yield front
    front.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start scripted servers, and stop them at the end of the test."""
    servers: list[Scripted] = []

    def start(*traps: Trap, **settings: object) -> Scripted:
        server = Scripted(*traps, **settings)  # type: ignore[arg-type]  # passed through as given
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


class RealClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class TestWatch:
    """A Watch that a test can halt, and that keeps what it was told."""

    __test__ = False

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._halt = threading.Event()

    def halt(self) -> None:
        self._halt.set()

    def halted(self) -> str | None:
        return "skipped by the human" if self._halt.is_set() else None

    def wait(self, seconds: float) -> str | None:
        self._halt.wait(seconds)
        return self.halted()

    def sample(self, sample: Sample) -> None:
        self.samples.append(sample)

    def spoken(self, *, thinking: bool = False) -> str:
        """Return all the model said, or thought."""
        parts = [s for s in self.samples if isinstance(s, AgentSpoke)]
        return "".join(part.text for part in parts if part.thinking is thinking)


def brief(
    trial: int = 1,
    text: str | None = None,
    history: tuple[PastTrial, ...] = (),
    program: str = "Lower val_bpb. Change one constant at a time.",
    learnings: str = "",
    notes: tuple[str, ...] = (),
) -> Brief:
    """Return what the engine would tell an agent about the shipped train.py."""
    return Brief(
        trial=trial,
        metric=VAL_BPB,
        budget=300.0,
        text=TRAIN.read_text() if text is None else text,
        incumbent=0,
        incumbent_value=2.5,
        sigma=0.003,
        program=program,
        learnings=learnings,
        history=history,
        tried={},
        notes=notes,
    )
