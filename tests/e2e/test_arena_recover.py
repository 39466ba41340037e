"""A cockpit that was killed in the middle of a run: what the next one ends and closes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from cockpit.arena import record
from cockpit.arena.exam import Examination, ExamOrder
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.runner import ProcessRunner
from cockpit.ports import Watch
from tests.e2e.arena_bench import ROOT, alive, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="starts a warden that needs /proc"),
]


class NoExaminer:
    def expect(
        self, order: ExamOrder, patience: float, watch: Watch
    ) -> AbstractContextManager[Callable[[], Examination]]:
        raise AssertionError("nothing is examined here")


@pytest.fixture
def runner(tmp_path: Path) -> ProcessRunner:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "prepare.py").write_text("")
    box = Lockbox(tmp_path)
    box.seal()
    return ProcessRunner(
        root=tmp_path, examiner=NoExaminer(), lockbox=box, session=lambda: "s", warm=False
    )


def folder(runner: ProcessRunner) -> Path:
    return runner.runs / "s" / "1-1"


COCKPIT = """
import sys
sys.path.append({root!r})
from pathlib import Path
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.runner import ProcessRunner
from cockpit.events import ClockStarted
from cockpit.ports import RunOrder
class Watch:
    def halted(self): return None
    def sample(self, sample):
        if isinstance(sample, ClockStarted): print("on", flush=True)
root = Path({workspace!r})
runner = ProcessRunner(
    root=root, examiner=None, lockbox=Lockbox(root), session=lambda: "s", warm=False)
text = "import os, time\\nprint(os.getpid(), flush=True)\\ntime.sleep(60)\\n"
order = RunOrder(
    trial=1, run=1, role="scoring run", text=text, seed=1, budget=60, examine="none")
runner.run(order, Watch())
"""


def cut_off(runner: ProcessRunner, stop_warden: signal.Signals | None) -> int:
    """Kill a cockpit in the middle of a run, its warden stopped or killed; the candidate's pid."""
    code = COCKPIT.format(root=str(ROOT), workspace=str(runner.root))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    log = folder(runner) / "output.log"
    until(lambda: log.exists() and log.read_text().endswith("\n"))
    found = record.read(folder(runner))
    assert found is not None and found.running()
    if stop_warden is not None:
        os.kill(found.pid, stop_warden)
    process.kill()
    process.communicate()
    return int(log.read_text())


@pytest.mark.parametrize("stop_warden", [None, signal.SIGSTOP, signal.SIGKILL])
def test_what_a_killed_cockpit_left_is_ended_and_closed(
    runner: ProcessRunner, stop_warden: signal.Signals | None
) -> None:
    pid = cut_off(runner, stop_warden)
    assert runner.recover() == 1
    until(lambda: not alive(pid))
    found = record.read(folder(runner))
    assert found is not None and found.closed == "interrupted"
    assert not (folder(runner) / "work").exists()
    assert runner.recover() == 0
