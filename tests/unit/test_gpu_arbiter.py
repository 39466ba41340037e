"""One device for model and training: nothing trains in memory that is not free, unless it is said.

The device, the model server and the clock are simulated; tests/e2e/test_gpu_handover.py has them
over HTTP and a fake NVML.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit import events as ev
from cockpit.demo import FakeClock
from cockpit.gpu.arbiter import IDLE, LIMIT, MODE, ROOM, Arbiter
from cockpit.gpu.memory import MARGIN, SLACK, Memory
from cockpit.ports import RunOrder, Watch
from cockpit.trial import Completed, Crashed, RunResult, RunRole, Stopped, Usage

GIB = 1 << 30
NAME = "qwen2.5-coder:7b"
CARD, DRIVER, MODEL, BEST = 24 * GIB, GIB // 2, 6 * GIB, 14 * GIB
OOM = Crashed(reason="ran out of memory in training: OutOfMemoryError", usage=Usage(train=3.0))


class Line:
    """A Watch on the fake clock."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.samples, self.halt = clock, list[ev.Sample](), ""

    def halted(self) -> str | None:
        return self.halt or None

    def wait(self, seconds: float) -> str | None:
        self.clock.advance(seconds)
        return self.halted()

    def sample(self, sample: ev.Sample) -> None:
        self.samples.append(sample)


@dataclass
class Device:
    """A card, and a model that takes `lag` seconds to go and `drain` more to let its memory go."""

    clock: FakeClock
    lag: float = 0.5
    drain: float = 0.5
    foreign: int = 0
    loaded: bool = True
    told: bool = True
    refuses: bool = False
    wanted: bool = True
    neighbours: tuple[str, ...] = ()
    slow_load: threading.Event | None = None
    name: str = NAME
    run: int = 0
    stays: list[float] = field(default_factory=list)
    left: int = 0
    _gone: float = float("-inf")

    def memory(self) -> Memory | None:
        draining = self.clock.monotonic() < self._gone + self.drain
        model = MODEL if self.loaded or draining else 0
        return Memory(total=CARD, used=DRIVER + self.foreign + self.run + model)

    def read(self) -> Memory | None:
        return self.memory() if self.told else None

    def holders(self) -> tuple[str, ...]:
        return (f"blender (4711, {self.foreign / GIB:.1f} GiB)",) if self.foreign else ()

    def held(self, watch: Watch) -> int | None:
        return MODEL if self.loaded else None

    def leave(self, watch: Watch) -> str | None:
        self.left += 1
        began = self.clock.monotonic()
        while self.clock.monotonic() < began + self.lag:
            if self.clock.monotonic() >= began + 10:
                return f"{NAME} is still in memory 10 s after it was unloaded"
            watch.wait(0.2)
        self.loaded, self._gone = False, self.clock.monotonic()
        return None

    def stay(self, seconds: float, watch: Watch) -> bool:
        self.stays.append(seconds)
        if self.slow_load:
            self.slow_load.wait(10)
            while watch.halted() is None:
                pass
            return False
        self.loaded = self.loaded or not self.refuses
        return not self.refuses


@dataclass
class Bench:
    """The arbiter between a simulated device and a runner that looks at it as it begins."""

    device: Device
    turns: bool = True
    gated: bool = True
    results: list[RunResult] = field(default_factory=list)
    during: Callable[[Watch], None] = lambda _: None

    def __post_init__(self) -> None:
        self.clock = self.device.clock
        self.line = Line(self.clock)
        self.said: dict[str, str] = {}
        self.found: list[Memory] = []
        self.began: list[float] = []
        self.arbiter = Arbiter(
            self,
            self.clock,
            tenant=self.device,
            turns=self.turns,
            gated=self.gated,
            memory=self.device.read,
            holders=self.device.holders,
            say=self.hear,
        )

    def hear(self, topic: str, text: str, level: str) -> None:
        self.said[topic] = text

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        found = self.device.memory()
        assert found is not None
        self.found.append(found)
        self.began.append(self.clock.monotonic())
        self.during(watch)
        if self.results:
            return self.results.pop(0)
        return Completed(readings=(), usage=Usage(train=order.budget))

    def recover(self) -> int:
        return 3

    def order(self, room: int | None = BEST, role: RunRole = "scoring run") -> RunResult:
        order = RunOrder(trial=1, run=1, role=role, text="", seed=1, budget=300.0, room=room)
        return self.arbiter.run(order, self.line)


def bench(**settings: object) -> Bench:
    return Bench(Device(FakeClock(tick=0.001), **settings))  # type: ignore[arg-type]


