"""Honest variants of the sandbox's own `train.py`, through the real arena: all of them pass.

A few steps each, so that a slow machine takes part; what they handed over is evaluated once more,
in process and in the plain way, and the two numbers must agree.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.arena import landlock
from cockpit.arena.examiner import Examiner
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.runner import ProcessRunner
from cockpit.ports import RunOrder
from cockpit.trial import Completed, Crashed, RunResult
from tests.e2e.cabin import Cabin, copy
from tests.exam_room import SANDBOX, Bystander, Room, open_room

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        sys.platform != "linux" or landlock.version() < 1, reason="needs a kernel with Landlock"
    ),
]

TEXT = (SANDBOX / "train.py").read_text()
ATTENTION = "y = F.scaled_dot_product_attention(q, k, v, is_causal=True)"
WINDOWED = """\
mask = torch.ones(T, T, dtype=torch.bool).tril().triu(-63)
        scores = (q @ k[:, :1].transpose(-2, -1)) / HEAD_DIM**0.5
        y = scores.masked_fill(~mask, -torch.inf).softmax(-1) @ v[:, :1]"""
COMPILED = 'net = torch.compile(model) if COMPILE and device == "cuda" else model'
VARIANTS = {
    "bigger": {"DEPTH = 2": "DEPTH = 4", "WIDTH = 64": "WIDTH = 128"},
    "smaller, with dropout": {
        "DEPTH = 2": "DEPTH = 1",
        "WIDTH = 64": "WIDTH = 32",
        "DROPOUT = 0.0": "DROPOUT = 0.3",
    },
    "another attention": {ATTENTION: WINDOWED, "ROPE_BASE = 10000.0": "ROPE_BASE = 500.0"},
    "another block and optimiser": {
        'ACTIVATION = "gelu"': 'ACTIVATION = "swiglu"',
        "QK_NORM = False": "QK_NORM = True",
        "SOFTCAP = 0.0": "SOFTCAP = 15.0",
        'OPTIMIZER = "adamw"': 'OPTIMIZER = "muon"',
    },
    "bf16 throughout": {
        "BF16 = False": "BF16 = True",
        "    def forward(self, ids: Tensor) -> Tensor:": (
            '    @torch.autocast("cpu", torch.bfloat16)\n'
            "    def forward(self, ids: Tensor) -> Tensor:"
        ),
    },
    "tied weights": {"TIE_EMBEDDINGS = False": "TIE_EMBEDDINGS = True"},
    "torch.compile without a compiler": {COMPILED: 'net = torch.compile(model, backend="eager")'},
}


@dataclass(frozen=True)
class Arena:
    """A workspace with real data, a runner for it, and a process that evaluates."""

    root: Path
    runner: ProcessRunner
    room: Room

    def run(self, text: str, examine: str = "full") -> RunResult:
        order = RunOrder(
            trial=1,
            run=1,
            role="scoring run",
            text=text,
            seed=11,
            budget=120.0,
            tokens=4_000,
            examine=examine,
            audit=True,
        )
        shutil.rmtree(self.root / ".cockpit" / "runs", ignore_errors=True)
        return self.runner.run(order, Bystander())

    def value(self) -> float:
        """Evaluate what the last run handed over."""
        run = self.root / ".cockpit" / "runs" / "session" / "1-1"
        data = self.root / ".cockpit" / "data"
        return self.room.value(run / "train.py", run / "handover.safetensors", data)


@pytest.fixture(scope="module")
def arena(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    root = copy(prepared, tmp_path_factory.mktemp("controls") / "ws").root
    private = root / ".cockpit"
    examiner = Examiner(private / "data", private / "vault", root / "sandbox")
    box = Lockbox(root)
    box.seal()
    with tempfile.TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        yield Arena(root, ProcessRunner(root=root, examiner=examiner, lockbox=box), room)


def variant(changes: dict[str, str]) -> str:
    text = TEXT
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("name", VARIANTS)
def test_an_honest_variant_passes_with_the_number_of_an_evaluation_in_process(
    arena: Arena, name: str
) -> None:
    delicate = name in ("another attention", "bf16 throughout")
    found = arena.run(variant(VARIANTS[name]), "thorough" if delicate else "full")
    assert isinstance(found, Completed), found
    assert found.value("val_bpb") == pytest.approx(arena.value(), abs=1e-3)
    assert found.probes == (512 if delicate else 64)
    assert found.value("val_bpb", "audit") == pytest.approx(found.value("val_bpb"), rel=0.1)
    assert found.sample and found.usage.examine > 0


def test_torch_compile_on_the_cpu_ends_with_a_sentence_that_says_why(arena: Arena) -> None:
    found = arena.run(variant({COMPILED: "net = torch.compile(model)"}))
    assert isinstance(found, Crashed), found
    assert found.reason.startswith("called torch.compile at line ")
    assert found.reason.endswith(
        "a run on the CPU may not start programs, so leave torch.compile out"
    )
