"""What an examination is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cockpit.trial import Crashed, Reading, Rejected, Stopped

CONTEXT = 256
"""Bytes a model may look back on in the examination; part of the metric."""

EXAM_BYTES = 65_536
"""Target bytes of one full pass; part of the metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamOrder:
    """One hand-over to be examined, after every process of its run is gone.

    `text` is the candidate's `train.py`, `weights` its hand-over (untrusted: opened without
    following links), `folder` an empty folder of ours that the scorers may read. `depth` "brief"
    scores a handful of windows (rehearsal). `thorough` looks behind every position (before a
    keep). `audit` adds the audit split, `sample` a tune the model writes. `seed` varies the
    probes; they stay secret all the same. `device` is a torch device, `threads` those of the run.
    """

    text: str
    weights: Path
    folder: Path
    depth: Literal["brief", "full"] = "full"
    thorough: bool = False
    audit: bool = False
    sample: bool = False
    seed: int = 0
    device: str = "cpu"
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Wall-clock seconds of the parts of one examination."""

    start: float = 0.0
    load: float = 0.0
    score: float = 0.0
    write: float = 0.0
    probe: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The hand-over answered honestly; `readings` are bits per byte.

    `probes` counts the secret positions looked behind; `weights_digest` is the SHA-256 of the
    tensors alone, so that two seeds that hand over the same weights are seen; `split` says where
    the `seconds` went.
    """

    readings: tuple[Reading, ...]
    sample: str
    probes: int
    weights_digest: str
    seconds: float
    split: Split = Split()


Examination = Examined | Crashed | Rejected | Stopped
"""Stopped only when the watch was halted; every other failure of ours is an ArenaError."""
