"""Telemetry: what the machine shows, and that nothing about a GPU can raise or hang."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit.arena.meter import Meter, first_visible
from cockpit.arena.telemetry import NOT_FOUND, Gpus, Sampler
from cockpit.events import Telemetry

ACTIVE = "nvmlDeviceGetProcessUtilization"


@dataclass
class HandClock:
    """A clock that a test turns by hand."""

    seconds: float = 0.0

    def now(self) -> float:
        return 1000.0 + self.seconds

    def monotonic(self) -> float:
        return self.seconds


class NVMLError(Exception):
    """What the binding raises."""

    def __init__(self, name: str, value: int = 3) -> None:
        super().__init__(name)
        self.value = value


@dataclass
class FakeNvml:
    """Stands for the module `pynvml`: two GPUs, of which questions in `mute` go unanswered."""

    mute: set[str] = field(default_factory=set)
    processes: tuple[Any, ...] = ()
    active: Any = ()
    millijoules: int = 0
    shut: bool = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        answers = {
            "nvmlInit": None,
            "nvmlShutdown": None,
            "nvmlSystemGetDriverVersion": b"550.54",
            "nvmlDeviceGetCount": 2,
            "nvmlDeviceGetName": "A100",
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=93),
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(used=3 << 30, total=80 << 30),
            "nvmlDeviceGetPowerUsage": 251_500,
            "nvmlDeviceGetTemperature": 61,
            "nvmlDeviceGetTotalEnergyConsumption": self.millijoules,
            ACTIVE: self.active,
        }

        def ask(*arguments: Any) -> Any:
            if name in self.mute:
                raise NVMLError(name)
            if name == ACTIVE and isinstance(self.active, Exception):
                raise self.active
            if name == "nvmlShutdown":
                self.shut = True
            if name == "nvmlDeviceGetHandleByIndex":
                return arguments[0]
            if name == "nvmlDeviceGetComputeRunningProcesses":
                return self.processes if arguments[0] == 1 else ()
            return answers[name]

        return ask


def gpus(nvml: FakeNvml) -> Gpus:
    return Gpus(HandClock(), lambda: nvml)


def test_a_gpu_is_read_in_watts_bytes_and_shares() -> None:
    first, second = gpus(FakeNvml()).read()
    assert (first.index, second.index) == (0, 1)
    assert (first.name, first.driver) == ("A100", "550.54")
    assert (first.utilisation, first.power, first.temperature) == (0.93, 251.5, 61.0)
    assert (first.memory_used, first.memory_total) == (3 << 30, 80 << 30)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("nvmlDeviceGetUtilizationRates", "utilisation"),
        ("nvmlDeviceGetMemoryInfo", "memory_used"),
        ("nvmlDeviceGetPowerUsage", "power"),
        ("nvmlDeviceGetTemperature", "temperature"),
    ],
)
def test_what_a_device_does_not_tell_is_missing_and_the_rest_stays(
    question: str, value: str
) -> None:
    device = gpus(FakeNvml(mute={question})).read()[0]
    assert getattr(device, value) is None
    assert device.name == "A100"


def test_without_the_package_there_are_no_devices_and_it_is_asked_again_after_a_minute() -> None:
    clock, asked = HandClock(), []

    def absent() -> Any:
        asked.append(clock.seconds)
        raise ImportError("pynvml")

    machine = Gpus(clock, absent)
    for clock.seconds in (0.0, 1.0, 59.0, 60.0, 61.0):
        assert machine.read() == ()
    assert asked == [0.0, 60.0]


def test_a_driver_that_goes_away_comes_back() -> None:
    nvml, clock = FakeNvml(), HandClock()
    machine = Gpus(clock, lambda: nvml)
    assert len(machine.read()) == 2
    nvml.mute = {"nvmlDeviceGetCount"}
    assert machine.read() == ()
    nvml.mute = set()
    clock.seconds = 61.0
    assert len(machine.read()) == 2


OURS = SimpleNamespace(pid=11, usedGpuMemory=1 << 30)
THEIRS = SimpleNamespace(pid=2**22 + 5, usedGpuMemory=2 << 30)
UNKNOWN = SimpleNamespace(pid=2**22 + 7, usedGpuMemory=None)


def at_work(*pids: int, stamp: int = 1) -> tuple[Any, ...]:
    return tuple(SimpleNamespace(pid=pid, smUtil=50, timeStamp=stamp) for pid in pids)


def test_strangers_are_named_and_we_are_none() -> None:
    machine = gpus(FakeNvml(processes=(OURS, THEIRS, UNKNOWN), mute={ACTIVE}))
    assert [str(stranger) for stranger in machine.strangers(1, {11})] == [
        "a process (4194309, 2.0 GiB)",
        "a process (4194311)",
    ]
    assert machine.strangers(1, {11, THEIRS.pid, UNKNOWN.pid}) == ()
    assert machine.strangers(0, {11}) == ()
    assert machine.strangers(7, {11}) == ()


def test_who_only_holds_memory_is_no_stranger_where_the_driver_tells() -> None:
    nvml = FakeNvml(processes=(OURS, THEIRS), active=at_work(11))
    assert gpus(nvml).strangers(1, {11}) == ()
    nvml.active = at_work(11, THEIRS.pid)
    assert len(gpus(nvml).strangers(1, {11})) == 1
    nvml.active = NVMLError(ACTIVE, NOT_FOUND)
    assert gpus(nvml).strangers(1, {11}) == ()


def test_where_none_is_known_to_be_ours_nobody_is_called_a_stranger() -> None:
    assert gpus(FakeNvml(processes=(THEIRS,))).strangers(1, {11}) == ()


def test_who_holds_memory_is_named_whether_it_computes_or_not() -> None:
    nvml = FakeNvml(processes=(OURS, THEIRS), active=at_work(11))
    (holder,) = gpus(nvml).holders(1, {11})
    assert str(holder) == "a process (4194309, 2.0 GiB)"
    assert gpus(nvml).holders(0, {11}) == ()


def meter_of(nvml: FakeNvml) -> Meter:
    return Meter(gpus(nvml), 1, lambda: {11})


def test_a_stranger_for_more_than_a_tenth_of_a_run_is_contention() -> None:
    nvml = FakeNvml(processes=(OURS, THEIRS), active=at_work(11))
    meter = meter_of(nvml)
    for look in range(20):
        nvml.active = at_work(11, *([THEIRS.pid] if look < 2 else []), stamp=look)
        meter.look()
    assert meter.foreign() == ""
    nvml.active = at_work(THEIRS.pid, stamp=21)
    meter.look()
    assert meter.foreign() == "a process (4194309, 2.0 GiB) used GPU 1 too, 14% of the time"


def test_a_meter_takes_peak_memory_and_energy_and_without_a_gpu_nothing() -> None:
    nvml = FakeNvml(processes=(OURS,))
    meter = meter_of(nvml)
    for meter_reading in (5_000, 6_000, 9_500):
        nvml.millijoules = meter_reading
        meter.look()
    assert (meter.memory, meter.energy, meter.foreign()) == (3 << 30, 4.5, "")
    shared = Meter(gpus(nvml), 1, lambda: {11}, before=1 << 30)
    shared.look()
    assert shared.memory == 2 << 30, "what others held before is no part of the run's"
    nothing = Meter()
    nothing.look()
    assert (nothing.memory, nothing.energy, nothing.foreign()) == (None, None, "")


@pytest.mark.parametrize(
    ("devices", "index"), [(None, 0), ("", 0), ("2,3", 2), (" 1", 1), ("GPU-8a7b", 0)]
)
def test_the_gpu_of_a_run_is_the_first_that_it_sees(devices: str | None, index: int) -> None:
    assert first_visible(devices) == index


def test_the_sampler_emits_the_machine_and_stops() -> None:
    samples: queue.Queue[Telemetry] = queue.Queue()
    nvml = FakeNvml()
    sampler = Sampler(samples.put, HandClock(), gpus=gpus(nvml), period=0.001)
    sampler.start()
    sampler.start()
    sample = samples.get(timeout=10)
    sampler.stop()
    sampler.stop()
    assert sample.at == 1000.0
    assert len(sample.devices) == 2
    assert 0 < sample.memory_used <= sample.memory_total
    assert 0 <= sample.cpu <= 1
    assert nvml.shut
    assert "telemetry" not in {thread.name for thread in threading.enumerate()}


def test_a_listener_that_raises_does_not_end_the_measuring() -> None:
    count = threading.Semaphore(0)

    def raises(_: Telemetry) -> None:
        count.release()
        raise RuntimeError("the screen broke")

    sampler = Sampler(raises, HandClock(), gpus=gpus(FakeNvml()), period=0.001)
    sampler.start()
    assert count.acquire(timeout=10)
    assert count.acquire(timeout=10)
    sampler.stop()


def test_stop_does_not_wait_for_a_driver_that_hangs() -> None:
    asked, release = threading.Event(), threading.Event()

    def hangs() -> Any:
        asked.set()
        release.wait(30)
        raise ImportError

    sampler = Sampler(lambda _: None, HandClock(), gpus=Gpus(HandClock(), hangs), period=0.001)
    sampler.start()
    assert asked.wait(10)
    sampler.stop()
    assert not release.is_set()
    release.set()
