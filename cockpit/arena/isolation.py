"""The walls around a candidate: what it may touch, and how a process lowers its own rights to that.

`lower` is called by the launcher in the fresh child, while it has one thread and before torch or
anything of the agent's is imported. Only the standard library and ctypes; nothing here needs root.
What a kernel cannot do is left out and said in words; the self-test (`probe`) measures the rest.
"""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from cockpit.arena import corpus, landlock, privileges, seccomp

ELSEWHERE = "has no walls this program can put up"
CPU_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
GPU_DEVICES = (
    "/dev/nvidiactl",
    "/dev/nvidia-uvm",
    "/dev/nvidia-uvm-tools",
    "/dev/nvidia-modeset",
    "/dev/nvidia-caps",
    "/dev/dxg",
    "/dev/kfd",
    "/dev/dri",
)
GPU_READ = (
    "/usr",
    "/bin",
    "/opt/cuda",
    "/opt/nvidia",
    "/opt/rocm",
    "/etc/alternatives",
    "/proc",
    "/sys",
)
"""The driver, and what a compiler and its tools read; another process's secrets in /proc stay
closed all the same: Landlock forbids to look into processes outside."""
SYSTEM_READ = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/share/zoneinfo",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm",
    "/sys/devices/system",
    "/sys/fs/cgroup",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a child may touch; paths that do not exist are left out.

    `read` and `write` are folders or files besides the interpreter and system libraries, which are
    always readable. `allow_exec` lets it start processes (a GPU compiler needs that), `gpu` widens
    what is readable and opens the devices in `devices`, `netns` asks for an empty network where the
    kernel allows it. `landlock` is the newest ABI to use, None the kernel's own: for measuring what
    an older kernel holds. `walls` False leaves it unjailed: for measuring what the walls add.
    `processors` are those it is held to, none for all: its warden chooses them.
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    devices: tuple[str, ...] = CPU_DEVICES
    allow_exec: bool = False
    gpu: bool = False
    netns: bool = True
    max_file_bytes: int = 4 << 30
    landlock: int | None = None
    processors: tuple[int, ...] = ()
    walls: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """Which walls went up in this process; `notes` say what did not and why."""

    landlock: int
    seccomp: bool
    netns: bool
    caps: bool
    processors: int = 0
    notes: tuple[str, ...] = ()

    def words(self) -> str:
        """Return one line, such as `landlock v7 + seccomp + no-net + caps 0`."""
        parts = [
            f"landlock v{self.landlock}" if self.landlock else "",
            "seccomp" if self.seccomp else "",
            "no-net" if self.netns else "",
            "caps 0" if self.caps else "",
            f"{self.processors} CPU{'s' * (self.processors > 1)}" if self.processors else "",
        ]
        return " + ".join(filter(None, parts)) or "no walls"


def training_policy(
    *,
    work: Path,
    read: tuple[Path, ...],
    device: str,
    max_file_bytes: int = 4 << 30,
    landlock: int | None = None,
) -> Policy:
    """Return the policy of one run: it writes `work` alone, reads `read` and its interpreter.

    On a GPU (`device` other than "cpu") the devices are opened and a compiler may be started.
    """
    gpu = device != "cpu"
    cards = tuple(str(p) for p in sorted(Path("/dev").glob("nvidia[0-9]*"))) if gpu else ()
    return Policy(
        read=tuple(map(str, read)),
        write=(str(work),),
        devices=CPU_DEVICES + (GPU_DEVICES + cards if gpu else ()),
        allow_exec=gpu,
        gpu=gpu,
        max_file_bytes=max_file_bytes,
        landlock=landlock,
    )


def runtime_paths() -> tuple[str, ...]:
    """Return what this interpreter needs to read: its own folders, its modules, ours.

    Folders inside a prefix are named one by one, and of the search path only those that hold
    installed modules, so that a workspace inside a conda prefix, or one that an editable
    installation put on the path, stays closed.
    """
    inner = ("lib", "lib64", "bin", "include", "share", "etc", "pyvenv.cfg", "nvvm", "targets")
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix} - {"/"}
    named = [str(Path(prefix) / name) for prefix in sorted(prefixes) for name in inner]
    installed = (p for p in sys.path if Path(p).name in ("site-packages", "dist-packages"))
    return (*named, *installed, sys.executable, str(Path(__file__).resolve().parents[1]))


def lower(policy: Policy) -> Lowered:
    """Lower the rights of this process, for good, and say how far that went.

    Called with one thread. Never sets an address-space limit: CUDA reserves far more than it uses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not policy.walls:
        return Lowered(landlock=0, seccomp=False, netns=False, caps=False)
    if sys.platform != "linux":
        note = f"{sys.platform} {ELSEWHERE}: process control only"
        return Lowered(landlock=0, seccomp=False, netns=False, caps=False, notes=(note,))
    notes: list[str] = []
    limit = policy.max_file_bytes
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    os.umask(0o077)
    held = privileges.hold_processors(policy.processors, notes)
    netns = policy.netns and privileges.leave_network(notes)
    caps = privileges.drop_capabilities(notes)
    privileges.no_new_privileges()
    read = (*SYSTEM_READ, *runtime_paths(), *policy.read, *(GPU_READ if policy.gpu else ()))
    allowed, listed = corpus.without(read, tuple(corpus.copies(read)))
    rules = landlock.Rules(read=allowed, listed=listed, write=policy.write, devices=policy.devices)
    abi = landlock.enforce(rules, notes, policy.landlock)
    filtered = seccomp.enforce(notes, allow_exec=policy.allow_exec, hold=held > 0)
    return Lowered(
        landlock=abi,
        seccomp=filtered,
        netns=netns,
        caps=caps,
        processors=held,
        notes=tuple(notes),
    )
