"""The self-test: what the walls hold on this machine, measured by trying, and what it computes on.

The level shown is what was measured, never what was asked for: *sealed* (nothing got through),
*walled* (files and network closed), *netless* (network closed, files readable), *open*.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from cockpit.arena import corpus, landlock
from cockpit.arena import job as jobs
from cockpit.arena.escapes import Report, Targets
from cockpit.arena.isolation import ELSEWHERE, training_policy
from cockpit.arena.messages import ClockBegan, Ended
from cockpit.arena.runfolder import CACHES, remove
from cockpit.errors import ArenaError, IsolationError
from cockpit.events import IsolationMeasured
from cockpit.trial import TrustTier

IsolationLevel = Literal["sealed", "walled", "netless", "open"]
ORDER: tuple[IsolationLevel, ...] = ("open", "netless", "walled", "sealed")
BUDGET = 60.0
SENTENCES: dict[IsolationLevel, str] = {
    "sealed": "train.py cannot read the exam, reach the network or touch another file or process",
    "walled": "train.py cannot read the exam or reach the network",
    "netless": "train.py cannot reach the network, but it can read files",
    "open": "train.py can reach the network; only its clock and its processes are controlled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What the self-test found; `walls` names the mechanisms, `holes` the attempts that worked.

    `torch` is its version, `device_name` and `driver` what it computes on (`mps` for Apple's GPU; a
    driver only on NVIDIA's), `cuda` whether torch sees an NVIDIA GPU. `trouble` is a sentence when
    torch failed inside the walls.
    """

    level: IsolationLevel
    walls: str
    blocked: int
    attempts: int
    holes: tuple[str, ...]
    residuals: tuple[str, ...]
    torch: str
    device_name: str
    driver: str
    cuda: bool
    threads: int
    seconds: float
    trouble: str = ""

    @property
    def trust(self) -> TrustTier:
        """What an examination is worth here: open, when the exam can be read beforehand."""
        return "examined" if self.level in ("sealed", "walled") else "examined-open"

    def event(self) -> IsolationMeasured:
        """Return the fact for the journal."""
        return IsolationMeasured(
            level=self.level,
            detail=f"{self.walls}: {SENTENCES[self.level]}",
            blocked=self.blocked,
            attempts=self.attempts,
            residuals=self.residuals,
            remedy=self.remedy,
        )

    @property
    def remedy(self) -> str:
        """What would make the walls hold more; empty when they are sealed."""
        if self.level == "sealed":
            return ""
        if self.holes == (corpus.ATTEMPT,):
            return "uninstall music21, or set [sandbox] python to an interpreter without it"
        if ELSEWHERE in self.walls:
            return "use Linux, or a Linux container or virtual machine on this one"
        told = (remedy for why, remedy in landlock.REMEDIES.items() if why in self.walls)
        return next(told, "use Linux 6.12 or newer, in a container that allows Landlock")

    def require(self, level: str) -> None:
        """Refuse less than `level`, one of open, netless, walled, sealed.

        Raises:
            IsolationError: less was measured.
        """
        if ORDER.index(self.level) < [str(known) for known in ORDER].index(level):
            held = f"; train.py could {self.holes[0]}" if self.holes else ""
            raise IsolationError(
                f"isolation is {self.level}, and {level} is required{held}",
                f"{self.remedy}, or set [isolation] require = '{self.level}'",
            )


def probe(
    root: Path, *, python: str = sys.executable, device: str = "cpu", threads: int = 1,
    landlock: int | None = None, walls: bool = True,
) -> Probe:  # fmt: skip
    """Start one jailed child that tries to escape, and measure how far it gets.

    `landlock` and `walls` are as in `Policy`.

    Raises:
        ArenaError: the child could not be run at all.
    """
    began = time.monotonic()
    folder = root.resolve() / ".cockpit" / "probe"
    remove(folder)
    (folder / "work").mkdir(mode=0o700, parents=True)
    try:
        vault = root.resolve() / ".cockpit" / "vault"
        with _bait(folder, vault, device, threads) as targets:
            job = _job(folder, targets, root.resolve(), python)
            policy = replace(job.policy, landlock=landlock, walls=walls)
            job = replace(job, policy=policy)
            report, mechanisms = _run(job)
    finally:
        remove(folder)
    found = judge(report, mechanisms, programs=device != "cpu")
    return replace(found, threads=threads, seconds=time.monotonic() - began)


