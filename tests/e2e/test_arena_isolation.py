"""The walls on this machine: the self-test, and what it does not try."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from cockpit.arena import landlock
from cockpit.arena.isolation import training_policy
from cockpit.arena.job import Job, start
from cockpit.arena.probe import probe
from cockpit.errors import IsolationError

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        sys.platform != "linux" or landlock.version() < 1, reason="needs a kernel with Landlock"
    ),
]

ROOT = Path(__file__).parents[2]
SYSTEM_PYTHON = Path("/usr/bin/python3")
NOBODY = 65534


class Jailed(Protocol):
    """Runs a script inside the walls, with an older Landlock if one is named."""

    def __call__(
        self, script: str, abi: int | None = None, read: tuple[Path, ...] = ()
    ) -> dict[str, str]:
        """Return what each of its attempts raised, empty for nothing."""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    vault = tmp_path / ".cockpit" / "vault"
    vault.mkdir(parents=True, mode=0o700)
    (vault / "val.bin").write_bytes(b"held out")
    return tmp_path


ABIS = (1, 4, None)
"""Landlock as it was first released, with TCP (kernel 6.7), and as this kernel has it."""


@pytest.mark.parametrize("abi", ABIS)
def test_nothing_gets_through_the_walls(abi: int | None, workspace: Path) -> None:
    found = probe(workspace, landlock=abi)
    assert found.holes == ()
    assert found.level == "sealed"
    assert f"landlock v{abi or landlock.version()}" in found.walls
    assert found.blocked == found.attempts >= 25
    assert found.trust == "examined"
    assert found.torch and found.trouble == ""
    assert "landlock" in found.event().detail
    assert not (workspace / ".cockpit" / "probe").exists()
    found.require("sealed")


def test_without_walls_the_same_attempts_succeed_and_the_level_says_so(workspace: Path) -> None:
    found = probe(workspace, walls=False)
    assert found.level == "open"
    # Root in a container may be kept from the clock, and a guarded kernel from tracing.
    assert found.blocked <= 3
    assert {"read the held-out data", "write a file outside", "connect over TCP"} <= set(
        found.holes
    )
    assert found.trust == "examined-open"
    with pytest.raises(IsolationError, match="isolation is open, and walled is required"):
        found.require("walled")


def test_without_landlock_files_are_open_and_it_is_said(workspace: Path) -> None:
    found = probe(workspace, landlock=0)
    assert found.level == "netless"
    assert "read the held-out data" in found.holes
    assert not {"connect over TCP", "signal the warden", "fork"} & set(found.holes)
    assert found.trust == "examined-open"
    assert "files are not protected" in found.event().detail
    assert "train.py can read the held-out data" in found.event().residuals
    with pytest.raises(IsolationError, match=r"netless, and walled is required; train\.py could"):
        found.require("walled")


@pytest.fixture
def musical(tmp_path: Path) -> Path:
    """Return an interpreter among whose packages a copy of the tunes lies."""
    packages = tmp_path / "venv" / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"
    for name in ("music21/corpus/airdsAirs/1.abc", "other/data.txt"):
        (packages / name).parent.mkdir(parents=True)
        (packages / name).write_text("X:1")
    base = Path(sys.base_prefix, "bin", f"python3.{sys.version_info[1]}")
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    (tmp_path / "venv" / "bin").mkdir()
    (tmp_path / "venv" / "bin" / "python").symlink_to(base)
    return tmp_path / "venv" / "bin" / "python"


def test_a_copy_of_the_tunes_among_the_packages_is_closed(workspace: Path, musical: Path) -> None:
    closed = probe(workspace, python=str(musical))
    assert (closed.level, closed.trust, closed.holes) == ("sealed", "examined", ())
    assert closed.attempts == probe(workspace).attempts + 1
    opened = probe(workspace, python=str(musical), landlock=0)
    assert "read a copy of the tunes" in opened.holes
    assert opened.trust == "examined-open"


def test_other_packages_beside_a_copy_of_the_tunes_can_be_used(
    attempt: Jailed, musical: Path
) -> None:
    packages = next(musical.parents[1].glob("lib/python3*/site-packages"))
    found = attempt(
        f"""
        packages = {str(packages)!r}
        attempt("list", lambda: os.listdir(packages))
        attempt("other", lambda: open(packages + "/other/data.txt").read())
        attempt("tunes", lambda: open(packages + "/music21/corpus/airdsAirs/1.abc").read())
        """,
        read=(packages,),
    )
    assert found == {"list": "", "other": "", "tunes": "EACCES"}


def test_more_threads_than_its_share_gain_a_run_nothing(attempt: Jailed) -> None:
    found = attempt(
        """
        import hashlib
        held = len(os.sched_getaffinity(0))
        block = bytes(1 << 20)
        def spin():
            while time.monotonic() < end: hashlib.sha256(block)
        end = time.monotonic() + 1
        before, began = time.process_time(), time.monotonic()
        threads = [threading.Thread(target=spin) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        share = (time.process_time() - before) / (time.monotonic() - began)
        found["held"] = str(held)
        found["one processor"] = "" if share < 1.1 else str(share)
        attempt("widen", lambda: os.sched_setaffinity(0, range(os.cpu_count())))
        attempt("widen a thread", lambda: call(203, threading.get_native_id(), 8, 0))
        attempt("narrow the warden", lambda: os.sched_setaffinity(os.getppid(), {0}))
        """
    )
    held, processors = found.pop("held"), found.pop("one processor")
    assert (held, processors) == ("1", "")
    assert set(found.values()) == {"EPERM"}


AS_NOBODY = """
import os, sys
sys.path.append({root!r})
from pathlib import Path
from cockpit.arena.probe import probe
for abi in {abis!r}:
    found = probe(Path({workspace!r}), python=sys.executable, landlock=abi)
    print(found.level, found.blocked, found.attempts, found.holes)
"""


def nobody_can_run() -> bool:
    """Say whether this is root, with a recent system Python and our files open to everyone."""
    if os.getuid() != 0 or not SYSTEM_PYTHON.exists():
        return False
    ours = str(ROOT / "cockpit" / "errors.py")
    code = f"import sys; open({ours!r}).close(); sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([SYSTEM_PYTHON, "-c", code], user=NOBODY, cwd="/").returncode == 0


@pytest.mark.skipif(not nobody_can_run(), reason="needs root, and a Python that nobody may run")
def test_an_unprivileged_user_has_the_same_walls() -> None:
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / ".cockpit" / "vault"
        vault.mkdir(parents=True)
        (vault / "val.bin").write_bytes(b"held out")
        for path in (Path(folder), *Path(folder).rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        code = AS_NOBODY.format(root=str(ROOT), workspace=folder, abis=ABIS)
        done = subprocess.run(
            [SYSTEM_PYTHON, "-I", "-B", "-c", code],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            cwd="/",
        )
    assert done.stdout.splitlines() == ["sealed 29 29 ()"] * len(ABIS), done.stdout + done.stderr


@pytest.fixture
def attempt(tmp_path: Path) -> Jailed:
    """Return what each named statement of a script raised inside the walls, empty for nothing."""

    def jailed(script: str, abi: int | None = None, read: tuple[Path, ...] = ()) -> dict[str, str]:
        (tmp_path / "work").mkdir()
        path = tmp_path / "train.py"
        path.write_text(HELPER + textwrap.dedent(script) + "\nprint(json.dumps(found))\n")
        policy = training_policy(work=tmp_path / "work", read=(path, *read), device="cpu")
        job = Job(
            entry=str(path),
            budget=20,
            cwd=str(tmp_path / "work"),
            folder=str(tmp_path),
            output=str(tmp_path / "output.log"),
            policy=replace(policy, max_file_bytes=1 << 20, landlock=abi),
            hold=True,
        )
        with start(job) as warden:
            ended = warden.wait(30)
        text = Path(job.output).read_text()
        assert ended.exit_code == 0, text
        said: dict[str, str] = json.loads(text.splitlines()[-1])
        return said

    return jailed


HELPER = """
import ctypes, errno, json, os, signal, socket, subprocess, sys, threading, time
found = {}
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, action):
    try:
        action()
        found[name] = ""
    except OSError as error:
        found[name] = errno.errorcode.get(error.errno, "?")
    except Exception as error:
        found[name] = type(error).__name__
