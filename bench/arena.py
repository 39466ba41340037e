"""What the walls cost, and what holding a run to its processors does: `python -m bench.arena [N]`.

Set-up: the milliseconds in which a fresh child lowers its rights, with and without a copy of the
tunes among its packages. Training: the sandbox's own `train.py`, the same steps under a real warden
with and without walls, held to one processor and not, with four threads held and not; N
interleaved pairs each, and the median of their ratios (the bar is 2 % for the walls). Steps are
timed one by one and the median is taken, so that what else the machine does weighs little.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from cockpit.arena.isolation import training_policy
from cockpit.arena.job import Job, start

ROOT = Path(__file__).parents[1]
SANDBOX = ROOT / "sandbox"
STEPS = 60
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
import json, statistics, time
import prepare, torch, train
torch.set_num_threads({threads})
torch.manual_seed(0)
model = train.build_model()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
steps, began, cpu = [], time.perf_counter(), time.process_time()
for inputs, targets in prepare.batches(8, 256, "cpu"):
    before = time.perf_counter()
    loss = torch.nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    steps.append(time.perf_counter() - before)
    if len(steps) == {steps}:
        break
wall, cpu = time.perf_counter() - began, time.process_time() - cpu
print(json.dumps(dict(step=statistics.median(steps[10:]), wall=wall, cpu=cpu)))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to run the same steps."""

    walls: bool = True
    hold: bool = True
    threads: int = 1


PAIRS = {
    "walls / no walls": (Way(hold=False), Way(walls=False, hold=False)),
    "held to 1 processor / not held": (Way(), Way(hold=False)),
    "4 threads / 1 thread, held to 1 processor": (Way(threads=4), Way()),
    "4 threads / 1 thread, not held": (Way(threads=4, hold=False), Way(hold=False)),
}


def main() -> None:
    """Print what is measured."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_up(folder)
        write_data(folder)
        for title, (way, other) in PAIRS.items():
            compare(folder, title, way, other, pairs)


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


def compare(folder: Path, title: str, way: Way, other: Way, pairs: int) -> None:
    """Run both ways in turn, first one first, then the other, and print the medians of ratios."""
    found = []
    for pair in range(pairs):
        first, second = (way, other) if pair % 2 else (other, way)
        measured = {first: train(folder, first), second: train(folder, second)}
        found.append((measured[way], measured[other]))
    words = ", ".join(
        f"{what} {statistics.median(one[what] / two[what] for one, two in found):.3f}"
        for what in ("step", "wall", "cpu")
    )
    steps = " against ".join(
        f"{1000 * statistics.median(side['step'] for side in sides):.1f}"
        for sides in zip(*found, strict=True)
    )
    load = os.getloadavg()[0]
    print(f"{title}: {words} ({steps} ms a step), n={pairs} pairs, load {load:.1f}", flush=True)


def train(folder: Path, way: Way) -> dict[str, float]:
    """Run the steps once under a warden; return seconds of a step, of all, and of processors."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        work, script = place / "work", place / "train.py"
        work.mkdir()
        script.write_text(TRAIN.format(threads=way.threads, steps=STEPS))
        policy = training_policy(work=work, read=(script, SANDBOX, folder / "data"), device="cpu")
        job = Job(
            entry=str(script),
            budget=120,
            cwd=str(work),
            folder=str(place),
            output=str(place / "output.log"),
            policy=replace(policy, walls=way.walls),
            path=(str(SANDBOX),),
            env={
                "COCKPIT_DATA": str(folder / "data"),
                "COCKPIT_BUDGET": "120",
                "OMP_NUM_THREADS": "1",
                "OMP_WAIT_POLICY": "PASSIVE",
                "GOMP_SPINCOUNT": "0",
                "PATH": "/usr/bin:/bin",
            },
            warm=True,
            hold=way.hold,
        )
        with start(job) as warden:
            ended = warden.wait(180)
        told = Path(job.output).read_text().splitlines()
    assert ended.exit_code == 0, told
    found: dict[str, float] = json.loads(told[-1])
    return found


if __name__ == "__main__":
    print(f"{psutil.cpu_count()} processors, {sys.version.split()[0]}, Linux {os.uname().release}")
    main()
