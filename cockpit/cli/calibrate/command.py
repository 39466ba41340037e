"""`cockpit calibrate [DIR]`: try the judge and the walls on this machine, with this sandbox."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType

from cockpit.agents.human import HumanAgent
from cockpit.arena.telemetry import Gpus
from cockpit.cli.calibrate.cheats import honest, read_cheats
from cockpit.cli.calibrate.checks import (
    Finding,
    cheat_findings,
    isolation_finding,
    sandbox_findings,
)
from cockpit.cli.calibrate.scratch import Scratch, open_scratch
from cockpit.cli.calibrate.trials import Trials, Unhurried
from cockpit.cli.flags import settings_of
from cockpit.cli.here import SystemClock
from cockpit.cli.journal import workspace_root
from cockpit.cli.surroundings import Surroundings
from cockpit.config import Settings
from cockpit.engine.control import Control
from cockpit.engine.desk import Opening
from cockpit.engine.session import SetupWatch
from cockpit.errors import DataError, UsageError
from cockpit.lock import WorkspaceLock
from cockpit.setup import complete

BUDGET = 10.0
"""Seconds of a run of the sandbox's own file."""
LEAST = 4.0
"""Half of it must hold more than the second that is kept back for handing over."""
SHORT = 3.0
"""Seconds of a run of a cheat; none needs more."""
AROUND, RUNS, PER_CHEAT = 6.0, 7, 6.0
"""For the estimate: seconds around a run, runs of the sandbox's file, seconds of a cheat."""


def calibrate(arguments: argparse.Namespace) -> int:
    """Print a line for each check; return 1 when one is not as it should be."""
    root = workspace_root(arguments.dir)
    budget = BUDGET if arguments.budget is None else arguments.budget
    if budget < LEAST:
        raise UsageError(f"--budget {budget:g} is too short", f"give it {LEAST:g} s or more")
    settings = settings_of(root, arguments)
    if complete(root) is None:
        raise DataError(f"the data of {root} is not prepared", f"run: cockpit init {root}")
    cheats = read_cheats()
    findings: list[Finding] = []
    with WorkspaceLock(root):
        seconds = RUNS * (budget + AROUND) + PER_CHEAT * len(cheats)
        estimate = f"about {seconds / 60:.0f} minutes, in a copy of {root}"
        print(estimate, file=sys.stderr if arguments.json else sys.stdout, flush=True)
        for finding in _findings(root, settings, budget):
            findings.append(finding)
            shown = json.dumps(asdict(finding), ensure_ascii=False)
            print(shown if arguments.json else finding.line(), flush=True)
    tried = [finding for finding in findings if finding.kind == "cheat"]
    amiss = sum(bool(finding.amiss) for finding in findings) + len(cheats) - len(tried)
    if not arguments.json:
        kept = sum(finding.kept for finding in tried)
        wrong = f", {amiss} not as they should be" if amiss else ""
        print(f"{len(tried)} cheats, {kept} kept{wrong}")
    return 1 if amiss else 0


def _findings(root: Path, settings: Settings, budget: float) -> Iterator[Finding]:
    control = Control()

    def end(number: int, _: FrameType | None) -> None:
        control.stop(f"ended by {signal.Signals(number).name}")

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with open_scratch(root) as scratch:
            opening = opening_of(scratch, settings, control)
            yield isolation_finding(opening.isolation)
            text = (scratch.root / "sandbox" / "train.py").read_text("utf-8")
            trials = Trials(opening=opening, budget=budget, text=text, control=control)
            yield from sandbox_findings(trials.measured())
            opening = replace(opening, runner=Unhurried(runner=opening.runner))
            trials = replace(trials, opening=opening, budget=SHORT, text=honest())
            cheats = read_cheats(gpu=bool(opening.fingerprint.driver))
            yield from cheat_findings(cheats, trials.measured(repeats=1), scratch)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def opening_of(scratch: Scratch, settings: Settings, control: Control) -> Opening:
    """Complete the copy as a session would, and try the walls there; then nothing may change it.

    Raises:
        CockpitError: data, lock, isolation or arena are not as needed.
    """
    clock = SystemClock()
    surroundings = Surroundings(
        root=scratch.root,
        settings=settings,
        clock=clock,
        human=HumanAgent(),
        session=lambda: "calibrate",
        gpus=Gpus(clock),
        humans_only=True,
    )
    opening = surroundings(SetupWatch(control, lambda _: None))
    scratch.mark()
    return opening
