"""The composition root: which concrete classes play the five roles."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from cockpit.agents.human import HumanAgent
from cockpit.agents.ladder import learned_tier
from cockpit.arena.telemetry import Gpus
from cockpit.cli.here import SystemClock
from cockpit.cli.journal import open_journal
from cockpit.cli.recall import Recall, Tell
from cockpit.cli.surroundings import Surroundings
from cockpit.config import Settings, stop_time
from cockpit.engine.control import Control
from cockpit.engine.desk import Plan
from cockpit.engine.session import Session
from cockpit.events import Entry
from cockpit.hooks import Hooks
from cockpit.judges.sequential import SequentialJudge
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.ledgers.tsv import ResultsTsv
from cockpit.lock import WorkspaceLock
from cockpit.memory.learnings import LearningsFile, Lessons
from cockpit.ports import Listener
from cockpit.workspace import GitWorkspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Cockpit:
    """One workspace, locked for us, with its engine ready to start."""

    root: Path
    settings: Settings
    plan: Plan
    session: Session
    control: Control
    ledger: SqliteLedger
    workspace: GitWorkspace
    human: HumanAgent
    lock: WorkspaceLock
    clock: SystemClock
    listeners: list[Listener]
    past: Recall

    def close(self) -> None:
        """Let another cockpit in."""
        self.ledger.close()
        self.lock.release()


def plan_of(
    settings: Settings,
    *,
    experiments: int | None = None,
    turns: int | None = None,
    unattended: bool = False,
) -> Plan:
    """Return what the settings ask of the engine; what waits for nobody holds unattended too."""
    iterations, mode = settings.rehearsal.iterations, settings.review.mode
    return Plan(
        budget=settings.session.budget,
        experiments=experiments,
        turns=turns,
        until=stop_time(settings.session.until, time.time()),
        review=mode if mode == "keeps" or not unattended else "off",
        review_seconds=settings.review.seconds,
        rehearsals=None if iterations < 0 else iterations,
        rehearsal_tokens=settings.rehearsal.tokens,
        remeasure_pairs=settings.judge.remeasure_pairs,
        constraints=settings.constraints,
    )


def compose(
    root: Path,
    settings: Settings,
    plan: Plan,
    *,
    humans_only: bool = False,
    tell: Tell | None = None,
) -> Cockpit:
    """Lock the workspace, put the engine together, start nothing; `tell` hears a long journal.

    Raises:
        CockpitError: another cockpit works there, or git or the journal cannot be used.
    """
    lock = WorkspaceLock(root)
    clock, control, human = SystemClock(), Control(), HumanAgent()
    ledger, workspace = open_journal(root), GitWorkspace(root)
    listeners: list[Listener] = []

    def follow(past: list[Entry]) -> None:  # ahead of a front end that is there already
        listeners[:0] = listeners_of(root, settings, past, workspace, clock, control)

    past = Recall(ledger, tell, halted=lambda: control.stopping, then=follow)
    surroundings = surroundings_of(root, settings, workspace, control, human, past.entries)
    session = Session(
        prepare=replace(surroundings, humans_only=humans_only),
        plan=plan,
        workspace=workspace,
        judge=SequentialJudge(),
        ledger=ledger,
        scribe=Lessons(),
        clock=clock,
        control=control,
        listeners=listeners,
        past=past,
    )
    return Cockpit(
        root=root,
        settings=settings,
        plan=plan,
        session=session,
        control=control,
        ledger=ledger,
        workspace=workspace,
        human=human,
        lock=lock,
        clock=clock,
        listeners=listeners,
        past=past,
    )


def surroundings_of(
    root: Path,
    settings: Settings,
    workspace: GitWorkspace,
    control: Control,
    human: HumanAgent,
    past: list[Entry],
) -> Surroundings:
    """Return what prepares the session's opening; `past` is read by then."""
    clock = SystemClock()
    return Surroundings(
        root=root,
        settings=settings,
        clock=clock,
        human=human,
        session=lambda: workspace.tag or "setup",
        gpus=Gpus(clock),
        say=control.report,
        tier=lambda model: learned_tier(past, model),
    )


def listeners_of(
    root: Path,
    settings: Settings,
    past: list[Entry],
    workspace: GitWorkspace,
    clock: SystemClock,
    control: Control,
) -> list[Listener]:
    """Return who hears every event besides a front end: files kept up to date, and hooks."""
    files: list[Listener] = [
        ResultsTsv(root / "results.tsv", past),
        LearningsFile(past, workspace.write_learnings, workspace.learnings),
    ]
    hooks = asdict(settings.hooks)
    if not any(hooks.values()):
        return files
    return [*files, Hooks(hooks, root, clock, partial(control.report, "hooks"))]
