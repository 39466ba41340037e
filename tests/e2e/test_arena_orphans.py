"""What becomes of a run when the cockpit is stopped or killed, or the warden is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cockpit.arena import record
from cockpit.arena.job import Job, start
from cockpit.arena.messages import Ended
from tests.e2e.arena_bench import ROOT, SPIN, alive, job_of, output, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and starts a subreaper"),
]

Make = Callable[..., Job]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return partial(job_of, tmp_path)


COCKPIT = """
import os, sys
sys.path.append({root!r})
from cockpit.arena.job import Job, start
warden = start(Job.from_json(sys.argv[1]))
while True:
    for message in warden.poll(1.0):
        print(type(message).__name__, flush=True)
"""


def cockpit(job: Job) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", COCKPIT.format(root=str(ROOT)), job.to_json()],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while process.stdout.readline() != "ClockBegan\n":
        assert process.poll() is None
    return process


def ended_on_record(job: Job) -> Ended | None:
    found = record.read(Path(job.folder))
    return found.ended if found else None


def test_a_stopped_cockpit_changes_nothing(make: Make) -> None:
    job = make(SPIN, budget=1.5)
    process = cockpit(job)
    process.send_signal(signal.SIGSTOP)
    try:
        until(lambda: ended_on_record(job))
        ended = ended_on_record(job)
        assert ended is not None and (ended.reason, ended.survivors) == ("deadline", 0)
        assert not alive(int(output(job)))
    finally:
        process.kill()
        process.communicate()


def test_a_killed_cockpit_takes_the_tree_with_it(make: Make) -> None:
    job = make(SPIN, budget=60)
    process = cockpit(job)
    until(lambda: output(job).endswith("\n"))
    process.kill()
    process.communicate()
    until(lambda: ended_on_record(job))
    ended = ended_on_record(job)
    assert ended is not None and (ended.reason, ended.survivors) == ("orphaned", 0)
    assert not alive(int(output(job)))


def test_a_killed_warden_takes_the_child_with_it(make: Make) -> None:
    job = make(SPIN, budget=60)
    with start(job) as warden:
        until(lambda: Path(job.output).exists() and output(job).endswith("\n"))
        os.kill(warden.pid, signal.SIGKILL)
        until(lambda: not alive(int(output(job))))