def call(*arguments):
    if libc.syscall(*[ctypes.c_long(a) for a in arguments]) < 0:
        raise OSError(ctypes.get_errno(), "")
"""


def test_ordinary_training_code_is_not_in_the_way(attempt: Jailed) -> None:
    found = attempt(
        """
        def threads():
            thread = threading.Thread(target=time.sleep, args=(0.01,))
            thread.start()
            thread.join()
        def files():
            os.makedirs("a/b")
            open("a/b/c", "w").write("x")
            os.replace("a/b/c", "d")
            os.remove("d")
        attempt("threads", threads)
        attempt("files", files)
        attempt("randomness", lambda: open("/dev/urandom", "rb").read(8))
        attempt("signal itself", lambda: os.kill(os.getpid(), 0))
        attempt("raise", lambda: signal.raise_signal(signal.SIGCHLD))
        attempt("own limits", lambda: __import__("resource").getrlimit(0))
        attempt("processors", lambda: open("/proc/cpuinfo").read())
        attempt("asyncio", lambda: __import__("asyncio").run(__import__("asyncio").sleep(0)))
        attempt("temporary file", lambda: open("t", "w+b").truncate(10))
        """
    )
    assert {name: code for name, code in found.items() if code} == {}


@pytest.mark.parametrize("abi", ABIS)
def test_side_doors_are_shut(abi: int | None, attempt: Jailed) -> None:
    found = attempt(
        """
        import sysconfig
        stdlib = os.__file__
        def big():
            with open("big", "wb") as file:
                for _ in range(3): file.write(b"x" * (1 << 20))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        attempt("signal everyone", lambda: os.kill(-1, 0))
        attempt("signal the group", lambda: os.kill(0, 0))
        attempt("truncate what may be read", lambda: os.open(stdlib, os.O_RDONLY | os.O_TRUNC))
        attempt("write an interpreter file", lambda: open(stdlib, "a"))
        attempt("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
        attempt("memory file as a program", lambda: os.execve(os.memfd_create("x"), ["x"], {}))
        attempt("raw socket", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
        attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
        attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
        attempt("io_uring", lambda: call(425, 8, 0))
        attempt("system v memory", lambda: call(29, 1, 4096, 0o1600))
        attempt("lower its priority to the user's", lambda: os.setpriority(os.PRIO_USER, 0, 19))
        attempt("other processes' names", lambda: open(f"/proc/{os.getppid()}/cmdline").read())
        attempt("list processes", lambda: os.listdir("/proc"))
        attempt("passwords", lambda: open("/etc/passwd").read())
        attempt("a device node", lambda: os.mknod("n", 0o20600, os.makedev(1, 3)))
        attempt("a large file", big)
        attempt("nice the warden", lambda: os.sched_setscheduler(
            os.getppid(), os.SCHED_IDLE, os.sched_param(0)))
        """,
        abi,
    )
    assert [name for name, code in found.items() if not code] == []
    assert found["io_uring"] == "ENOSYS"
    assert found["a large file"] == "EFBIG"