# --- memory before training ----------------------------------------------------------------------


def test_a_run_begins_when_the_model_is_gone_and_its_memory_is_free() -> None:
    made = bench(lag=1.0, drain=1.5)
    result = made.order()
    assert made.found[0].free == CARD - DRIVER
    assert isinstance(result, Completed)
    assert 2.0 <= result.usage.wait <= 4.0
    assert made.said.get(ROOM, "") == ""
    assert made.arbiter.recover() == 3


@given(
    lag=st.floats(0, 40),
    drain=st.floats(0, 40),
    foreign=st.integers(0, 18),
    room=st.none() | st.integers(1, 23),
)
def test_no_run_begins_without_its_memory_or_without_a_word(
    lag: float, drain: float, foreign: int, room: int | None
) -> None:
    made = bench(lag=lag, drain=drain, foreign=foreign * GIB)
    began = made.clock.monotonic()
    made.order(room=None if room is None else room * GIB)
    waited, stayed = made.began[0] - began, made.device.left == 0
    assert waited <= LIMIT + 1.0
    if room is None:
        room_needed = CARD - DRIVER - foreign * GIB - MARGIN
    else:
        room_needed = min(room * GIB + MARGIN, int(0.97 * CARD))
    if made.found[0].free < room_needed:
        assert waited >= LIMIT - 0.5 or "still in memory" in made.said[ROOM]
        assert "were free after 20 s, and it went on: " in made.said[ROOM]
    elif not stayed and lag < 10:
        assert made.said.get(ROOM, "") == ""


def test_who_holds_the_memory_is_named_and_later_waits_are_shorter() -> None:
    made = bench(foreign=12 * GIB, neighbours=("qwen3:32b (5.0 GiB, on the same server)",))
    made.order()
    assert made.said[ROOM] == (
        "only 11.5 GiB of the 14.2 GiB a run needs were free after 20 s, and it went on: held by "
        "qwen3:32b (5.0 GiB, on the same server), blender (4711, 12.0 GiB)"
    )
    waits = [s for s in made.line.samples if isinstance(s, ev.WaitingFor)]
    assert waits[0].text == "GPU memory: 11.5 GiB of the 14.2 GiB a run needs free"
    assert waits[0].until is not None
    assert waits[-1].text == ""
    lengths = []
    for _ in range(5):
        before = made.clock.monotonic()
        made.order()
        lengths.append(made.began[-1] - before)
    assert lengths == pytest.approx([10, 5, 2.5, 2, 2], abs=0.3)
    made.device.foreign = 0
    made.order()
    assert made.said[ROOM] == "", "what is over is withdrawn"


def test_a_model_that_does_not_go_is_said_with_what_it_holds() -> None:
    made = bench(lag=1000.0)
    made.order(room=20 * GIB)
    assert made.said[ROOM] == (
        "only 17.5 GiB of the 20.2 GiB a run needs were free after 20 s, and it went on: "
        f"{NAME} is still in memory 10 s after it was unloaded; nobody says who holds the rest"
    )


def test_a_machine_that_tells_nothing_waits_for_the_server_alone() -> None:
    made = bench(told=False, drain=0.0)
    made.order()
    assert made.device.left == 1
    assert made.said.get(ROOM, "") == ""
    made.device.loaded, made.device.lag = True, 1000.0
    made.order()
    assert made.said[ROOM].startswith(f"the run went on all the same: {NAME} is still in memory")


def test_a_halt_ends_the_wait() -> None:
    made = bench(foreign=20 * GIB)
    made.line.halt = "skipped by the human"
    assert made.order() == Stopped(reason="skipped by the human")
    assert made.began == []


def test_a_model_elsewhere_is_left_alone() -> None:
    made = Bench(Device(FakeClock(tick=0.001)), turns=False, gated=False)
    made.order()
    assert (made.device.left, made.device.loaded) == (0, True)


# --- staying -------------------------------------------------------------------------------------


def test_a_model_that_provably_fits_stays_and_that_is_said_once() -> None:
    made = bench()
    made.order(room=6 * GIB)
    made.order(room=6 * GIB)
    assert made.device.left == 0
    assert made.device.stays == [300.0 + IDLE] * 2
    assert made.said == {
        MODE: f"{NAME} stays loaded while runs train, idle: 6.0 GiB beside 6.0 GiB of the best's "
        "runs and 3.0 GiB more fit in 24.0 GiB"
    } | {topic: "" for topic in made.said if topic == ROOM}


