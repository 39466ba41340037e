"""What a session has to say about the constraints it finds."""

from __future__ import annotations

from pathlib import Path

from cockpit import events as ev
from cockpit.constraints import Constraints
from cockpit.source.limits import unmet


def constraints_notice(root: Path, constraints: Constraints) -> ev.Noticed | None:
    """Say where `[constraints]` do not fit `sandbox/train.py` as it is; None where they do."""
    try:
        text = (root / "sandbox" / "train.py").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None  # Whoever needs the file says what is wrong with it.
    found = unmet(text, constraints)
    if not found:
        return None
    return ev.Noticed(level="warning", topic="constraints", text="; ".join(found))
