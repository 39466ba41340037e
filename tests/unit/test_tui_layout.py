"""Help says of every size which layout it has, and what a larger window adds."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from cockpit.tui.layout import layout_words

PAIR = ("run", "ledger")


@pytest.mark.parametrize(
    ("size", "shown", "words"),
    [
        ((40, 10), (), "two status lines, every key works; 60x16 shows"),
        ((200, 15), (), "two status lines"),
        ((60, 16), PAIR, "the ledger and Run; 1 to 4 bring another; 100x32 shows five panes"),
        ((99, 60), PAIR, "the ledger and Run;"),
        ((100, 31), ("plan", "diff", "ledger"), "the ledger, Plan and Diff; 1 to 4 bring another"),
        ((100, 32), ("plan", "gpu", "run", "diff", "ledger"), "five panes; 160 columns add"),
        ((160, 49), (), "five panes, the trend and the selected trial; 50 rows"),
        ((200, 60), (), "everything"),
    ],
)
def test_a_layout_is_said_in_words(
    size: tuple[int, int], shown: tuple[str, ...], words: str
) -> None:
    said = layout_words(Size(*size), shown)
    assert said.startswith(f"{size[0]}x{size[1]}: {words}")


def test_a_zoomed_pane_says_how_to_get_back() -> None:
    assert layout_words(Size(80, 24), (), "gpu") == (
        "80x24: GPU has the whole screen; z gives it back"
    )
