"""What the machine does, once a second: GPUs through NVML, processors and memory through psutil.

NVML comes as the module `pynvml`, whose maintained source is the package nvidia-ml-py. A machine
without GPU, driver or package has no devices, which is no error; it is asked again now and then,
because a driver can come back.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

from cockpit.events import Device, Telemetry
from cockpit.ports import Clock

PERIOD = 1.0
RETRY = 60.0
"""Seconds until a machine that showed no GPU is asked again."""
PATIENCE = 0.5
"""Seconds that `stop` waits; a driver that hangs must not hold up the end."""


NOT_FOUND = 6
"""NVML_ERROR_NOT_FOUND of nvml.h: no process computed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A process that is not ours on a GPU; `memory` in bytes."""

    pid: int
    name: str
    memory: int | None

    def __str__(self) -> str:
        """Return it in words."""
        held = "" if self.memory is None else f", {self.memory / 2**30:.1f} GiB"
        return f"{self.name} ({self.pid}{held})"


def load_nvml() -> Any:
    """Import the NVML binding.

    Raises:
        ImportError: it is not installed.
    """
    return importlib.import_module("pynvml")


class Gpus:
    """The GPUs as NVML sees them; every failure is an absent value, never an exception.

    Args:
        clock: monotonic seconds, for the next attempt at a machine that showed none.
        load: returns the module `pynvml`, or a fake of it.
    """

    def __init__(self, clock: Clock, load: Callable[[], Any] = load_nvml) -> None:
        self._clock, self._load = clock, load
        self._nvml: Any = None
        self._driver = ""
        self._again = float("-inf")
        self._since: dict[int, int] = {}

    def read(self) -> tuple[Device, ...]:
        """Return one reading of every GPU; empty without one."""
        return tuple(self._device(index, handle) for index, handle in self._handles())

    def strangers(self, index: int, own: Collection[int]) -> tuple[Stranger, ...]:
        """Return who computed on this GPU since the last call, besides the processes `own`.

        None of ours on it means that nobody can be told apart: it is another's GPU, or NVML names
        processes as the host of this container does. A process that only holds memory is no
        stranger, where the driver tells.
        """
        handle = dict(self._handles()).get(index)
        running = self._ask("nvmlDeviceGetComputeRunningProcesses", handle) or ()
        if not any(process.pid in own for process in running):
            return ()
        active = self._active(index, handle)
        return tuple(
            _stranger(process)
            for process in running
            if process.pid not in own and (active is None or process.pid in active)
        )

    def holders(self, index: int, own: Collection[int]) -> tuple[Stranger, ...]:
        """Return who holds memory on this GPU besides the processes `own`, computing or not."""
        handle = dict(self._handles()).get(index)
        running = self._ask("nvmlDeviceGetComputeRunningProcesses", handle) or ()
        return tuple(_stranger(process) for process in running if process.pid not in own)

    def joules(self, index: int) -> float | None:
        """Return the energy this GPU has drawn since its driver was loaded."""
        handle = dict(self._handles()).get(index)
        millijoules = self._ask("nvmlDeviceGetTotalEnergyConsumption", handle)
        return None if millijoules is None else millijoules / 1000

    def _active(self, index: int, handle: Any) -> set[int] | None:
        """Return who computed since the last call; None where this driver does not tell."""
        since = self._since.get(index, 0)
        try:
            samples = self._nvml.nvmlDeviceGetProcessUtilization(handle, since)
        except Exception as error:  # NVMLError of many codes, or no such function
            return set() if getattr(error, "value", None) == NOT_FOUND else None
        self._since[index] = max((sample.timeStamp for sample in samples), default=since)
        return {sample.pid for sample in samples if sample.smUtil > 0}

    def close(self) -> None:
        """Let go of the driver."""
        if self._nvml is not None:
            with suppress(Exception):
                self._nvml.nvmlShutdown()
        self._nvml = None

    def _handles(self) -> Iterator[tuple[int, Any]]:
        if self._nvml is None and self._clock.monotonic() >= self._again:
            self._connect()
        if self._nvml is None:
            return
        count = self._ask("nvmlDeviceGetCount")
        if count is None:
            self.close()
            self._again = self._clock.monotonic() + RETRY
            return
        for index in range(count):
            handle = self._ask("nvmlDeviceGetHandleByIndex", index)
            if handle is not None:
                yield index, handle

    def _connect(self) -> None:
        self._again = self._clock.monotonic() + RETRY
        try:
            nvml = self._load()
            nvml.nvmlInit()
        except Exception:  # no package, no driver, no permission: all mean no devices
            return
        self._nvml = nvml
        self._driver = _text(self._ask("nvmlSystemGetDriverVersion"))

    def _device(self, index: int, handle: Any) -> Device:
        rates = self._ask("nvmlDeviceGetUtilizationRates", handle)
        memory = self._ask("nvmlDeviceGetMemoryInfo", handle)
        milliwatts = self._ask("nvmlDeviceGetPowerUsage", handle)
        degrees = self._ask("nvmlDeviceGetTemperature", handle, 0)
        return Device(
            index=index,
            name=_text(self._ask("nvmlDeviceGetName", handle)),
            driver=self._driver,
            utilisation=None if rates is None else rates.gpu / 100,
            memory_used=None if memory is None else int(memory.used),
            memory_total=None if memory is None else int(memory.total),
            power=None if milliwatts is None else milliwatts / 1000,
            temperature=None if degrees is None else float(degrees),
        )

    def _ask(self, function: str, *arguments: Any) -> Any:
        """Call NVML; None where this device or driver does not tell."""
        try:
            return getattr(self._nvml, function)(*arguments)
        except Exception:  # NVMLError of many codes, or a function an old binding lacks
            return None


class Sampler:
    """Emits one `Telemetry` a second from a thread of its own.

    Args:
        emit: takes a sample; what it raises is dropped, so that measuring goes on.
        clock: stamps the samples.
        gpus: where devices come from; by default the machine's.
        period: seconds between samples.
    """

    def __init__(
        self,
        emit: Callable[[Telemetry], None],
        clock: Clock,
        *,
        gpus: Gpus | None = None,
        period: float = PERIOD,
    ) -> None:
        self._emit, self._clock, self._period = emit, clock, period
        self._gpus = gpus or Gpus(clock)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second call changes nothing."""
        if self._thread is None:
            psutil.cpu_percent()  # the first call has nothing to compare with and returns 0
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End within half a second, whatever the driver does; idempotent."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)
            self._thread = None

    def sample(self) -> Telemetry:
        """Take one sample now; the processor share is that since the last."""
        memory = psutil.virtual_memory()
        return Telemetry(
            at=self._clock.now(),
            devices=self._gpus.read(),
            cpu=psutil.cpu_percent() / 100,
            memory_used=memory.total - memory.available,
            memory_total=memory.total,
        )

    def _run(self) -> None:
        while not self._stopping.wait(self._period):
            with suppress(Exception):
                self._emit(self.sample())
        self._gpus.close()


def _stranger(process: Any) -> Stranger:
    memory = getattr(process, "usedGpuMemory", None)
    return Stranger(pid=process.pid, name=_name(process.pid), memory=memory)


def _name(pid: int) -> str:
    try:
        return str(psutil.Process(pid).name())
    except (psutil.Error, ValueError):
        return "a process"


def _text(value: Any) -> str:
    """Return NVML text; old bindings return bytes."""
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
