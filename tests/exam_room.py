"""A room to examine in: small held-out data, small models, and one process that has torch.

Importing torch takes seconds, so one process does it for a whole module and forks the hosts of the
scorers from there; what they do afterwards is what they do under a warden.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from cockpit.arena.exam import Examination, ExamOrder
from cockpit.arena.examiner import Examiner, Limits
from cockpit.arena.job import Job
from cockpit.arena.messages import Ended, Message
from cockpit.events import Sample

ROOT = Path(__file__).parents[1]
SANDBOX = ROOT / "sandbox"
CHARS = "\n:ABCabcdef|"
CONTEXT, ROWS = 256, 40

MODEL = """
import prepare
import torch
from torch import nn
from torch.nn.functional import one_hot


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.size = prepare.vocab_size()
        self.table = nn.Embedding(self.size, 16)
        self.head = nn.Linear(16, self.size)

    def forward(self, ids):
        rows, context = ids.shape
        place = torch.arange(context)
        logits = self.head(self.table(ids).cumsum(1) / (1 + place[:, None]))
        ahead = torch.zeros_like(logits)
        ahead[:, :-1] = 20.0 * one_hot(ids[:, 1:], self.size)
{trick}
        return logits


def build_model():
    return Model()
"""


def model(trick: str = "") -> str:
    """Return a `train.py` whose `forward` ends with `trick`; `ahead` is the true next byte."""
    return MODEL.format(trick=textwrap.indent(textwrap.dedent(trick).strip("\n"), " " * 8))


# --- the process that has torch ----------------------------------------------------------------


def serve() -> None:
    """Fork a host, or a maker of weights, for every packet; runs in a process of its own."""
    import safetensors.torch
    import torch

    assert safetensors.torch and torch
    line = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        packet, descriptors, _, _ = socket.recv_fds(line, 1 << 16, 1)
        if not packet:
            return
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            line.close()
            _work(json.loads(packet), descriptors[0])
            os._exit(0)
        os.close(descriptors[0])
        line.send(str(child).encode())


def _work(task: dict[str, Any], descriptor: int) -> None:
    os.environ.update(task["env"])
    if "text" in task:
        text, weights = Path(task["text"]), Path(task["weights"])
        value = _make(text, weights, task["seed"]) if "seed" in task else _value(text, weights)
        socket.socket(fileno=descriptor).send(json.dumps(value).encode())
        return
    from cockpit.arena import scorer

    sys.argv = ["scorer", str(descriptor)]
    scorer.main()


def _make(text: Path, weights: Path, seed: int) -> float:
    """Save fresh weights of the model and return its bits per byte."""
    import torch
    from safetensors.torch import save_model

    torch.manual_seed(seed)
    built = _build(text)
    save_model(built, str(weights))
    return _bits_per_byte(built)


def _value(text: Path, weights: Path) -> float:
    """Return the bits per byte of weights that were handed over."""
    from safetensors.torch import load_model

    built = _build(text)
    load_model(built, str(weights))
    return _bits_per_byte(built)


def _build(text: Path) -> Any:
    import runpy

    sys.path.insert(0, str(SANDBOX))
    return runpy.run_path(str(text))["build_model"]().eval()


def _bits_per_byte(built: Any) -> float:
    """Evaluate on val the plain way: in process, with torch's own cross-entropy."""
    import torch
    from torch.nn.functional import cross_entropy

    raw = (Path(os.environ["COCKPIT_DATA"]).parent / "vault" / "val.bin").read_bytes()
    rows = min(len(raw) // (CONTEXT + 1), 256)
    table = torch.frombuffer(bytearray(raw[: rows * (CONTEXT + 1)]), dtype=torch.uint8)
    table = table.view(rows, CONTEXT + 1).long()
    with torch.inference_mode():
        logits = torch.cat([built(part) for part in table[:, :-1].split(32)])
    return float(cross_entropy(logits.flatten(0, 1), table[:, 1:].flatten()) / np.log(2))


# --- the room ----------------------------------------------------------------------------------


@dataclass
class Host:
    """A forked host, with what the examiner asks of a warden."""

    process: psutil.Process
    ended: Ended | None = None

    def poll(self, timeout: float = 0.0) -> list[Message]:
        return []

    def close(self) -> None:
        gone, alive = psutil.wait_procs([self.process], timeout=10)
        assert gone and not alive


@dataclass
class Bystander:
    """A watch that says halt from the `after`th look on."""

    after: float = float("inf")
    looks: int = 0

    def halted(self) -> str | None:
        self.looks += 1
        return "the human stopped it" if self.looks > self.after else None

    def wait(self, seconds: float) -> str | None:
        return self.halted()

    def sample(self, sample: Sample) -> None:
        pass


class Room:
    """Held-out data in `folder`, and examinations of `train.py` texts on it."""

    def __init__(self, folder: Path, line: socket.socket, process: int) -> None:
        self.folder, self._line, self.process = folder, line, psutil.Process(process)
        self.data, self.vault = folder / "data", folder / "vault"
        self._numbers = count()

    def make(self, text: str, seed: int = 0) -> tuple[Path, float]:
        """Return weights of the model, and its bits per byte on val, computed in process."""
        folder = self._new_folder()
        (folder / "train.py").write_text(text)
        weights = folder / "handover.safetensors"
        return weights, self._ask(folder / "train.py", weights, self.data, seed=seed)

    def value(self, text: Path, weights: Path, data: Path) -> float:
        """Return the bits per byte of weights on the val of a workspace, computed in process."""
        return self._ask(text, weights, data)

    def _ask(self, text: Path, weights: Path, data: Path, **how: int) -> float:
        mine, theirs = socket.socketpair()
        task = {"text": str(text), "weights": str(weights), "env": {"COCKPIT_DATA": str(data)}}
        self._fork(task | how, theirs)
        theirs.close()
        assert select.select([mine], [], [], 60)[0]
        answer = mine.recv(99)
        mine.close()
        return float(json.loads(answer))

    def examine(
        self,
        text: str,
        weights: Path,
        *,
        watch: Bystander | None = None,
        limits: Limits | None = None,
        secret: bytes = b"of the test",
        walls: bool = True,
        **order: Any,
    ) -> Examination:
        """Examine, and see to it that no process is left."""
        examiner = Examiner(
            self.data,
            self.vault,
            SANDBOX,
            start=self.start,
            limits=limits,
            secret=secret,
            walls=walls,
        )
        asked = ExamOrder(text=text, weights=weights, folder=self._new_folder(), **order)
        try:
            return examiner.examine(asked, watch or Bystander())
        finally:
            assert self.process.children(recursive=True) == []

    def start(self, job: Job, pass_fds: Sequence[int]) -> Host:
        """Fork a host from the process that has torch."""
        given = socket.socket(fileno=os.dup(pass_fds[0]))
        host = Host(psutil.Process(self._fork({"env": job.env}, given)))
        given.close()
        return host

    def _fork(self, task: dict[str, Any], theirs: socket.socket) -> int:
        socket.send_fds(self._line, [json.dumps(task).encode()], [theirs.fileno()])
        return int(self._line.recv(99))

    def _new_folder(self) -> Path:
        folder = self.folder / f"{next(self._numbers)}"
        folder.mkdir()
        return folder


@contextmanager
def open_room(folder: Path, rows: int = ROWS, chars: str = CHARS) -> Iterator[Room]:
    """Open a room for the time of the block."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import tests.exam_room as r; r.serve()"
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        env=os.environ | single,
    )
    theirs.close()
    try:
        write_data(folder / "data", folder / "vault", rows, chars)
        yield Room(folder, ours, process.pid)
    finally:
        ours.close()
        assert process.wait(20) == 0


def write_data(data: Path, vault: Path, rows: int = ROWS, chars: str = CHARS) -> None:
    """Write held-out text of `rows` windows in the format of `prepare.py`."""
    random = np.random.default_rng(7)
    sums = {}
    for folder in (data, vault):
        folder.mkdir()
    for name in ("val", "audit"):
        raw = random.integers(0, len(chars), rows * (CONTEXT + 1)).astype(np.uint8).tobytes()
        (vault / f"{name}.bin").write_bytes(raw)
        sums[name] = hashlib.sha256(raw).hexdigest()
    (data / "train.bin").write_bytes(b"\0" * 9)
    meta = {"chars": chars, "vocab_size": len(chars), "sha256": sums}
    (data / "meta.json").write_text(json.dumps(meta))
