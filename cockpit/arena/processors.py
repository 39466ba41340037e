"""Which processors a run is held to, so that it trains on its share and on no more.

A run that were merely asked to use so many threads could take all of the machine. Held to as many
processors as it has threads, more threads gain it nothing. Runs of several cockpits keep out of
each other's way by a lock for each processor, which the kernel frees when its warden is gone.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

SAMPLE = 0.1
"""Seconds in which a processor shows whether it is busy: ten ticks of the kernel's clock."""
BUSY = 0.5
"""Share of the sample from which on a processor is called busy."""
TRIES = 20
TOPOLOGY = Path("/sys/devices/system/cpu")
PLACE = Path("/tmp")  # noqa: S108 - only a folder of this user's own is used in it
"""Where the locks lie: one place for all cockpits of a user, whatever TMPDIR a scheduler set."""
Ticks = dict[int, tuple[int, int]]
"""Of each processor the ticks it was busy, and all its ticks; proc_stat(5)."""


class Claim:
    """Processors claimed for one run; they are free again when this is closed, or its process is.

    Args:
        wanted: how many.
        wait: waits that many seconds; injected for tests.
        folder: where the locks lie; by default one of this user's, for all workspaces.
    """

    def __init__(
        self, wanted: int, wait: Callable[[float], None] = time.sleep, folder: Path | None = None
    ) -> None:
        self._locks: dict[int, int] = {}
        ours = os.sched_getaffinity(0)
        before = ticks()
        wait(SAMPLE)
        busy = shares(before, ticks())
        place = folder or _folder()
        with _alone(place, wait):
            taken = {cpu for cpu in ours if not self._lock(place, cpu)}
            self.processors = choose(wanted, ours, siblings(ours), taken, busy)
            for cpu in set(self._locks) - set(self.processors):
                os.close(self._locks.pop(cpu))

    def close(self) -> None:
        """Let others have them."""
        for descriptor in self._locks.values():
            os.close(descriptor)
        self._locks.clear()

    def _lock(self, folder: Path | None, cpu: int) -> bool:
        """Say whether the processor is ours now; where no lock can be kept, it is."""
        try:
            descriptor = None if folder is None else _take(folder / str(cpu))
        except BlockingIOError:
            return False
        if descriptor is not None:
            self._locks[cpu] = descriptor
        return True


@contextmanager
def _alone(folder: Path | None, wait: Callable[[float], None]) -> Iterator[None]:
    """Choose while nobody else does; whoever takes a second for it is not waited for."""
    descriptor: int | None = None
    for _ in range(TRIES):
        try:
            descriptor = None if folder is None else _take(folder / "choosing")
        except BlockingIOError:
            wait(1 / TRIES)
        else:
            break
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _take(path: Path) -> int | None:
    """Return a descriptor that holds the lock; None where no file can be made.

    Raises:
        BlockingIOError: another process holds it.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return descriptor


def choose(
    wanted: int,
    ours: Collection[int],
    cores: Mapping[int, Sequence[int]],
    taken: Collection[int] = (),
    busy: Mapping[int, float] | None = None,
) -> tuple[int, ...]:
    """Return the best `wanted` of the processors `ours`, or all of them; pure.

    One of each core first (`cores` names the siblings of each), cores that no other run has
    (`taken`) before those that one has, idle before busy (`busy` are shares), the last first:
    interrupts and the rest of the system like the first ones.
    """
    load = busy or {}

    def rank(cpu: int) -> tuple[int, int, int, bool, int]:
        core = cores.get(cpu, (cpu,))
        shared = sum(other in taken for other in core)
        return cpu in taken, list(core).index(cpu), shared, load.get(cpu, 0.0) > BUSY, -cpu

    return tuple(sorted(sorted(ours, key=rank)[: max(1, wanted)]))


def siblings(cpus: Collection[int], topology: Path = TOPOLOGY) -> dict[int, tuple[int, ...]]:
    """Return, of each processor, those of `cpus` that share its core, itself among them."""
    cores: dict[tuple[str, str], list[int]] = {}
    keys: dict[int, tuple[str, str]] = {}
    for cpu in sorted(cpus):
        place = topology / f"cpu{cpu}" / "topology"
        key = (str(cpu), "")
        with suppress(OSError):
            package, core = (place / "physical_package_id").read_text(), place / "core_id"
            key = (package.strip(), core.read_text().strip())
        keys[cpu] = key
        cores.setdefault(key, []).append(cpu)
    return {cpu: tuple(cores[key]) for cpu, key in keys.items()}


def ticks() -> Ticks:
    """Return the ticks of every processor; empty where the kernel does not tell."""
    found: Ticks = {}
    with suppress(OSError, ValueError):
        for line in Path("/proc/stat").read_text().splitlines():
            name, *fields = line.split()
            if name.startswith("cpu") and name != "cpu":
                spent = [int(field) for field in fields[:8]]
                found[int(name[3:])] = sum(spent) - spent[3] - spent[4], sum(spent)
    return found


def busy_ticks(before: Ticks, after: Ticks, cpus: Collection[int]) -> int | None:
    """Return the ticks that `cpus` were busy between two looks; None where that is not told."""
    if not cpus or any(cpu not in before or cpu not in after for cpu in cpus):
        return None
    return sum(after[cpu][0] - before[cpu][0] for cpu in cpus)


def shares(before: Ticks, after: Ticks) -> dict[int, float]:
    """Return how busy each processor was between two looks, 0 to 1."""
    return {
        cpu: (after[cpu][0] - busy) / max(1, after[cpu][1] - total)
        for cpu, (busy, total) in before.items()
        if cpu in after
    }


def _folder() -> Path | None:
    """Return this user's folder of locks; None where there can be none that is only theirs."""
    place = PLACE / f"cockpit-processors-{os.getuid()}"
    with suppress(OSError):
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        if found.st_uid == os.getuid() and not found.st_mode & 0o022 and not place.is_symlink():
            return place
    return None
