"""Telemetry: what the machine shows, and that nothing about a GPU can raise or hang."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit.arena.telemetry import Gpus, Sampler
from cockpit.events import Telemetry


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


@dataclass
class FakeNvml:
    """Stands for the module `pynvml`: two GPUs, of which questions in `mute` go unanswered."""

    mute: set[str] = field(default_factory=set)
    processes: tuple[Any, ...] = ()
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
        }

        def ask(*arguments: Any) -> Any:
            if name in self.mute:
                raise NVMLError(name)
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


def test_foreign_use_names_the_strangers_and_not_us() -> None:
    ours = SimpleNamespace(pid=11, usedGpuMemory=1 << 30)
    theirs = SimpleNamespace(pid=2**22 + 5, usedGpuMemory=2 << 30)
    unknown = SimpleNamespace(pid=2**22 + 7, usedGpuMemory=None)
    machine = gpus(FakeNvml(processes=(ours, theirs, unknown)))
    text = machine.foreign_use({11})
    assert "GPU 1" in text
    assert "(4194309)" in text
    assert "2.0 GiB" in text
    assert "(11)" not in text
    assert machine.foreign_use({11, theirs.pid, unknown.pid}) == ""


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
