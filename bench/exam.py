"""What one examination costs, at default sizes: `python -m bench.exam [RUNS]`.

Prints the median seconds of each part for the sandbox's own `train.py`, screened and before a keep,
under a real warden, and the whole as a share of the 300 s budget (the bar is 2 %).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from cockpit.arena.exam import Examined, ExamOrder, Split
from cockpit.arena.examiner import Examiner
from tests.exam_room import SANDBOX, Bystander, open_room, write_data

BUDGET = 300.0
ROWS = 300


def main() -> None:
    """Examine `RUNS` times each way and print the medians."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    text = (SANDBOX / "train.py").read_text()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder / "data", folder / "vault", rows=ROWS)
        (folder / "room").mkdir()
        with open_room(folder / "room") as room:
            weights, _ = room.make(text)
        examiner = Examiner(folder / "data", folder / "vault", SANDBOX)
        for thorough in (False, True):
            found = []
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
                    threads=2,
                )
                examined = examiner.examine(order, Bystander())
                assert isinstance(examined, Examined), examined
                found.append(examined)
            show("before a keep" if thorough else "screening", found)


def show(title: str, found: list[Examined]) -> None:
    """Print one line of medians."""
    parts = {
        field.name: statistics.median(getattr(one.split, field.name) for one in found)
        for field in fields(Split)
    }
    whole = statistics.median(one.seconds for one in found)
    words = ", ".join(f"{part} {seconds:.2f}" for part, seconds in parts.items())
    print(f"{title}: {whole:.2f} s, {whole / BUDGET:.1%} of the budget ({words}), n={len(found)}")


if __name__ == "__main__":
    main()
