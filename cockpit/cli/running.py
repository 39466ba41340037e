"""Commands that start something: the screen, `run`, `try`, `init`."""

from __future__ import annotations

import argparse
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from cockpit import events as ev
from cockpit.cli.flags import settings_of
from cockpit.cli.here import terminal
from cockpit.cli.journal import workspace_root
from cockpit.errors import CockpitError, UsageError
from cockpit.headless import JsonLines, PlainLines
from cockpit.setup import init as make_workspace
from cockpit.setup import prepare_data

if TYPE_CHECKING:
    from cockpit.cli.compose import Cockpit

HINT = "follow it with `cockpit status`, or run without a screen: cockpit run --unattended"


def open_screen(arguments: argparse.Namespace) -> int:
    """`cockpit [DIR]`: the full screen."""
    root = workspace_root(arguments.dir)
    if not terminal(drawing=True):
        raise UsageError("this is no terminal that can show the full screen", HINT)
    settings = settings_of(root, arguments)
    from cockpit.cli.screen import show

    return show(root, settings, arguments)


def run(arguments: argparse.Namespace) -> int:
    """`cockpit run [DIR]`: the engine without a screen."""
    root = workspace_root(arguments.dir)
    if not arguments.unattended and not terminal():
        raise UsageError("nobody is at a terminal here", "say so with --unattended")
    settings = settings_of(root, arguments)
    from cockpit.cli.compose import compose, plan_of  # numpy and git: the screen is quick without

    plan = plan_of(settings, experiments=arguments.experiments, unattended=arguments.unattended)
    return drive(compose(root, settings, plan), json=arguments.json)


def try_file(arguments: argparse.Namespace) -> int:
    """`cockpit try FILE -m WHY`: one trial of a human's own train.py."""
    root = workspace_root(arguments.dir)
    path = Path(arguments.file)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "name your train.py") from error
    settings = settings_of(root, arguments)
    from cockpit.cli.compose import compose, plan_of

    plan = plan_of(settings, turns=1, unattended=True)
    # A rehearsal would use the file up, and the best is not what was asked about.
    plan = replace(plan, rehearsals=0, remeasure_pairs=0)
    cockpit = compose(root, settings, plan, humans_only=True)
    cockpit.human.offer(text, arguments.message, replicate=arguments.again)
    return drive(cockpit, json=arguments.json)


def init(arguments: argparse.Namespace) -> int:
    """`cockpit init DIR`: files, git, data."""
    root = Path(arguments.dir)
    added = make_workspace(root)
    for name in added:
        print(f"  {root / name}")
    data = prepare_data(
        root.resolve(),
        sys.executable,
        Saying(),
        Path(arguments.wheel) if arguments.wheel else None,
    )
    print(f"data: {data.meta.get('source')}")
    if data.notice:
        print(f"note: {data.notice}")
    print(f"ready: cockpit {root}")
    return 0


def drive(cockpit: Cockpit, *, json: bool) -> int:
    """Run a session to its end in front of a log; return the exit code."""
    try:
        cockpit.session.start()
        attend(cockpit, json=json)
    finally:
        cockpit.close()
    return exit_code(cockpit)


def attend(cockpit: Cockpit, *, json: bool = False) -> None:
    """Print what a session says until it ends; INT and TERM end it, HUP does not."""
    cockpit.listeners.append((JsonLines if json else PlainLines)(sys.stdout))

    def end(number: int, _: FrameType | None) -> None:
        cockpit.control.stop(f"ended by {signal.Signals(number).name}")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    while not cockpit.session.join(0.5):
        pass


def exit_code(cockpit: Cockpit) -> int:
    """Return 0, or say why not and return 1.

    Raises:
        BaseException: what broke in the engine and was not expected.
    """
    outcome = cockpit.session.outcome
    if outcome is None or outcome.error is None:
        return 0
    if isinstance(outcome.error, CockpitError):
        print(f"cockpit: {outcome.error}", file=sys.stderr)
        return 1
    raise outcome.error


class Saying:
    """A Watch for work at the command line: progress is printed, nothing halts it."""

    def halted(self) -> str | None:
        """Return None."""
        return None

    def wait(self, seconds: float) -> str | None:
        """Return None at once; the work polls its own process."""
        import time

        time.sleep(seconds)
        return None

    def sample(self, sample: ev.Sample) -> None:
        """Print progress."""
        if isinstance(sample, ev.Progress) and sample.text:
            print(f"  {sample.text}")
