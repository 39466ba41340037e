"""What one examination costs, at default sizes: `python -m bench.exam [RUNS]`.

Prints the median seconds of each part for the sandbox's own `train.py`, screened and before a keep,
under a real warden, and the whole as a share of the 300 s budget (the bar is 2 %). As in a run, the
examination is expected first and its host imports torch meanwhile; what that takes is said as well.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import string
import sys
import tempfile
import time
from dataclasses import fields
from pathlib import Path

import psutil

from cockpit.arena import record
from cockpit.arena.exam import Examined, ExamOrder, Split
from cockpit.arena.examiner import Examiner
from tests.exam_room import SANDBOX, Bystander, open_room

BUDGET = 300.0
ROWS = 300
CHARS = string.printable[:94]
"""As many as the tunes use."""


def main() -> None:
    """Examine `RUNS` times each way and print the medians."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    text = (SANDBOX / "train.py").read_text()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "room").mkdir()
        with open_room(folder / "room", rows=ROWS, chars=CHARS) as room:
            weights, _ = room.make(text)
            examiner = Examiner(room.data, room.vault, SANDBOX)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for thorough in (False, True):
            found, starts, costs = [], [], []
            for run in range(runs):
                place = folder / f"{thorough}-{run}"
                place.mkdir()
                order = ExamOrder(
                    text=text,
                    weights=weights,
                    folder=place,
                    thorough=thorough,
                    audit=thorough,
                    sample=thorough,
                )
                examined, start, cost = examine(examiner, order)
                found.append(examined)
                starts.append(start)
                costs.append(cost)
            show("before a keep" if thorough else "screening", found, starts, costs)


def examine(examiner: Examiner, order: ExamOrder) -> tuple[Examined, float, float]:
    """Return how it went, the seconds until the host sat still, and CPU seconds of all of it."""
    began = time.monotonic()
    with examiner.expect(order, 60.0, Bystander()) as expected:
        while not _waits(order):
            time.sleep(0.02)
        start = time.monotonic() - began
        examined = expected()
    assert isinstance(examined, Examined), examined
    told = record.read(order.folder)
    assert told is not None and told.ended is not None
    return examined, start, told.ended.cpu_seconds or 0.0


def _waits(order: ExamOrder) -> bool:
    """Say whether the host has imported torch and sleeps."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error, OSError):
            maps = Path(f"/proc/{process.pid}/maps").read_text()
            loaded = process.cwd() == str(order.folder.resolve()) and "libtorch_cpu" in maps
            if loaded and process.status() == psutil.STATUS_SLEEPING and "safetensors" in maps:
                return True
    return False


def show(title: str, found: list[Examined], starts: list[float], costs: list[float]) -> None:
    """Print one line of medians."""
    parts = {
        field.name: statistics.median(getattr(one.split, field.name) for one in found)
        for field in fields(Split)
    }
    whole = statistics.median(one.seconds for one in found)
    words = ", ".join(f"{part} {seconds:.2f}" for part, seconds in parts.items())
    print(f"{title}: {whole:.2f} s, {whole / BUDGET:.1%} of the budget ({words}), n={len(found)}")
    up, cost = statistics.median(starts), statistics.median(costs)
    print(f"  host up after {up:.2f} s, beside the launch; {cost:.2f} s of CPU time in all")


if __name__ == "__main__":
    main()
