"""What `cockpit doctor` says of the facts it found: pure functions that make one `Check` a line.

A check fails when the cockpit would not start, or when its numbers could not be trusted. What it
gets along with (no model, no GPU, a small terminal) is a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: how it is, what was found, and what to do about it."""

    state: Literal["ok", "warn", "fail"]
    name: str
    found: str
    remedy: str = ""

    def line(self) -> str:
        """Return it as the doctor prints it."""
        text = f"{self.state:<5} {self.name:<13} {self.found}"
        return f"{text}  -> {self.remedy}" if self.remedy else text


def version_in(text: str) -> tuple[int, int]:
    """Return the first version number in `text`, (0, 0) without one."""
    match = re.search(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def dotted(version: tuple[int, int]) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))
