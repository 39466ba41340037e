"""Which layout a size has, in words: what it shows, and what a larger window adds."""

from __future__ import annotations

from typing import Final

from textual.geometry import Size

NARROW: Final = 60
"""Columns from which panes are shown at all; below, two status lines."""
NORMAL: Final = 100
"""Columns from which the ledger has more than one pane beside it."""
WIDE: Final = 160
"""Columns from which trend and selected trial are shown."""
SHORT: Final = 16
"""Rows from which panes are shown at all."""
UPRIGHT: Final = 32
"""Rows from which no two panes share a place."""
TALL: Final = 50
"""Rows from which each pane has its full height."""
PANES: Final = {"plan": "Plan", "diff": "Diff", "gpu": "GPU", "run": "Run", "ledger": "Ledger"}


def layout_words(size: Size, shown: tuple[str, ...], zoomed: str = "") -> str:
    """Return one sentence about the layout of now; `shown` are the ids of the panes in sight."""
    now = f"{size.width}x{size.height}"
    if zoomed:
        return f"{now}: {PANES.get(zoomed, zoomed)} has the whole screen; z gives it back"
    if size.width < NARROW or size.height < SHORT:
        return f"{now}: two status lines, every key works; 60x16 shows the ledger and one pane"
    beside = " and ".join(PANES[name] for name in shown if name in PANES and name != "ledger")
    if size.width < NORMAL:
        return f"{now}: the ledger and {beside}; 1 to 4 bring another; 100x32 shows five panes"
    if size.height < UPRIGHT:
        return f"{now}: the ledger, {beside}; 1 to 4 bring another; 32 rows show five panes"
    if size.width < WIDE:
        return f"{now}: five panes; 160 columns add the trend and the selected trial"
    if size.height < TALL:
        return f"{now}: five panes, the trend and the selected trial; 50 rows make them taller"
    return f"{now}: everything: five panes, the trend and the selected trial"
