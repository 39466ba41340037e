"""The system refuses a run something: one trial is abandoned, and the session goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from cockpit.arena import job as jobs
from cockpit.arena.asking import Limits
from cockpit.arena.exam import Examination, ExamOrder
from cockpit.arena.isolation import Policy
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.messages import Ended, Message
from cockpit.arena.runner import ProcessRunner
from cockpit.arena.scoring import Host
from cockpit.errors import ArenaError
from cockpit.ports import RunOrder, Watch
from tests.exam_room import Bystander

ORDER = RunOrder(trial=1, run=1, role="scoring run", text="", seed=1, budget=1.0, examine="full")


@dataclass
class Proctor:
    """An examiner that `fault` meets when it makes ready."""

    fault: OSError | None = None

    def expect(
        self, order: ExamOrder, patience: float, watch: Watch
    ) -> nullcontext[Callable[[], Examination]]:
        if self.fault is not None:
            raise self.fault
        return nullcontext(pytest.fail)


class Ready:
    """A host of scorers that has one answer ready, whatever it is asked."""

    ended: Ended | None = None

    def __init__(self, line: int, answer: bytes) -> None:
        self._line = socket.socket(fileno=os.dup(line))
        self._line.send(answer)

    def poll(self, timeout: float = 0.0) -> list[Message]:
        return []

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def runner(tmp_path: Path) -> ProcessRunner:
    for name in ("sandbox", ".cockpit/data", ".cockpit/vault"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sandbox/prepare.py").write_text("WORD = 'prepared'\n")
    box = Lockbox(tmp_path)
    box.seal()
    return ProcessRunner(root=tmp_path, examiner=Proctor(), lockbox=box)


def job(folder: Path, entry: str = "train.py") -> jobs.Job:
    place = str(folder)
    policy = Policy(read=(), write=(), gpu=False)
    return jobs.Job(
        entry=entry, budget=1.0, cwd=place, folder=place, output=f"{place}/log", policy=policy
    )


def left(runner: ProcessRunner) -> set[str]:
    return {path.name for path in (runner.runs / "session" / "1-1").iterdir()}


def test_an_examiner_that_gets_no_memory_abandons_the_trial(runner: ProcessRunner) -> None:
    short = replace(runner, examiner=Proctor(OSError(12, "Cannot allocate memory")))
    with pytest.raises(ArenaError, match=r"Cannot allocate memory.*free memory"):
        short.run(ORDER, Bystander())
    assert left(runner) == {"train.py"}


def test_a_warden_that_cannot_be_forked_abandons_the_trial(runner: ProcessRunner) -> None:
    def full(job: jobs.Job, fds: Sequence[int]) -> jobs.Warden:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with pytest.raises(ArenaError, match="Resource temporarily unavailable"):
        replace(runner, start=full).run(ORDER, Bystander())
    assert left(runner) == {"train.py"}


def test_a_workspace_that_takes_no_folder_abandons_the_trial(runner: ProcessRunner) -> None:
    shutil.rmtree(runner.runs, ignore_errors=True)
    runner.runs.write_text("no folder")
    with pytest.raises(ArenaError, match="could not go on"):
        runner.run(ORDER, Bystander())


def test_a_run_folder_that_is_gone_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="no warden could be started"):
        jobs.start(job(tmp_path / "gone"))


def test_a_warden_that_dies_before_it_reads_its_job_is_reaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "command", lambda *_, **__: ["true"])
    before = psutil.Process().children()
    with pytest.raises(ArenaError, match="died before it read its job"):
        jobs.start(job(tmp_path, entry="x" * (1 << 20)))
    assert psutil.Process().children() == before


def test_a_cancel_that_came_too_late_is_no_failure() -> None:
    pipe = subprocess.PIPE
    process = subprocess.Popen(["true"], stdin=pipe, stdout=pipe)
    process.wait()
    with jobs.Warden(process) as warden:
        warden.cancel()
        warden.cancel()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("number", "name"),
    [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGRTMIN + 1, f"signal {signal.SIGRTMIN + 1}")],
)
def test_a_scorer_may_die_of_any_signal(tmp_path: Path, number: int, name: str) -> None:
    answer = b"." + json.dumps({"left": 0, "status": int(number)}).encode()

    def begin(job: jobs.Job, fds: Sequence[int]) -> Ready:
        return Ready(fds[0], answer)

    with Host(begin, job(tmp_path), Limits(), Bystander()) as host:
        assert host.end_scorers() == name
