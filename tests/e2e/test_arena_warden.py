"""Real processes under a real warden, without torch: what it promises about clock and tree."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cockpit.arena import record
from cockpit.arena.job import Job, start
from cockpit.arena.messages import ClockBegan, HandedOver
from cockpit.arena.sink import TAIL
from tests.e2e.arena_bench import SPIN, alive, job_of, output, run, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and starts a subreaper"),
]

Make = Callable[..., Job]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return partial(job_of, tmp_path)


def test_a_deadline_that_is_ignored_is_kept_all_the_same(make: Make) -> None:
    job = make(
        """
        import os, signal, time
        for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)
        time.monotonic = time.time = lambda: 0.0
        print(os.getpid(), flush=True)
        while True: pass
        """
    )
    ended = run(job)
    assert (ended.reason, ended.signal, ended.survivors) == ("deadline", signal.SIGKILL, 0)
    assert ended.seconds is not None and ended.seconds >= job.budget
    assert ended.handed_over is None
    assert not alive(int(output(job)))
    found = record.read(Path(job.folder))
    assert found is not None and found.ended == ended


def test_a_daemon_in_a_session_of_its_own_does_not_outlive_the_run(make: Make) -> None:
    job = make(
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                os.close(1), os.close(2)
                open("daemon", "w").write(str(os.getpid()))
                time.sleep(60)
            os._exit(0)
        while not os.path.exists("daemon") or not open("daemon").read(): time.sleep(0.01)
        print(open("daemon").read(), flush=True)
        """,
        budget=20,
        programs=True,
    )
    ended = run(job)
    assert (ended.reason, ended.exit_code, ended.survivors) == ("exit", 0, 0)
    assert not alive(int(output(job)))


def test_a_flood_of_output_is_capped_and_its_last_words_kept(make: Make) -> None:
    job = make(
        """
        import os
        block = b"x" * 65535 + b"\\n"
        while True: os.write(1, block)
        """
    )
    job = replace(job, output_cap=1 << 20)
    ended = run(job)
    assert (ended.reason, ended.survivors) == ("deadline", 0)
    assert ended.output_bytes > job.output_cap
    size = Path(job.output).stat().st_size
    assert job.output_cap <= size <= job.output_cap + TAIL + 100


def test_a_hand_over_is_stamped_and_what_lingers_is_ended(make: Make) -> None:
    job = make(
        """
        import os, time
        open("part", "w").write("weights")
        os.rename("part", "handover.safetensors")
        while True: time.sleep(1)
        """,
        budget=20,
    )
    job = replace(job, grace=0.2)
    with start(job) as warden:
        seen = []
        while warden.ended is None:
            seen += warden.poll(1)
    assert [type(m).__name__ for m in seen] == ["Started", "ClockBegan", "HandedOver", "Ended"]
    stamped = next(m for m in seen if isinstance(m, HandedOver))
    assert warden.ended.reason == "grace"
    assert warden.ended.handed_over == stamped.seconds
    assert warden.ended.seconds is not None and warden.ended.seconds < job.budget


def test_cancel_ends_the_run(make: Make) -> None:
    job = make(SPIN, budget=60)
    with start(job) as warden:
        until(lambda: any(isinstance(m, ClockBegan) for m in warden.poll(0.1)))
        warden.cancel()
        ended = warden.wait(20)
    assert (ended.reason, ended.survivors) == ("cancelled", 0)


def test_the_child_has_no_input_no_environment_of_ours_and_its_own_folder(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    job = make(
        """
        import json, os, sys, time
        deadline = float(os.environ.pop("COCKPIT_DEADLINE"))
        print(json.dumps({
            "input": sys.stdin.read(), "cwd": os.getcwd(), "argv": sys.argv, "name": __name__,
            "left": deadline - time.monotonic(), "path": sys.path[0],
            "keys": sorted(os.environ), "session": os.getsid(0) == os.getpid(),
            "descriptors": sorted(os.listdir("/proc/self/fd"))[:-1],
        }))
        """
    )
    job = replace(job, path=("/sandbox",), env={"PATH": "/bin"})
    assert run(job).exit_code == 0
    said = json.loads(output(job))
    left = said.pop("left")
    assert 0 < left <= job.budget
    keys = said.pop("keys")
    assert [key for key in keys if key not in ("PATH", "LC_CTYPE")] == []
    assert said == {
        "input": "",
        "cwd": job.cwd,
        "argv": [job.entry],
        "name": "__main__",
        "path": "/sandbox",
        "session": True,
        "descriptors": ["0", "1", "2"],
    }


def test_a_traceback_begins_in_train_py(make: Make) -> None:
    job = make("def main():\n    raise ValueError('too wide')\n\nmain()\n")
    assert run(job).exit_code == 1
    lines = output(job).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{job.entry}", line 4, in <module>'
    assert lines[-1] == "ValueError: too wide"


def test_a_thread_that_lingers_does_not_hold_a_crash_until_the_deadline(make: Make) -> None:
    job = make(
        """
        import threading, time
        threading.Thread(target=time.sleep, args=(60,)).start()
        raise ValueError("crashed")
        """,
        budget=20,
    )
    assert run(job).reason == "exit"


def test_an_interpreter_that_is_missing_is_said(make: Make) -> None:
    ended = run(replace(make(SPIN), python="/nowhere/python"))
    assert ended.seconds is None
    assert "/nowhere/python could not be started" in ended.launch_error


def test_a_launch_that_hangs_is_ended_at_its_cap(make: Make, tmp_path: Path) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    ended = run(replace(make(SPIN), python=str(slow), launch_cap=0.3))
    assert (ended.reason, ended.seconds, ended.survivors) == ("launch cap", None, 0)
