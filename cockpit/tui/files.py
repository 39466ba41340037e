"""Follows program.md and learnings.md, off the screen's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

SECONDS = 2.0
"""Seconds between looks."""


async def follow(root: Path, tell: Callable[[str, str], None]) -> None:
    """Call `tell` with name and text whenever one of the two files changed; never returns."""
    seen: dict[str, float] = {}
    while True:
        for name in ("program", "learnings"):
            text = await asyncio.to_thread(_changed, root / f"{name}.md", seen)
            if text is not None:
                tell(name, text)
        await asyncio.sleep(SECONDS)


def _changed(path: Path, seen: dict[str, float]) -> str | None:
    """Return the text of a file when it changed since last seen; a missing one is empty."""
    try:
        stamp = path.stat().st_mtime
        if seen.get(path.name) == stamp:
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "" if seen.pop(path.name, None) is not None else None
    seen[path.name] = stamp
    return text
