"""One folder per run: ours outside, the candidate's `work` inside; kept small afterwards."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from cockpit.arena.messages import Ended

HANDOVER = "handover.safetensors"
WEIGHTS_ROOM = 10**9
"""Bytes of weights that the trials of a session keep between them, besides the baseline's."""
SCORED = re.compile(r"(\d+)-(\d+)(?:\.(\d+))?")
"""The folder of a run of an experiment: trial, run, and the suffix of a name that was taken."""
LOG_HALF = 128 << 10
"""Bytes of each end of a log that are kept once its run is over."""
CACHES = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "XDG_CACHE_HOME": "cache",
    "TORCHINDUCTOR_CACHE_DIR": "cache/inductor",
    "TRITON_CACHE_DIR": "cache/triton",
    "TORCH_EXTENSIONS_DIR": "cache/extensions",
    "CUDA_CACHE_PATH": "cache/cuda",
    "HF_HOME": "cache/huggingface",
}
"""Environment variables that move a library's cache, and where in `work` they move it: what one
run leaves behind must not reach the next."""


def name_of(trial: int, run: int) -> str:
    """Return the name of a run's folder; rehearsals are numbered from -1 down."""
    return f"{trial}-{run}" if trial >= 0 else f"r{-trial}-{run}"


class RunFolder:
    """`<runs>/<session>/<trial>-<run>/`: train.py, output.log, warden.json, work/, exam/; 0700."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.script = path / "train.py"
        self.output = path / "output.log"
        self.work = path / "work"
        self.exam = path / "exam"
        self.handover = self.work / HANDOVER

    @classmethod
    def create(cls, session: Path, trial: int, run: int, text: str) -> RunFolder:
        """Make the folder of a run, with its `train.py`; a name that is taken gets a suffix.

        Raises:
            OSError: the disk is full or read-only.
        """
        session.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = name_of(trial, run)
        attempt = 1
        while True:
            path = session / (name if attempt == 1 else f"{name}.{attempt}")
            try:
                path.mkdir(mode=0o700)
                break
            except FileExistsError:
                attempt += 1
        folder = cls(path)
        folder.work.mkdir(mode=0o700)
        folder.script.write_text(text, "utf-8")
        folder.script.chmod(0o400)
        return folder

    def environment(self) -> dict[str, str]:
        """Return the variables that keep caches and temporary files inside `work`."""
        return {name: str(self.work / place) for name, place in CACHES.items()}

    def late(self, ended: Ended) -> bool:
        """Say whether a hand-over lies there that the warden did not see in time."""
        return ended.handed_over is None and os.path.lexists(self.handover)

    def filled(self) -> int:
        """Return the bytes that the run left in `work`, links not followed."""
        total = 0
        for folder, _, files in os.walk(self.work):
            for name in files:
                with suppress(OSError):
                    total += os.lstat(Path(folder) / name).st_blocks * 512
        return total

    def close(self, *, keep_weights: bool) -> None:
        """Remove all that the run wrote, but its log and, if asked, its weights.

        Weights that are kept take the place of older ones: see `thin`.
        Only after every process of the run is gone: what lies there is the agent's.
        """
        if keep_weights:
            with suppress(OSError):
                self.handover.replace(self.path / HANDOVER)
                thin(self.path.parent)
        remove(self.work)
        remove(self.exam)
        with suppress(OSError):
            shorten(self.output)


def thin(session: Path, room: int = WEIGHTS_ROOM) -> None:
    """Keep the weights of one run a trial: the latest of the baseline, and of the latest trials.

    These are as many as fit in `room` bytes, but one at least; older ones are removed, for a night
    of repeats must not fill the disk. Any of them can be trained again from its archived file.

    Raises:
        OSError: weights cannot be looked at or removed.
    """
    latest: dict[int, Path] = {}
    for trial, path in _weights(session):
        if trial in latest:
            latest[trial].unlink()
        latest[trial] = path
    latest.pop(0, None)
    used = 0
    for newer, trial in enumerate(sorted(latest, reverse=True)):
        used += latest[trial].lstat().st_size
        if newer and used > room:
            latest[trial].unlink()


def _weights(session: Path) -> list[tuple[int, Path]]:
    """Return trial and path of all weights that are kept, in the order of the runs."""
    found = [
        (tuple(int(part or 0) for part in name.groups()), path)
        for path in session.glob(f"*/{HANDOVER}")
        if (name := SCORED.fullmatch(path.parent.name))
    ]
    return [(order[0], path) for order, path in sorted(found)]


def shorten(log: Path, half: int = LOG_HALF) -> None:
    """Keep the beginning and the end of a long log; a night of floods must not fill the disk.

    Raises:
        OSError: the log cannot be read or written.
    """
    size = log.stat().st_size
    if size <= 3 * half:
        return
    with log.open("rb") as file:
        first = file.read(half)
        file.seek(size - half)
        last = file.read()
    cut = f"\n[{size - 2 * half:,} bytes of the log cut out]\n".encode()
    draft = log.with_name(log.name + ".new")
    draft.write_bytes(first + cut + last)
    draft.chmod(0o600)
    draft.replace(log)


def remove(folder: Path) -> None:
    """Remove a folder of untrusted content; links are removed, never followed."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        # Folders made without rights, or nested deeper than Python goes.
        mode = ["chmod", "-R", "u+rwX", "--", str(folder)]
        subprocess.run(mode, check=False, capture_output=True)
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False, capture_output=True)
