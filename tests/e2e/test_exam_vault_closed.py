"""The vault from inside the walls: neither a run nor a scorer reads, changes or touches it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.arena import landlock
from cockpit.trial import Crashed
from tests.e2e.arena_bench import job_of, output, run
from tests.exam_room import Room, model, open_room

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        sys.platform != "linux" or landlock.version() < 1, reason="needs a kernel with Landlock"
    ),
]

ATTEMPTS = """
import ctypes, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
def link():
    os.symlink(SPLIT, "link")
    open("link").close()
DEEDS = {
    "read": lambda: open(SPLIT).close(),
    "open as a path and reopen": lambda: open(f"/proc/self/fd/{os.open(SPLIT, os.O_PATH)}").close(),
    "read through a link": link,
    "hard link": lambda: os.link(SPLIT, "hard"),
    "list": lambda: os.listdir(VAULT),
    "enter and list": lambda: (os.chdir(VAULT), os.listdir(".")),
    "read through the parent's root": lambda: open(f"/proc/{os.getppid()}/root{SPLIT}").close(),
    "write": lambda: open(SPLIT, "ab").close(),
    "truncate": lambda: os.truncate(SPLIT, 0),
    "add a file": lambda: open(VAULT + "/new", "w").close(),
    "mode": lambda: os.chmod(SPLIT, 0),
    "mode of the folder": lambda: os.chmod(VAULT, 0),
    "mode by fchmodat2": lambda: checked(libc.syscall(452, -100, SPLIT.encode(), 0, 0)),
    "owner": lambda: os.chown(SPLIT, 1, 1),
    "dates": lambda: os.utime(SPLIT, (0, 0)),
    "attribute": lambda: os.setxattr(SPLIT, "user.x", b"x"),
    "lock": lambda: __import__("fcntl").flock(os.open(SPLIT, os.O_RDONLY), 2),
    "remove": lambda: os.unlink(SPLIT),
    "replace": lambda: (open("mine", "w").close(), os.replace("mine", SPLIT)),
    "remove the folder": lambda: os.rename(VAULT, VAULT + "2"),
}
def through():
    done = []
    for name, deed in DEEDS.items():
        try:
            deed()
            done.append(name)
        except OSError:
            pass
    return done
"""


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with tempfile.TemporaryDirectory() as folder, open_room(Path(folder)) as opened:
        yield opened


def attempts(vault: Path, split: str) -> str:
    place = vault / f"{split}.bin"
    return f"SPLIT, VAULT = {str(place)!r}, {str(vault)!r}\n{ATTEMPTS}"


def state(vault: Path) -> list[object]:
    """Return all that a deed could have changed."""
    seen: list[object] = []
    for path in (vault, *sorted(vault.iterdir())):
        found = path.stat()
        data = path.read_bytes() if path.is_file() else b""
        seen.append((path.name, found.st_mode, found.st_uid, found.st_mtime_ns, data))
    return seen


@pytest.mark.parametrize("split", ["val", "audit"])
def test_a_run_cannot_touch_the_vault(room: Room, tmp_path: Path, split: str) -> None:
    before = state(room.vault)
    job = job_of(tmp_path, attempts(room.vault, split) + "print(json.dumps(through()))", 20.0)
    assert run(job).exit_code == 0, output(job)
    assert json.loads(output(job)) == []
    assert state(room.vault) == before


@pytest.mark.parametrize("split", ["val", "audit"])
def test_a_scorer_cannot_touch_the_vault(room: Room, split: str) -> None:
    before = state(room.vault)
    weights, _ = room.make(model())
    tell = "raise RuntimeError(through())"
    building = model().replace("    return Model()", f"    {tell}")
    for text, where in ((building, "build_model()"), (model(tell), "answering")):
        found = room.examine(attempts(room.vault, split) + text, weights)
        assert isinstance(found, Crashed)
        assert found.reason == f"{where} raised RuntimeError: []"
    assert state(room.vault) == before


def test_without_walls_the_same_deeds_are_done(room: Room, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    shutil.copytree(room.vault, vault)
    deeds = attempts(vault, "val") + "print(json.dumps(through()))"
    job = job_of(tmp_path, deeds, 20.0)
    open_job = replace(job, policy=replace(job.policy, walls=False))
    assert run(open_job).exit_code == 0, output(job)
    done = set(json.loads(output(job)))
    assert done >= {"read", "read through a link", "hard link", "list", "write", "truncate"}
    assert done >= {"mode", "mode of the folder", "dates", "lock", "remove", "add a file"}