@given(room=st.integers(1, 24), foreign=st.integers(0, 18))
def test_it_stays_only_where_it_fits_by_the_books_and_on_the_device(
    room: int, foreign: int
) -> None:
    made = bench(foreign=foreign * GIB)
    made.order(room=room * GIB)
    spare = max(SLACK, room * GIB // 2)
    fits = MODEL + room * GIB + spare + foreign * GIB + DRIVER <= CARD
    assert (made.device.left == 0) == fits
    if fits:
        assert made.found[0].free >= room * GIB + spare


@pytest.mark.parametrize(
    ("settings", "room"), [({}, None), ({"told": False}, 2 * GIB), ({"refuses": True}, 2 * GIB)]
)
def test_what_is_not_known_proves_nothing(settings: dict[str, object], room: int | None) -> None:
    made = bench(**settings)
    made.order(room=room)
    assert made.device.left == 1


def test_the_decision_is_made_for_each_run() -> None:
    made = bench()
    made.order(room=6 * GIB)
    made.device.foreign = 10 * GIB
    made.order(room=6 * GIB)
    assert made.device.left == 1
    assert made.said[MODE].startswith(f"{NAME} is unloaded before runs: 6.0 GiB beside 6.0 GiB")


def test_the_first_run_out_of_memory_beside_the_model_is_the_last_one() -> None:
    made = bench()
    made.results = [OOM]
    result = made.order(room=6 * GIB)
    assert isinstance(result, Stopped)
    assert result.again, "the file is not to blame"
    assert result.usage.train == 3.0
    assert made.said[MODE] == (
        f"a run {OOM.reason}; {NAME} was beside it and is unloaded before runs from now on"
    )
    assert isinstance(made.order(room=6 * GIB), Completed)
    assert made.device.left == 1
    made.results = [OOM]
    assert isinstance(made.order(room=6 * GIB), Crashed), "alone, it is the file's doing"


# --- loading ahead -------------------------------------------------------------------------------


def examining(watch: Watch) -> None:
    watch.sample(ev.StageReached(trial=1, stage="examine"))


@pytest.mark.parametrize(
    ("settings", "role", "room", "loads"),
    [
        ({}, "scoring run", BEST, True),
        ({}, "repeat", BEST, False),
        ({}, "scoring run", None, False),
        ({}, "scoring run", 20 * GIB, False),
        ({"told": False, "drain": 0.0}, "scoring run", BEST, False),
        ({"wanted": False}, "scoring run", BEST, False),
    ],
)
def test_the_model_comes_back_while_the_examiner_finishes(
    settings: dict[str, object], role: RunRole, room: int | None, *, loads: bool
) -> None:
    made = bench(**settings)
    made.during = examining
    made.order(room=room, role=role)
    for thread in threading.enumerate():
        if thread.name == "load ahead" and loads:
            thread.join()
    assert made.device.loaded is loads
    made.during = lambda _: None
    made.order(room=room)
    assert made.found[-1].free >= CARD - DRIVER - MARGIN, "and leaves again before the next run"


def test_a_load_that_is_cut_off_is_taken_back_before_the_next_run() -> None:
    made = bench(drain=0.0)
    made.during = examining
    made.device.slow_load = threading.Event()
    made.order()
    assert made.device.left == 1
    made.device.slow_load.set()
    made.order()
    assert made.device.left == 2, "the server may go on with a load that nobody waits for"
    made.arbiter.vacate(made.line)  # and no load is left to this process


# --- the human takes it --------------------------------------------------------------------------


def test_the_human_is_told_what_was_freed_the_run_included() -> None:
    made = bench()

    def halted(watch: Watch) -> None:
        made.device.run = 8 * GIB
        made.line.halt = "the GPU was released to the human"
        assert watch.halted()
        made.line.halt = ""
        made.device.run = 0

    made.during = halted
    made.order(room=6 * GIB)
    assert made.device.loaded, "it stayed beside the run"
    assert made.arbiter.vacate(made.line) == "14.0 GiB freed"
    made.device.loaded = True
    assert made.arbiter.vacate(made.line) == "6.0 GiB freed"


def test_what_cannot_be_measured_or_does_not_go_is_said_to_the_human() -> None:
    assert bench(told=False).arbiter.vacate(Line(FakeClock())) == f"{NAME} is unloaded"
    made = bench(lag=1000.0)
    assert made.arbiter.vacate(made.line) == (
        f"0.0 GiB freed; {NAME} is still in memory 10 s after it was unloaded"
    )
