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
from typing import Any

import psutil

from cockpit.events import Device, Telemetry
from cockpit.ports import Clock

PERIOD = 1.0
RETRY = 60.0
"""Seconds until a machine that showed no GPU is asked again."""
PATIENCE = 0.5
"""Seconds that `stop` waits; a driver that hangs must not hold up the end."""


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

    def read(self) -> tuple[Device, ...]:
        """Return one reading of every GPU; empty without one."""
        return tuple(self._device(index, handle) for index, handle in self._handles())

    def foreign_use(self, own: Collection[int]) -> str:
        """Say in words which processes other than `own` compute on a GPU; empty when none does.

        Inside a container NVML may show none, or process ids of the host.
        """
        found: list[str] = []
        for index, handle in self._handles():
            running = self._ask("nvmlDeviceGetComputeRunningProcesses", handle) or ()
            strangers = [p for p in running if p.pid not in own]
            if strangers:
                used = sum(getattr(p, "usedGpuMemory", None) or 0 for p in strangers)
                names = ", ".join(f"{_name(p.pid)} ({p.pid})" for p in strangers[:3])
                more = f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""
                found.append(f"GPU {index} is also used by {names}{more}, {used / 2**30:.1f} GiB")
        return "; ".join(found)

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

    def foreign_use(self, own: Collection[int]) -> str:
        """Say which processes other than `own` compute on a GPU; empty when none does."""
        return self._gpus.foreign_use(own)

    def _run(self) -> None:
        while not self._stopping.wait(self._period):
            with suppress(Exception):
                self._emit(self.sample())
        self._gpus.close()


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
