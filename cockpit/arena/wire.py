"""What examiner and scorer agree on: one message per packet, logits through shared memory.

The examiner holds one control socket to a host process, and one socket and two shared memories to
each scorer the host forks. Only the standard library, for both ends import it.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from typing import Any

from cockpit.arena.isolation import Policy

READY = b"R"
"""Host: torch is imported. Scorer: the model is built, loaded and waits."""
FORK, END = b"F", b"E"
"""To the host: fork a scorer (a `Seat` and three descriptors follow); end all scorers."""
DONE = b"D"
FAILED = b"!"
"""Then one sentence of the scorer's: untrusted text."""
ROWS = struct.Struct("<cI")
"""To a scorer: b"G" and how many rows of the input memory to answer."""
GO = b"G"
ID_BYTES, LOGIT_BYTES = 8, 4
PACKET = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """All a scorer is told: copies of the candidate's files, the shapes, and its walls.

    `path` is the folder with `prepare.py`; `rows`, `context` and `vocab` size the memories.
    `scratch` is where a GPU compiler may keep its files; empty on a CPU.
    """

    text: str
    weights: str
    path: str
    rows: int
    context: int
    vocab: int
    device: str
    threads: int
    policy: Policy
    scratch: str = ""

    def to_bytes(self) -> bytes:
        """Render as one packet, `FORK` in front."""
        return FORK + json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, packet: bytes) -> Seat:
        """Read what `to_bytes` wrote."""
        raw = json.loads(packet[len(FORK) :])
        policy: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in raw.pop("policy").items()
        }
        return cls(policy=Policy(**policy), **raw)
