"""The warden's durable record in a run folder: who supervised the run, and how it ended."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cockpit.arena import tree
from cockpit.arena.messages import Ended, decode_ended
from cockpit.files import replace_file

RECORD = "warden.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Process id, start time and boot of a warden name it for good; `ended` is None while it runs.

    `closed` says why an earlier cockpit's run was closed, when it was.
    """

    pid: int
    start: str
    boot: str
    ended: Ended | None = None
    closed: str = ""

    def running(self) -> bool:
        """Say whether this very warden is still a process of this boot."""
        return (
            self.boot == tree.boot_id()
            and self.start != ""
            and tree.start_time(self.pid) == self.start
        )


def mine() -> Record:
    """Return the record of this process, as it starts."""
    return Record(pid=os.getpid(), start=tree.start_time(os.getpid()), boot=tree.boot_id())


def write(folder: Path, record: Record) -> None:
    """Write the record so that after a power cut it is the old one or the new one, whole.

    Raises:
        OSError: the disk is full or the folder is gone.
    """
    replace_file(folder / RECORD, json.dumps(asdict(record)).encode(), mode=0o600)


def read(folder: Path) -> Record | None:
    """Return the record of a run folder, or None when there is none that can be read."""
    try:
        raw: dict[str, Any] = json.loads((folder / RECORD).read_text())
        ended = raw.pop("ended")
        return Record(ended=decode_ended(ended) if ended else None, **raw)
    except (OSError, ValueError, KeyError, TypeError):
        return None
