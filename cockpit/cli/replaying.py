"""`cockpit replay`: any ledger on the full screen, or as lines, at any speed."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from cockpit import events as ev
from cockpit import resources
from cockpit.cli.here import SystemClock, terminal
from cockpit.cli.journal import LEDGER
from cockpit.cli.nights import counts_text, direction_of, night
from cockpit.cli.player import Player, ReplayClock
from cockpit.cli.watching import curve
from cockpit.engine.fold import Fold
from cockpit.errors import UsageError
from cockpit.headless import JsonLines, PlainLines
from cockpit.setup import find_workspace


def replay(arguments: argparse.Namespace) -> int:
    """`cockpit replay FILE|DIR`, or `--demo`."""
    if not arguments.speed > 0:
        raise UsageError(f"--speed {arguments.speed:g} stands still", "give a number above 0")
    if arguments.demo and arguments.place is not None:
        raise UsageError(f"--demo and {arguments.place} are two nights", "name one of them")
    place = resources.demo() if arguments.demo else Path(arguments.place or ".")
    whole = night(place, session=arguments.session or "", direction=direction_of(arguments))
    entries = [entry for entry in whole if entry.session != ev.VERIFY]
    if arguments.json or arguments.plain or not terminal(drawing=True):
        clock = ReplayClock(SystemClock(), entries[0].at, arguments.speed)
        play_lines(entries, clock, time.sleep, sys.stdout, json=arguments.json)
        return 0
    return _screen(entries, place, arguments)


def play_lines(
    entries: list[ev.Entry],
    clock: ReplayClock,
    wait: Callable[[float], object],
    out: TextIO,
    *,
    json: bool = False,
) -> None:
    """Play without a screen: a line for each event, and the sum at the end."""
    Player(entries, clock, wait).play((JsonLines if json else PlainLines)(out))
    if not json:
        out.write(f"{counts_text(Fold(entries).board)}\n")


class Deck:
    """The keys of a replay: the clock stands still or runs, the player goes on."""

    def __init__(self, clock: ReplayClock, player: Player) -> None:
        self._clock, self._player = clock, player

    @property
    def speed(self) -> float:
        """Recorded seconds of a real one."""
        return self._clock.speed

    @property
    def paused(self) -> bool:
        """Say whether the time stands still."""
        return self._clock.paused

    def pause(self) -> None:
        """Stand still, or go on."""
        self._clock.pause()

    def step(self) -> None:
        """Go to the end of the trial in hand."""
        self._player.step()

    def faster(self, factor: float) -> None:
        """Go on `factor` times as fast."""
        self._clock.faster(factor)


def _screen(entries: list[ev.Entry], place: Path, arguments: argparse.Namespace) -> int:
    from cockpit.cli.flags import settings_of
    from cockpit.cli.screen import MEMORY, theme_folders
    from cockpit.engine.live import LiveRun
    from cockpit.tui.replay import ReplayApp
    from cockpit.tui.themed import FIRST, remembered
    from cockpit.tui.view import View

    root, stop = _root(place), threading.Event()
    home = find_workspace(root if root.is_dir() else Path.cwd())
    settings = settings_of(home, arguments)
    clock = ReplayClock(SystemClock(), entries[0].at, arguments.speed)
    tag = entries[0].session
    budgets = {
        (event.trial, event.run): event.budget
        for event in (entry.event for entry in entries)
        if isinstance(event, ev.RunStarted)
    }
    player = Player(
        entries,
        clock,
        stop.wait,
        lambda trial, run: curve(root, tag, trial, run, budgets[trial, run]),
    )
    view = View(
        fold=Fold(),
        live=LiveRun(),
        clock=clock,
        root=root,
        read_only=True,
        ascii_only=settings.screen.ascii,
        reports=Path.cwd(),
    )
    app = ReplayApp(
        view,
        Deck(clock, player),
        start=lambda hear: threading.Thread(target=player.play, args=(hear,), daemon=True).start(),
        theme=settings.screen.theme or remembered(home / MEMORY if home else None) or FIRST,
        theme_folders=theme_folders(home or root),
        keys=settings.keys,
    )
    app.run(mouse=settings.screen.mouse)
    player.stop()
    stop.set()
    return app.return_code or 0


def _root(place: Path) -> Path:
    """Return the folder whose program.md and run folders belong to the night.

    A table has neither: what lies beside it is another night's, so the table itself is returned.
    """
    if place.is_file():
        ours = place.name == Path(LEDGER).name
        return place.resolve().parent.parent if ours else place
    return find_workspace(place) or place
