"""The full screen over a session, or over somebody else's journal."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from cockpit.arena.telemetry import Sampler
from cockpit.cli.here import SystemClock
from cockpit.cli.journal import history, journal_beside
from cockpit.cli.recall import Recall
from cockpit.cli.running import attend, exit_code
from cockpit.cli.watching import RunWatcher, past_curve, past_log
from cockpit.config import Settings
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.live import LiveRun
from cockpit.errors import CockpitError
from cockpit.events import Entry
from cockpit.lock import holder
from cockpit.ports import Listener
from cockpit.report.timeline import Timeline
from cockpit.setup import find_workspace
from cockpit.tui.app import CockpitApp
from cockpit.tui.shelf import Shelf
from cockpit.tui.view import Start, View
from cockpit.tui.visits import remembered

if TYPE_CHECKING:
    from cockpit.cli.compose import Cockpit

MEMORY = ".cockpit/screen.json"
"""Remembers the theme that was chosen."""
LOOKED = ".cockpit/looked.json"
"""Remembers when the human was last at the screen."""
REPORTS = ".cockpit/reports"
"""Where `w` writes; a screen that only looks writes where it was started."""
WITHOUT = (
    "The session goes on without it; look again with `cockpit --read-only` in another terminal, "
    "end with Ctrl-C"
)
STOP_SECONDS = 15.0
"""How long leaving waits for the engine's last word; the warden ends the run in any case."""


def show(root: Path, settings: Settings, arguments: argparse.Namespace) -> int:
    """Open the screen; return its exit code."""
    if arguments.read_only:
        return _look(root, settings)
    from cockpit.cli.compose import compose, plan_of  # who only looks needs no engine

    def tell(piece: Sequence[Entry], share: float) -> None:
        app.bridge.recall(piece, share)

    plan = plan_of(settings, experiments=arguments.experiments)
    cockpit = compose(root, settings, plan, tell=tell)
    try:
        view = _view(cockpit.past, root, settings, plan.until, start_of(plan))
        view.shelf.text_of = cockpit.workspace.text_of
        sampler: list[Sampler] = []

        def start(listener: Listener) -> None:
            cockpit.listeners.append(listener)
            sampler.append(Sampler(listener, cockpit.clock))
            sampler[0].start()
            cockpit.session.start()

        app = CockpitApp(
            view,
            control=cockpit.control,
            start=start,
            ended=lambda: cockpit.session.outcome.reason if cockpit.session.outcome else None,
            again=lambda trial: run_again(cockpit, trial),
            theme=settings.screen.theme,
            theme_folders=theme_folders(root),
            memory=root / MEMORY,
            visits=remembered(cockpit.clock, root / LOOKED),
            keys=settings.keys,
            bell=settings.screen.bell,
        )
        app.run(mouse=settings.screen.mouse)
        for one in sampler:
            one.stop()
        return _leave(cockpit, app)
    finally:
        cockpit.close()


def run_again(cockpit: Cockpit, trial: int) -> bool:
    """Queue the file of a trial as a declared repeat; say whether it will be run."""
    text = cockpit.workspace.text_of(trial)
    return cockpit.human.offer(text, f"#{trial} again", replicate=True)


def _leave(cockpit: Cockpit, app: CockpitApp) -> int:
    """Wait for the engine, which goes on without a screen when the terminal went away."""
    if app.detached:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        cockpit.session.join()
        return exit_code(cockpit)
    if app.broken and not cockpit.session.join(0):
        sys.stderr.write(f"cockpit: the screen failed: {app.broken}. {WITHOUT}\n")
        attend(cockpit)
        return exit_code(cockpit)
    cockpit.control.stop("the screen was left")
    cockpit.session.join(STOP_SECONDS)
    outcome = cockpit.session.outcome
    if outcome is not None and outcome.error is None and not app.return_code:
        place = "" if find_workspace(Path.cwd()) == cockpit.root else f" {quote(str(cockpit.root))}"
        sys.stdout.write(f"{outcome.reason}; go on with: cockpit{place}\n")
    return exit_code(cockpit) or (app.return_code or 0)


