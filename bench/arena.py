"""What the walls cost, and what holding a run to its processors does: `python -m bench.arena [N]`.

Set-up: the milliseconds in which a fresh child lowers its rights, with and without a copy of the
tunes among its packages. Training: two real runs of the sandbox's own model side by side, with and
without walls, held to one processor and not, with four threads and with one. They take turns at
five steps each, so that whatever else the machine does, it does it to both; the median of their
ratios is taken. Two processes differ by some percent without any reason (where their memory lies),
so that is done with N pairs of them, and the median of all printed (the bar is 2 % for the walls).
Processor time tells most on a busy machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cockpit.arena.isolation import training_policy
from cockpit.arena.job import Job, start

ROOT = Path(__file__).parents[1]
SANDBOX = ROOT / "sandbox"
STEPS, ROUNDS, PAIRS_OF_RUNS = 5, 30, 7
SETUPS = 20
LOWER = """
import sys, time
sys.path.append({root!r})
from pathlib import Path
from cockpit.arena.isolation import lower, training_policy
from dataclasses import replace
policy = training_policy(work=Path({work!r}), read=(Path({read!r}),), device="cpu")
began = time.perf_counter()
lowered = lower(replace(policy, processors=(0,)))
print(lowered.words(), 1000 * (time.perf_counter() - began), sep=": ")
"""
TRAIN = """
import os, sys, time
import prepare, torch, train
turn, told = map(int, sys.argv[1:])
torch.set_num_threads({threads})
torch.manual_seed(0)
model = train.build_model()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
batches = prepare.batches(8, 256, "cpu")
while True:
    os.write(told, b"ready\\n")
    if not os.read(turn, 1):
        break
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range({steps}):
        inputs, targets = next(batches)
        loss = torch.nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    took = time.perf_counter() - began, time.process_time() - cpu
    os.write(told, ("%r %r\\n" % took).encode())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to run the steps."""

    walls: bool = True
    hold: bool = False
    threads: int = 1


PAIRS = {
    "walls / no walls": (Way(), Way(walls=False)),
    "walls / walls (what is noise)": (Way(), Way()),
    "held to 1 processor / not held": (Way(hold=True), Way()),
    "4 threads / 1 thread, both held": (Way(threads=4, hold=True), Way(hold=True)),
    "4 threads / 1 thread, not held": (Way(threads=4), Way()),
}


class Turns:
    """One run, from the side that says whose turn it is."""

    def __init__(self, turn: int, told: int) -> None:
        self._turn, self._told = turn, os.fdopen(told)
        self._ready()

    def take(self) -> tuple[float, float]:
        """Let it make its steps; return the seconds of the clock and of processors."""
        os.write(self._turn, b"x")
        wall, cpu = map(float, self._told.readline().split())
        self._ready()
        return wall, cpu

    def _ready(self) -> None:
        line = self._told.readline()
        assert line == "ready\n", f"the run ended: {line}"


def main() -> None:
    """Print what is measured."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS_OF_RUNS
    print(f"{os.cpu_count()} processors, {sys.version.split()[0]}, Linux {os.uname().release}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_up(folder)
        write_data(folder)
        for title, (way, other) in PAIRS.items():
            ratios = []
            for _ in range(pairs):
                with running(folder, way) as one, running(folder, other) as two:
                    ratios.append(compare(one, two))
            show(title, ratios)


def set_up(folder: Path) -> None:
    """Lower the rights of fresh children and print the median of what that took."""
    copy = folder / "site-packages" / "music21" / "corpus"
    copy.mkdir(parents=True)
    (folder / "plain").mkdir()
    for place, title in ((folder / "plain", "set-up"), (copy.parents[1], "with a copy of tunes")):
        code = LOWER.format(root=str(ROOT), work=str(folder), read=str(place))
        command = [sys.executable, "-I", "-B", "-c", code]
        told = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            for _ in range(SETUPS)
        ]
        walls = told[0].rpartition(": ")[0]
        took = sorted(float(line.rpartition(": ")[2]) for line in told)
        middle = statistics.median(took)
        print(f"{title}: {middle:.1f} ms, at most {took[-1]:.1f} ({walls}), n={len(took)}")


def write_data(folder: Path) -> None:
    """Prepare the sandbox's data, from a secret of no consequence."""
    (folder / "seed").write_text("c0ffee")
    command = [sys.executable, SANDBOX / "prepare.py", "--data", folder / "data",
               "--vault", folder / "vault", "--generate", folder / "seed"]  # fmt: skip
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


def compare(one: Turns, two: Turns) -> tuple[float, float]:
    """Let both take turns, each first as often; return the medians of wall and processor ratios."""
    found = []
    for turn in range(ROUNDS + 2):
        if turn % 2:
            mine, other = one.take(), two.take()
        else:
            other, mine = two.take(), one.take()
        found.append((mine[0] / other[0], mine[1] / other[1]))
    wall, cpu = zip(*found[2:], strict=True)
    return statistics.median(wall), statistics.median(cpu)


def show(title: str, ratios: list[tuple[float, float]]) -> None:
    """Print the medians over pairs of runs, and from where to where they went."""
    words = ", ".join(
        f"{name} {statistics.median(side):.3f} ({min(side):.3f} to {max(side):.3f})"
        for name, side in zip(("wall", "cpu"), zip(*ratios, strict=True), strict=True)
    )
    print(f"{title}: {words}, n={len(ratios)} pairs, load {os.getloadavg()[0]:.1f}", flush=True)


@contextmanager
def running(folder: Path, way: Way) -> Iterator[Turns]:
    """Start a run under a warden, and end it."""
    theirs, turn = os.pipe()
    told, write = os.pipe()
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        start(job_of(folder, Path(name), way, (theirs, write)), (theirs, write)),
    ):
        os.close(theirs)
        os.close(write)
        yield Turns(turn, told)
        os.close(turn)


def job_of(folder: Path, place: Path, way: Way, ends: tuple[int, int]) -> Job:
    """Return the run as a job; `ends` are its ends of the pipes."""
    work, script = place / "work", place / "train.py"
    work.mkdir()
    script.write_text(TRAIN.format(threads=way.threads, steps=STEPS))
    policy = training_policy(work=work, read=(script, SANDBOX, folder / "data"), device="cpu")
    return Job(
        entry=str(script),
        args=tuple(map(str, ends)),
        budget=600,
        cwd=str(work),
        folder=str(place),
        output=str(place / "output.log"),
        policy=replace(policy, walls=way.walls),
        path=(str(SANDBOX),),
        env={
            "COCKPIT_DATA": str(folder / "data"),
            "COCKPIT_BUDGET": "600",
            "OMP_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "PASSIVE",
            "GOMP_SPINCOUNT": "0",
            "PATH": "/usr/bin:/bin",
        },
        warm=True,
        hold=way.hold,
    )


if __name__ == "__main__":
    main()
