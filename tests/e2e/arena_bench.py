"""What the tests of the arena share: jobs without torch, and looks at processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from cockpit.arena.isolation import training_policy
from cockpit.arena.job import Job, start
from cockpit.arena.messages import Ended

ROOT = Path(__file__).parents[2]
SPIN = "import os, time\nprint(os.getpid(), flush=True)\nwhile True: time.sleep(1)\n"


def job_of(folder: Path, script: str, budget: float = 1.0, *, programs: bool = False) -> Job:
    """Return a job that runs a script without torch, in the walls of a CPU run."""
    (folder / "work").mkdir()
    path = folder / "train.py"
    path.write_text(dedent(script))
    policy = training_policy(work=folder / "work", read=(path,), device="cpu")
    return Job(
        entry=str(path),
        budget=budget,
        cwd=str(folder / "work"),
        folder=str(folder),
        output=str(folder / "output.log"),
        policy=replace(policy, allow_exec=programs),
        handover=str(folder / "work" / "handover.safetensors"),
        env={"PATH": "/usr/bin:/bin"},
    )


def run(job: Job) -> Ended:
    with start(job) as warden:
        return warden.wait(30)


def output(job: Job) -> str:
    return Path(job.output).read_text("utf-8", "replace")


def alive(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX"


def until(condition: Callable[[], object], patience: float = 15.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
