"""A workspace as a user has it, and the cockpit in it as a real process.

Making one is slow (git, a corpus, a first measurement), so tests copy what was made once a run.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

from cockpit.cli.journal import history
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.events import Entry
from cockpit.ledgers.codec import entry_from_dict

REPO = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"
"""An address where nothing listens."""
PATIENCE = 300.0
"""Seconds until a test gives up on a process; a busy machine needs minutes where a quiet one
needs seconds."""
BUDGET = 3.0
"""Seconds of a run in these tests, of which one is kept back for handing over."""
SWEEP = ("--unattended", "--agent", "sweep", "--json", "--rehearsals", "0", "--remeasure", "0")
Line = dict[str, Any]


def budget(seconds: float) -> tuple[str, ...]:
    """Return the flags of runs that long, on one core."""
    return ("--budget", f"{seconds:g}", "--threads", "1")


SMALL = budget(BUDGET)


def surroundings(home: Path) -> dict[str, str]:
    """Return an environment without settings, identity, model server or package index.

    Nor with a size: a worker's may name one (readline sets it), and Textual takes it for the
    terminal's.
    """
    strange = ("COCKPIT_", "GIT_", "OLLAMA_", "PYTEST_", "PIP_", "XDG_", "COLUMNS", "LINES")
    env = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    env |= {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "OLLAMA_HOST": NOBODY}
    env |= {"PIP_NO_INDEX": "1", "PIP_INDEX_URL": NOBODY, "PIP_CONFIG_FILE": os.devnull}
    return env | {"PYTHONPATH": str(REPO), "PYTHONDONTWRITEBYTECODE": "1", "TERM": "xterm-256color"}


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Look again and again; say whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[Line]:
        """Every line of the output, each a JSON object."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def board(self) -> Board:
        """What the printed events alone say about the session."""
        return Fold(entry_from_dict(line) for line in self.events).board


class Underway:
    """A command that runs; its events are read as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.events: list[Line] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._errors: list[str] = []
        assert process.stdout is not None
        assert process.stderr is not None
        self._readers = [
            threading.Thread(target=_read, args=(process.stdout, self._lines.put), daemon=True),
            threading.Thread(target=_read, args=(process.stderr, self._errors.append), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def err(self) -> str:
        """What it said on standard error so far."""
        return "".join(self._errors)

    def wait_for(self, wanted: Callable[[Line], bool]) -> Line:
        """Return the first event from here on that is wanted."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.events.append(json.loads(self._lines.get(timeout=0.2)))
            except queue.Empty:
                over = self.process.poll() is not None and not self._readers[0].is_alive()
                assert not over or not self._lines.empty(), f"it ended: {''.join(self._errors)}"
                continue
            if wanted(self.events[-1]):
                return self.events[-1]
        raise AssertionError(f"not heard of in {PATIENCE:g} s, last: {self.events[-1:]}")

    def end(self, number: int | None = None) -> int:
        """Send a signal, if any; wait for the end, read the rest, return the exit code."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        while not self._lines.empty():
            line = self._lines.get()
            if line.endswith("\n"):  # a killed one leaves half a line
                self.events.append(json.loads(line))
        return code


def _read(source: IO[str], tell: Callable[[str], object]) -> None:
    with source:
        for line in source:
            tell(line)


@dataclass
class Cabin:
    """A workspace at `root`, and `env`, the environment that commands in it get."""

    root: Path
    env: Mapping[str, str] = field(repr=False)

    # --- commands --------------------------------------------------------------------------------

    def run(self, *arguments: str, **env: str) -> Done:
        """Give a command and wait for its end."""
        done = subprocess.run(
            self._command(arguments),
            cwd=self.root,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def start(self, *arguments: str, module: str = "cockpit", **env: str) -> Iterator[Underway]:
        """Give a command and follow it; what is left of it at the end is killed."""
        process = subprocess.Popen(
            self._command(arguments, module),
            cwd=self.root,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        underway = Underway(process)
        try:
            yield underway
        finally:
            with_rest = signal.SIGKILL if process.poll() is None else None
            underway.end(with_rest)

    def tell(self, *arguments: str) -> Any:
        """Give a command that answers with one JSON object."""
        done = self.run(*arguments)
        assert done.code == 0, done.err
        return json.loads(done.out)

    def git(self, *arguments: str) -> str:
        """Run git as the human does, but leave the index as it is where only looking."""
        done = subprocess.run(
            ["git", "--no-optional-locks", "-c", "diff.autoRefreshIndex=false", *arguments],
            cwd=self.root,
            env=dict(self.env),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _command(self, arguments: tuple[str, ...], module: str = "cockpit") -> list[str]:
        return [sys.executable, "-W", "ignore", "-m", module, *arguments]

    # --- what is there afterwards ----------------------------------------------------------------

    @property
    def journal(self) -> list[Entry]:
        """Every entry of the ledger."""
        return history(self.root)

    @property
    def board(self) -> Board:
        """The newest session."""
        return Fold(self.journal).board

    @property
    def train(self) -> str:
        """The text of train.py in the tree."""
        return (self.root / "sandbox/train.py").read_text()

    def run_folders(self, trial: int) -> list[Path]:
        """Return the folders of a trial's runs in the newest session, in order."""
        runs = self.root / ".cockpit" / "runs" / self.board.session_tag
        return sorted(runs.glob(f"{trial}-*"))

    def processes(self) -> list[str]:
        """Return every living process that works for this workspace, in words."""
        return [words for process in psutil.process_iter() if (words := self.owns(process))]

    def owns(self, process: psutil.Process) -> str:
        """Return a living process in words, if it works for this workspace; else nothing."""
        place = str(self.root)
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                return ""
            words = " ".join(process.cmdline())
            where = process.cwd()
            run = process.environ().get("COCKPIT_RUN", "")
        except psutil.Error:
            return ""
        inside = where == place or where.startswith(place + "/") or run.startswith(place + "/")
        return f"{process.pid} {words}" if inside or place in words else ""


def copy(made: Cabin, folder: Path) -> Cabin:
    """Return a copy of a workspace, its repository and ledger included."""
    shutil.copytree(made.root, folder, symlinks=True)
    return Cabin(folder, made.env)
