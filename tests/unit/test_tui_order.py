"""The ledger's order: what typing letter by letter finds is what the whole word finds."""

from __future__ import annotations

from cockpit.engine.fold import Fold
from cockpit.tui.panes.order import Order
from tests.tui.replay import Night

TYPED = (
    "w",
    "wa",
    "war",
    "wa",
    "",
    "#1",
    "#1 sw",
    "#1 sweep",
    "sweep #1",
    "crash",
    "cra",
    "zzz",
    "",
)


def test_each_letter_finds_what_a_filter_that_begins_with_it_finds() -> None:
    night = Night(seq=-1)
    fold = Fold(night.night(40))
    order = Order()
    found: list[int] = []
    for typed in TYPED:
        board, fresh = fold.board, Order()
        order.words = fresh.words = tuple(typed.split())
        order.arrange(board.rows, board.metric, fold.seq)
        fresh.arrange(board.rows, board.metric, fold.seq)
        assert order.numbers == fresh.numbers, typed
        found.append(len(order.numbers))
        if typed == "#1 sw":  # a trial more, while it is typed
            for entry in night.trial(41):
                fold.apply(entry)
    assert found[0] > found[2] > 0 and found[4] == 41 and found[-2:] == [0, 42]
