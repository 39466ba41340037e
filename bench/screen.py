"""What the screen costs, beside a bare Textual app: `python -m bench.screen [REPEATS]`.

Prints the first frame, from a key to its paint while 1,000 lines a second are logged, processor and
bytes of a second of a run, memory, and ten thousand trials: opened, read and filtered. Opened is
when the ledger shows trials and `/` opened its filter; the rest is read then. All of it in a
pseudo-terminal of 120 by 40, cockpit and bare app in turns, with the bars of the design. Beside
milliseconds on the wall stand those of a processor, which a busy machine changes less.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from bench.flood import flood
from bench.pty import REPO, Pty
from cockpit import events as ev
from cockpit.ledgers.sqlite import SqliteLedger
from tests.tui.replay import Night, screen_of

TRIALS, MANY = 141, 10_000
LINES = 1000
"""Lines a second of the flood."""
SECONDS = 20.0
"""How long a second of a run is watched."""
KEYS = 40
WORD = "warmdown"
"""Typed into the filter; every letter leaves other rows."""
MEMORY = Path("/dev/shm")
SUBJECTS = {"cockpit": ("bench.screen", "--subject"), "bare": ("bench.bare",)}
STARTED = {"cockpit": ("cockpit", "replay", "--demo"), "bare": ("bench.bare",)}
Cost = dict[str, float]


def main() -> None:
    """Measure and print the table."""
    if sys.argv[1:] == ["--subject"]:
        cockpit()
        return
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, {repeats} starts each")
    found: dict[str, Cost] = {"cockpit": {}, "bare": {}}
    starts: dict[str, list[tuple[float, float]]] = {"cockpit": [], "bare": []}
    for _ in range(repeats):
        for name, took in starts.items():
            took.append(first_frame(name))
    for name, cost in found.items():
        wall, used = zip(*starts[name], strict=True)
        cost |= {FIRST: statistics.median(wall), f"{FIRST} of a processor": statistics.median(used)}
        cost |= keys_to_paint(name) | second_of_a_run(name)
    found["cockpit"] |= many()
    show(found["cockpit"], found["bare"])
    print(f"load {os.getloadavg()[0]:.1f} at the end")


FIRST, KEY = "first frame, ms", "key to paint"
OPEN, FILTER = "10,000 trials: rows and working keys, ms", "10,000 trials: filter keystroke"
READ = "10,000 trials: all of them read, ms"
BARS = {
    FIRST: 1500,
    f"{FIRST} of a processor": None,
    f"{KEY} p50, ms": None,
    f"{KEY} p90, ms": 50,
    f"{KEY} and its part of the flood, ms of a processor": None,
    "processor while a run is on, %": 2,
    "bytes to the terminal, kB/s": 3,
    "memory, MB": 120,
    OPEN: 1000,
    f"{OPEN} of a processor": None,
    READ: None,
    f"{READ} of a processor": None,
    f"{FILTER} p50, ms": None,
    f"{FILTER} p90, ms": 50,
    f"{FILTER}, ms of a processor": None,
}


def show(cockpit_: Cost, bare_: Cost) -> None:
    """Print what was found, with the bars."""
    print(f"{'':58}{'cockpit':>9}{'bare':>9}{'bar':>7}")
    for name, bar in BARS.items():
        other = f"{bare_[name]:.1f}" if name in bare_ else "-"
        told = "" if bar is None else f"{bar:>7}{'' if cockpit_[name] <= bar else '  missed'}"
        print(f"{name:58}{cockpit_[name]:>9.1f}{other:>9}{told}")


# --- what is measured -----------------------------------------------------------------------------


def first_frame(name: str) -> tuple[float, float]:
    """Return the milliseconds to the first whole frame: on the wall, and of a processor."""
    with closing(Pty(*STARTED[name])) as at:
        wall = 1000 * (at.until(lambda text: "q quit" in text) - at.began)
        return wall, at.processor


def keys_to_paint(name: str) -> Cost:
    """Press a key again and again in the flood; each time see what it does."""
    took = []
    with closing(Pty(*SUBJECTS[name], env={"FLOOD": str(LINES)})) as at:
        at.until(lambda text: "q quit" in text)
        at.idle(3.0)
        before = at.processor
        for turn in range(KEYS):
            wanted = f"2 Diff · #{TRIALS - turn} " if name == "cockpit" else f"count {turn + 1}\n"
            pressed = at.press("j")
            took.append(1000 * (at.until(lambda text: wanted in text) - pressed))  # noqa: B023
            at.idle(0.13)
        used = at.processor - before
    return {
        f"{KEY} p50, ms": statistics.median(took),
        f"{KEY} p90, ms": p90(took),
        f"{KEY} and its part of the flood, ms of a processor": used / KEYS,
    }


def second_of_a_run(name: str) -> Cost:
    """Watch a run on the screen for a while, nobody touching a key."""
    with closing(Pty(*SUBJECTS[name])) as at:
        at.until(lambda text: "q quit" in text)
        at.idle(5.0)
        before, began = at.processor, time.monotonic()
        written = at.idle(SECONDS)
        used, took = at.processor - before, time.monotonic() - began
        return {
            "processor while a run is on, %": 0.1 * used / took,
            "bytes to the terminal, kB/s": written / took / 1000,
            "memory, MB": psutil.Process(at.process.pid).memory_info().rss / 1e6,
        }


def many() -> Cost:
    """Open a journal of ten thousand trials on the full screen, then filter it."""
    with journal(MANY) as root, closing(Pty("cockpit", "--read-only", folder=root)) as at:
        at.until(lambda text: "trials · reading" in text)
        at.press("/")
        opened = 1000 * (at.until(lambda text: "\nfilter" in text) - at.began)
        opening = at.processor
        whole = f"{MANY:,} trials ─"  # as the border goes on where nothing more is to be read
        read = 1000 * (at.until(lambda text: whole in text) - at.began)
        reading = at.processor
        at.idle(5.0)
        took, used = [], 0.0
        for end in range(1, len(WORD) + 1):
            at.idle(0.5)
            wanted, before = f"filter: {WORD[:end]} ", at.processor
            pressed = at.press(WORD[end - 1])
            took.append(1000 * (at.until(lambda text: wanted in text) - pressed))  # noqa: B023
            at.idle(0.05)
            used += at.processor - before
    return {
        OPEN: opened,
        f"{OPEN} of a processor": opening,
        READ: read,
        f"{READ} of a processor": reading,
        f"{FILTER} p50, ms": statistics.median(took),
        f"{FILTER} p90, ms": p90(took),
        f"{FILTER}, ms of a processor": used / len(WORD),
    }


def p90(values: list[float]) -> float:
    """Return the ninth decile."""
    return statistics.quantiles(values, n=10, method="inclusive")[-1]


@contextmanager
def journal(trials: int) -> Iterator[Path]:
    """Make a workspace with nothing but a long journal in it."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        root = Path(name)
        (root / ".cockpit").mkdir(mode=0o700)
        for file in ("cockpit.toml", "program.md", "learnings.md"):
            shutil.copy(REPO / file, root)
        with SqliteLedger(root / ".cockpit" / "ledger.db") as ledger:
            for entry in Night(seq=-1).night(trials):
                ledger.append(entry)
        yield root


# --- what runs in the terminal --------------------------------------------------------------------


def cockpit() -> None:
    """Run the cockpit on a made-up night whose next trial trains, with new figures each second."""
    app, halt = screen_of(TRIALS)
    flood(lambda lines: app.bridge(ev.LinesLogged(trial=TRIALS + 1, lines=lines)))
    app.run()
    halt.set()


if __name__ == "__main__":
    main()
