"""The first code in a child: puts up its walls, warms up, waits for the clock, runs the entry.

Runs under the sandbox's interpreter, which need not be the cockpit's, started by the warden. It
trusts the warden's specification and nothing else; from the moment the clock starts the process
belongs to the candidate.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType

from cockpit.arena.device import driver
from cockpit.arena.isolation import lower
from cockpit.arena.job import Job
from cockpit.arena.kernel import PR_SET_PDEATHSIG, prctl
from cockpit.arena.spawn import PACKAGE

FAILED = 70
"""Exit code of a launch that failed on our side (EX_SOFTWARE of sysexits.h)."""

FOLDERS = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")


def main() -> None:
    """Launch; arguments are the control descriptor and the warden's process id."""
    control, warden = int(sys.argv[1]), int(sys.argv[2])
    job = Job.from_json(read_line(control))
    try:
        found = _prepare(job, warden)
    except Exception as error:  # every failure here is ours and has to reach the warden
        traceback.print_exc()
        _say(control, error=f"{type(error).__name__}: {error}")
        os._exit(FAILED)
    _say(control, **found)
    deadline = read_line(control)
    if not deadline:
        os._exit(FAILED)
    os.environ["COCKPIT_DEADLINE"] = deadline.strip()
    os.close(control)
    sys.path[:0] = job.path
    sys.argv = [job.entry, *job.args]
    if ":" in job.entry:
        module, _, function = job.entry.partition(":")
        getattr(importlib.import_module(module), function)()
    else:
        _run_script(job.entry)


def read_line(fd: int) -> str:
    """Read one line byte by byte up to its end, so that nothing behind it is lost."""
    data = b""
    while not data.endswith(b"\n") and (chunk := os.read(fd, 1)):
        data += chunk
    return data.decode()


def _prepare(job: Job, warden: int) -> dict[str, str]:
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != warden:
            os._exit(FAILED)
    os.chdir(job.cwd)
    for name in FOLDERS:
        if name in os.environ and Path(os.environ[name]).is_relative_to(job.cwd):
            Path(os.environ[name]).mkdir(parents=True, exist_ok=True)
    if sys.path and sys.path[-1] == str(PACKAGE.parent):
        sys.path.pop()
    lowered = lower(job.policy)
    found = {"walls": "; ".join((lowered.words(), *lowered.notes))}
    return found | (_warm_up(gpu=job.policy.gpu) if job.warm else {})


def _warm_up(*, gpu: bool) -> dict[str, str]:
    """Import torch and the first optimiser; return the versions that a value depends on."""
    # The first optimiser imports torch._dynamo (a second and more); no tensor operation is run, so
    # that no thread pool exists before the candidate chooses its size.
    torch = importlib.import_module("torch")
    torch.optim.AdamW([torch.nn.Parameter(torch.empty(0))])
    return {"torch": str(torch.__version__), "driver": driver() if gpu else ""}


def _run_script(path: str) -> None:
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit:
        raise
    except BaseException as error:
        traceback.print_exception(type(error), error, _inside(path, error.__traceback__))
        sys.stdout.flush()
        sys.stderr.flush()
        # A thread that it left behind would otherwise hold the process until the deadline.
        os._exit(1)


def _inside(path: str, trace: TracebackType | None) -> TracebackType | None:
    inner = trace
    while inner is not None and inner.tb_frame.f_code.co_filename != path:
        inner = inner.tb_next
    return inner


def _say(control: int, **words: str) -> None:
    os.write(control, json.dumps(words).encode() + b"\n")
