"""Attempts to get out of the walls, made by our own code inside them at every start.

Each attempt either returns, and the wall has a hole, or raises. The report is one JSON line on
standard output: this process runs no code of an agent's.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from cockpit.arena import corpus
from cockpit.arena.device import facts
from cockpit.arena.kernel import syscall, unshare

Kind = Literal["files", "network", "processes", "metadata", "programs"]
PTRACE = {"x86_64": 101, "aarch64": 117}
SETTIMEOFDAY = {"x86_64": 164, "aarch64": 170}
PTRACE_SEIZE = 0x4206
CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the attempts aim at: all of it outside the walls, and ours.

    `secret` is a file in the folder `vault`; `outside` a file next to the run's folder; `tcp` and
    `udp` ports of this machine that listen, `unix` a socket's path; `cockpit` a process id. A run
    has `threads` processors, where it is held to any.
    """

    secret: str
    vault: str
    outside: str
    tcp: int
    udp: int
    unix: str
    cockpit: int
    programs: bool
    device: str
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Attempts by name: their kind, and what stopped them (empty: nothing did); then the facts."""

    attempts: Mapping[str, tuple[str, str]]
    stat: bool
    torch: str
    cuda: bool
    device_name: str
    driver: str
    trouble: str = ""


def main() -> None:
    """Attempt everything; argument 1 is the JSON of the targets."""
    targets = Targets(**json.loads(sys.argv[1]))
    tried = [
        (name, kind, _try(action))
        for kind, group in _attempts(targets).items()
        for name, action in group.items()
    ]
    attempts = {name: (kind, stopped) for name, kind, stopped in tried if stopped is not None}
    found = facts(targets.device)
    stat = _try(lambda: os.stat(targets.secret)) == ""  # noqa: PTH116
    print(json.dumps(asdict(Report(attempts=attempts, stat=stat, **found))), flush=True)  # noqa: T201


def _try(action: Callable[[], object]) -> str | None:
    """Return what stopped it, empty when nothing did, None when it cannot be tried here."""
    try:
        action()
    except (OSError, subprocess.SubprocessError) as error:
        return f"{type(error).__name__}: {error}"[:120]
    except (AttributeError, KeyError):  # no such call in this system, no number for this machine
        return None
    return ""


def _attempts(to: Targets) -> dict[Kind, dict[str, Callable[[], object]]]:
    found: dict[Kind, dict[str, Callable[[], object]]] = {
        "metadata": {
            "change the mode of a file outside": lambda: os.chmod(to.outside, 0o600),  # noqa: PTH101
            "change the dates of a file outside": lambda: os.utime(to.outside),
            "set an attribute of a file outside": lambda: os.setxattr(to.outside, "user.x", b"x"),
        },
        "files": _files(to),
        "network": {
            "connect over TCP": lambda: _connect(to.tcp),
            "listen on a TCP port": _listen,
            "send a UDP packet": lambda: _send(to.udp),
            "connect to a Unix socket": lambda: _unix(to.unix),
            "send to a Unix socket over a pair": lambda: _pair(to.unix),
        },
        "processes": {
            "signal the warden": lambda: os.kill(os.getppid(), 0),
            "signal the cockpit": lambda: os.kill(to.cockpit, 0),
            "limit the warden": lambda: _limit(os.getppid()),
            "read the cockpit's environment": lambda: _read(f"/proc/{to.cockpit}/environ"),
            "read the cockpit's memory map": lambda: _read(f"/proc/{to.cockpit}/maps"),
            "trace the warden": _trace,
            "make a user namespace": lambda: unshare(CLONE_NEWUSER),
            "set the clock": _set_clock,
        },
    }
    if not to.programs:
        found["programs"] = {"fork": _fork, "start a program": _start}
        found["processes"]["take more processors than its share"] = lambda: _spread(to.threads)
    return found


def _files(to: Targets) -> dict[str, Callable[[], object]]:
    def write() -> None:
        with Path(to.outside).open("a") as file:
            file.write("x")

    def through_link() -> None:
        Path("link").symlink_to(to.secret)
        _read("link")

    def take_name() -> None:
        Path("mine").write_text("x")
        Path("mine").replace(to.outside)

    return {
        "read the held-out data": lambda: _read(to.secret),
        "list the vault": lambda: os.listdir(to.vault),  # noqa: PTH208
        "read it through a symbolic link": through_link,
        "read it through a hard link": lambda: os.link(to.secret, "hard"),
        "read it through the cockpit's root": lambda: _read(f"/proc/{to.cockpit}/root{to.secret}"),
        "write a file outside": write,
        "cut a file outside short": lambda: os.truncate(to.outside, 0),
        "replace a file outside": take_name,
        "remove a file outside": lambda: Path(to.outside).unlink(),
        "leave something in shared memory": _leave,
        corpus.ATTEMPT: _read_copy,
    }


def _leave() -> None:
    left = Path("/dev/shm") / f"cockpit-probe-{os.getpid()}"  # noqa: S108
    left.write_text("x")
    left.unlink()


def _read_copy() -> None:
    found = [next(copy.rglob("*.abc"), None) for copy in corpus.copies()]
    tunes = [path for path in found if path is not None]
    for path in tunes:
        with suppress(OSError):
            _read(str(path))
            return
    if not tunes:
        raise AttributeError("there is none to read")
    raise PermissionError(f"{tunes[0]} is closed")


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(1)


def _connect(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return


def _listen() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()


def _send(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", port))


def _unix(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", path)


def _pair(path: str) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"x", path)


def _limit(pid: int) -> None:
    # The limits it has already: a hole is found without harm.
    resource.prlimit(pid, resource.RLIMIT_CPU, resource.prlimit(pid, resource.RLIMIT_CPU))


def _trace() -> None:
    # Seizing does not stop the warden, and ends with this process.
    syscall(PTRACE[os.uname().machine], PTRACE_SEIZE, os.getppid(), 0, 0)


def _set_clock() -> None:
    # Without a time: the kernel asks for the right and then changes nothing.
    syscall(SETTIMEOFDAY[os.uname().machine], None, None)


def _spread(share: int) -> None:
    every = os.cpu_count() or 1
    if every <= share:
        raise AttributeError("its share is all there is")
    with suppress(PermissionError):
        os.sched_setaffinity(0, range(every))
    if (held := len(os.sched_getaffinity(0))) <= share:
        raise PermissionError(f"held to {held} of {every}")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _start() -> None:
    subprocess.run(["/bin/true"], check=True, close_fds=False)
