"""The screen over a recorded night: nothing can be changed but the time."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit import events as ev
from cockpit import resources
from cockpit.cli.nights import night
from cockpit.cli.player import Player, ReplayClock
from cockpit.cli.replaying import Deck
from cockpit.demo import FakeClock
from cockpit.engine.fold import Fold
from cockpit.engine.live import LiveRun
from cockpit.ports import Listener
from cockpit.tui.keymap import REPLAY
from cockpit.tui.replay import ReplayApp
from cockpit.tui.screens.pages import Page
from cockpit.tui.view import View

pytestmark = pytest.mark.tui


def replay(entries: list[ev.Entry], tmp_path: Path) -> tuple[ReplayApp, Deck, ReplayClock]:
    """Return the screen of a night that is told at once, and what its keys press."""
    real = FakeClock()
    clock = ReplayClock(real, entries[0].at, 100.0)
    player = Player(entries, clock, real.advance)

    def start(hear: Listener) -> None:
        player.play(hear)

    view = View(fold=Fold(), live=LiveRun(), clock=clock, root=tmp_path, read_only=True)
    deck = Deck(clock, player)
    return ReplayApp(view, deck, start=start), deck, clock


async def test_upstreams_night_ends_on_screen_with_its_keeps_and_best(tmp_path: Path) -> None:
    app, _, _ = replay(night(resources.demo()), tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        board = app.view.board
        kept = [row for row in board.rows.values() if row.word == "keep"]
        assert (len(board.rows), len(kept), board.incumbent_value) == (126, 23, 0.969686)
        assert app.view.ended == "the table ends here"


async def test_the_keys_change_the_time_and_nothing_else(tmp_path: Path) -> None:
    app, deck, clock = replay(night(resources.demo()), tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("plus", "plus", "minus")
        assert deck.speed == 200.0
        await pilot.press("p")
        standing = [clock.paused]
        await pilot.press("p")
        assert [*standing, clock.paused] == [True, False]
        await pilot.press("s")
        assert len(app.screen_stack) == 1  # no dialog of the session's own skip
        await pilot.press("i")
        assert len(app.screen_stack) == 1  # and no note to an agent
        shown = {b.binding.action for b in app.screen.active_bindings.values() if b.enabled}
        assert {"app.replay_pause", "app.replay_step"} <= shown and "steer" not in shown


async def test_footer_help_and_palette_know_the_keys_of_a_replay(tmp_path: Path) -> None:
    app, _, _ = replay(night(resources.demo()), tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        footer = "".join(strip.text for strip in app.screen._compositor.render_strips()[-1:])
        titles = [command.title for command in app.get_system_commands(app.screen)]
        for key in REPLAY:
            assert f"{key.show} {key.label}" in footer
            assert f"{key.label}  ({key.show})" in titles
        await pilot.press("question_mark")
        assert isinstance(app.screen, Page)
        told = " ".join(app.screen.plain(80).split())
        assert [key.id for key in REPLAY if key.help not in told] == []