def _look(root: Path, settings: Settings) -> int:
    """Follow the journal of a session that somebody else runs."""
    app, stop, trouble = looking(root, settings.screen.theme, settings)
    app.run(mouse=settings.screen.mouse)
    stop.set()
    if trouble:
        raise trouble[0]
    return app.return_code or 0


def looking(
    root: Path, theme: str, settings: Settings | None = None
) -> tuple[CockpitApp, threading.Event, list[CockpitError]]:
    """Return a screen that only looks, the event that ends its following, and what ended it."""
    settings, clock, stop = settings or Settings(), SystemClock(), threading.Event()
    trouble: list[CockpitError] = []

    def tell(piece: Sequence[Entry], share: float) -> None:
        app.bridge.recall(piece, share)

    def follow(listener: Listener) -> None:
        try:
            _follow(past, root, listener, stop)
        except CockpitError as error:  # the screen says it, and the command when it was left
            if not stop.is_set():
                trouble.append(error)

    past = Recall(journal_beside(root), tell, halted=lambda: "left" if stop.is_set() else "")
    view = _view(past, root, settings, None, Start())
    view.read_only, view.reports = True, Path.cwd()
    view.alive = lambda: holder(root) is not None
    view.shelf.text_of = lambda trial: text_at(root, view.board.session_tag, trial)
    app = CockpitApp(
        view,
        start=lambda listener: _background(lambda: follow(listener)),
        ended=lambda: str(trouble[0]) if trouble else None,
        theme=theme,
        theme_folders=theme_folders(root),
        visits=remembered(clock, root / LOOKED, writes=False),
        keys=settings.keys,
        bell=settings.screen.bell,
    )
    return app, stop, trouble


def text_at(root: Path, tag: str, trial: int) -> str:
    """Return the archived `train.py` of a trial of any session."""
    from cockpit.workspace import GitWorkspace

    return GitWorkspace(root, tag).text_of(trial)


def _follow(past: Recall, root: Path, listener: Listener, stop: threading.Event) -> None:
    """Tell the screen what journal and run folder say beyond the past it knows, once a second."""
    clock = SystemClock()
    watcher, sampler = RunWatcher(root, clock), Sampler(listener, clock)
    sampler.start()
    try:
        fold = Fold(past)
        while True:
            for sample in watcher.look(fold.board):
                listener(sample)
            if stop.wait(1.0):
                return
            for entry in history(root, after=fold.seq):
                fold.apply(entry)
                listener(entry)
    finally:
        sampler.stop()


def _background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="follow", daemon=True).start()


def start_of(plan: Plan) -> Start:
    """Return what the screen says of a plan."""
    return Start(
        budget=plan.budget,
        experiments=plan.experiments,
        review=plan.review,
        wait=plan.review_seconds,
        pairs=plan.remeasure_pairs,
    )


def _view(
    past: Recall, root: Path, settings: Settings, stop_at: float | None, start: Start
) -> View:
    fold = Fold(past.entries)
    shelf = Shelf(
        log_of=lambda trial: past_log(root, fold.board, trial),
        steps_of=lambda trial: past_curve(root, fold.board, trial),
    )
    return View(
        fold=fold,
        live=LiveRun(),
        clock=SystemClock(),
        root=root,
        stop_at=stop_at,
        start=start,
        ascii_only=settings.screen.ascii,
        shelf=shelf,
        timeline=Timeline(past.entries),
        reports=root / REPORTS,
        reading=0.0 if past.waiting else None,
    )


def theme_folders(root: Path) -> tuple[Path, ...]:
    """Return where the user's own themes lie: for all workspaces, and in this one."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return (Path(home) / "cockpit" / "themes", root / "themes")
