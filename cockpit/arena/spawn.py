"""Start our own modules as processes: the warden for the cockpit, the launcher for the warden.

Always isolated (`-I`): no environment variable, user folder or current folder decides what is
imported. Our package is only appended to the path, for its own import.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cockpit.arena.job import Job

PACKAGE = Path(__file__).resolve().parents[1]
_BOOT = "import sys; sys.path.append({root!r}); from cockpit.arena.{module} import main; main()"


def command(python: str, module: str, *arguments: object, options: Sequence[str] = ()) -> list[str]:
    """Return the command line that runs `cockpit.arena.<module>.main` under `python`."""
    code = _BOOT.format(root=str(PACKAGE.parent), module=module)
    return [python, "-I", "-B", "-u", *options, "-c", code, *map(str, arguments)]


class Child(NamedTuple):
    """A launched child: its id, the read end of its output, our end of its control socket."""

    pid: int
    output: int
    control: int


def launch(job: Job, pass_fds: tuple[int, ...]) -> Child:
    """Spawn the launcher of `job`, first in line for the out-of-memory killer; send it the job.

    `pass_fds` go to the child and are closed here.

    Raises:
        OSError: the interpreter could not be started.
    """
    ours, theirs = socket.socketpair()
    output, write_end = os.pipe()
    try:
        process = subprocess.Popen(
            command(job.python, "launcher", theirs.fileno(), os.getpid()),
            stdin=subprocess.DEVNULL,
            stdout=write_end,
            stderr=write_end,
            env=job.env,
            pass_fds=(theirs.fileno(), *pass_fds),
            start_new_session=True,
        )
    finally:
        theirs.close()
        for fd in (write_end, *pass_fds):
            os.close(fd)
    process.returncode = 0  # `tree.reap` collects it
    os.set_blocking(output, False)
    with suppress(OSError):
        Path(f"/proc/{process.pid}/oom_score_adj").write_text("1000")
    child = Child(process.pid, output, ours.detach())
    os.write(child.control, job.to_json().encode() + b"\n")
    return child