def judge(report: Report, walls: str, *, programs: bool) -> Probe:
    """Turn attempts into a level; pure. `programs` says that starting them is allowed."""
    holes = {name: kind for name, (kind, stopped) in report.attempts.items() if not stopped}
    level: IsolationLevel = "sealed"
    if "network" in holes.values():
        level = "open"
    elif "files" in holes.values():
        level = "netless"
    elif holes:
        level = "walled"
    residuals = [f"train.py can {name}" for name in holes]
    if report.stat:
        residuals.append("sizes and dates of files can be looked up, not their contents")
    if programs:
        residuals.append("programs can be started: a GPU compiler needs that")
    residuals.append("the disk can be filled until 256 MB are left, then the run is ended")
    return Probe(
        level=level,
        walls=walls,
        blocked=len(report.attempts) - len(holes),
        attempts=len(report.attempts),
        holes=tuple(holes),
        residuals=tuple(residuals),
        torch=report.torch,
        device_name=report.device_name,
        driver=report.driver,
        cuda=report.cuda,
        threads=0,
        seconds=0.0,
        trouble=report.trouble,
    )


@contextmanager
def _bait(folder: Path, vault: Path, device: str, threads: int) -> Iterator[Targets]:
    """Put up what the child is to reach for: listening sockets, a file, the vault."""
    outside = folder / "outside"
    outside.write_text("outside")
    held = sorted(p for p in vault.glob("*") if p.is_file()) if vault.is_dir() else []
    unix = folder / "socket"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local,
    ):
        udp.bind(("127.0.0.1", 0))
        _bind(local, unix)
        yield Targets(
            secret=str(held[0] if held else outside),
            vault=str(vault if held else folder),
            outside=str(outside),
            tcp=tcp.getsockname()[1],
            udp=udp.getsockname()[1],
            unix=str(unix),
            cockpit=os.getpid(),
            programs=device != "cpu",
            device=device,
            threads=threads,
        )


def _bind(local: socket.socket, path: Path) -> None:
    # A socket's path may have 107 bytes; through a descriptor of its folder it is always shorter.
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        short = f"/proc/self/fd/{descriptor}/{path.name}"
        local.bind(short if Path("/proc/self/fd").is_dir() else str(path))
    finally:
        os.close(descriptor)


def _job(folder: Path, targets: Targets, root: Path, python: str) -> jobs.Job:
    work = folder / "work"
    read = (root / "sandbox", root / ".cockpit" / "data")
    policy = training_policy(work=work, read=read, device=targets.device)
    env = {name: str(work / place) for name, place in CACHES.items()}
    env |= {"OMP_NUM_THREADS": str(targets.threads), "PATH": "/usr/bin:/bin", "USER": "candidate"}
    env |= {k: os.environ[k] for k in ("LD_LIBRARY_PATH",) if k in os.environ}
    return jobs.Job(
        entry="cockpit.arena.escapes:main",
        args=(json.dumps(asdict(targets)),),
        budget=BUDGET,
        cwd=str(work),
        folder=str(folder),
        output=str(folder / "output.log"),
        policy=policy,
        python=python,
        env=env,
        threads=targets.threads,
        hold=targets.device == "cpu",
    )


def _run(job: jobs.Job) -> tuple[Report, str]:
    walls = ""
    with jobs.start(job) as warden:
        while warden.ended is None:
            for message in warden.poll(1.0):
                if isinstance(message, ClockBegan):
                    walls = message.walls
        ended = warden.ended
    said = Path(job.output).read_text("utf-8", "replace").strip().rpartition("\n")[2]
    try:
        raw = json.loads(said)
        attempts = {name: (kind, stopped) for name, (kind, stopped) in raw.pop("attempts").items()}
        return Report(attempts=attempts, **raw), walls
    except (ValueError, TypeError, AttributeError, KeyError):
        raise ArenaError(
            f"the self-test did not run: {_why(ended, said)}", "run: cockpit doctor"
        ) from None


def _why(ended: Ended, said: str) -> str:
    return ended.launch_error or said[:300] or f"{ended.reason}, exit code {ended.exit_code}"
