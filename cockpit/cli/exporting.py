"""`cockpit export`: chosen keeps on the base, measured once, as a branch for a pull request."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cockpit import events as ev
from cockpit.agents.human import HumanAgent
from cockpit.arena.telemetry import Gpus
from cockpit.cli.flags import settings_of
from cockpit.cli.here import SystemClock
from cockpit.cli.journal import history, workspace_root
from cockpit.cli.surroundings import Surroundings
from cockpit.config import Settings
from cockpit.engine.board import Board
from cockpit.engine.control import Control
from cockpit.engine.fold import Fold
from cockpit.engine.rows import Row
from cockpit.engine.session import SetupWatch
from cockpit.errors import UsageError, WorkspaceError
from cockpit.lock import WorkspaceLock
from cockpit.ports import RunOrder
from cockpit.source.stage import stage
from cockpit.trial import Completed, Edit, Proposal, Rejected, Rewrite
from cockpit.workspace import GitWorkspace
from cockpit.workspace.export import Commit, check_branch, export_branch, merged

Edits = dict[int, Edit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is exported: the commit to begin at, its file, and the commits on top."""

    base: str
    text: str
    commits: tuple[Commit, ...]


def export(arguments: argparse.Namespace) -> int:
    """`cockpit export --keeps 14,20 --branch NAME [DIR]`."""
    root = workspace_root(arguments.dir)
    numbers = keeps_of(arguments.keeps)
    entries = history(root)
    board = Fold(entries).board
    check_branch(root, arguments.branch)
    workspace = GitWorkspace(root, board.session_tag)
    with WorkspaceLock(root):
        plan = plan_of(root, board, entries, numbers, workspace.text_of)
        if arguments.no_measure:
            said = "not measured again, as asked: what these keeps are worth together is not known"
        else:
            said = measured(root, settings_of(root, arguments), plan, board)
        made = export_branch(root, plan.base, arguments.branch, plan.commits)
    print(f"{arguments.branch}: {len(made)} commit{'s' * (len(made) != 1)} on {plan.base[:10]}")
    for commit, sha in zip(plan.commits, made, strict=True):
        print(f"  {sha[:10]}  {commit.message.splitlines()[0]}")
    print(said)
    return 0


def keeps_of(text: str) -> tuple[int, ...]:
    """Return the numbers in `14,20`, in order and once each.

    Raises:
        UsageError: it is no such list.
    """
    parts = [part.strip().removeprefix("#") for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdigit() for part in parts):
        raise UsageError(f"--keeps {text!r} is no list of trials", "write 14,20")
    return tuple(sorted({int(part) for part in parts}))


def plan_of(
    root: Path,
    board: Board,
    entries: list[ev.Entry],
    numbers: tuple[int, ...],
    text_of: Callable[[int], str],
) -> Plan:
    """Replay the edits of the chosen keeps onto the baseline.

    Raises:
        UsageError: one was not kept.
        WorkspaceError: one does not apply without the keeps before it.
    """
    started = [e.event for e in entries if e.session == board.session_tag]
    base = next(e.base_commit for e in started if isinstance(e, ev.SessionStarted))
    edits = {e.trial: e.proposal.edit for e in started if isinstance(e, ev.Proposed)}
    text, commits = text_of(0), []
    for number in numbers:
        row = board.rows.get(number)
        if row is None or row.kind != "experiment" or row.word not in ("keep", "simpler"):
            raise UsageError(f"#{number} was not kept", "see the kept ones: cockpit report")
        text = _applied(root, row, edits.get(number), text, text_of)
        commits.append(Commit(text=text, message=_message(row, board)))
    return Plan(base=base, text=text, commits=tuple(commits))


def _applied(
    root: Path, row: Row, edit: Edit | None, text: str, text_of: Callable[[int], str]
) -> str:
    whole = edit is None or isinstance(edit, Rewrite) or row.decision == "edited"
    if whole:
        # A whole file holds the keeps before it too: only what it changed is wanted.
        new = merged(root, text, text_of(row.against or 0), text_of(row.number))
        if new is None:
            raise _collides(row, "its lines were changed by a keep that is left out")
        edit = Rewrite(text=new)
    assert edit is not None
    proposal = Proposal(hypothesis=row.hypothesis, edit=edit, lane=row.lane or "human")
    found = stage(proposal, text)
    if isinstance(found, Rejected):
        raise _collides(row, found.reason)
    if found.text == text:
        raise _collides(row, "it changes nothing there")
    return found.text


def _collides(row: Row, why: str) -> WorkspaceError:
    return WorkspaceError(
        f"#{row.number} ({row.summary}) does not apply on the chosen keeps alone: {why}",
        f"add the keeps it builds on to --keeps, or leave #{row.number} out",
    )


def _message(row: Row, board: Board) -> str:
    said = [row.summary or f"Take experiment {row.number}"]
    if row.hypothesis and row.hypothesis != row.summary:
        said += ["", row.hypothesis]
    if row.value is not None:
        numbers = f"{board.metric.name} {board.metric.format(row.value)}"
        if row.delta is not None:
            numbers += f", {board.metric.format_delta(row.delta)} against the best before"
        if row.sigmas is not None:
            numbers += f" ({row.sigmas:+.1f} sigma)"
        said += ["", f"{numbers}, in experiment {row.number}."]
    return "\n".join(said)


def measured(root: Path, settings: Settings, plan: Plan, board: Board) -> str:
    """Run the last file once, in the arena, and say how it compares with the baseline.

    Raises:
        WorkspaceError: it has no value.
    """
    control, clock = Control(), SystemClock()
    watch = SetupWatch(control, lambda _: None)
    opening = Surroundings(
        root=root,
        settings=settings,
        clock=clock,
        human=HumanAgent(),
        session=lambda: "export",
        gpus=Gpus(clock),
        humans_only=True,
    )(watch)
    order = RunOrder(
        trial=1,
        run=1,
        role="scoring run",
        text=plan.text,
        seed=int(clock.now()),
        budget=settings.session.budget,
    )
    print(f"measuring it once: {order.budget:g} s", flush=True)
    result = opening.runner.run(order, watch)
    value = result.value(board.metric.name) if isinstance(result, Completed) else None
    if value is None:
        reason = "no value" if isinstance(result, Completed) else result.reason
        raise WorkspaceError(f"the chosen keeps do not run together ({reason})", "choose others")
    return compared(value, board, alike=opening.fingerprint == board.fingerprint)


def compared(value: float, board: Board, *, alike: bool) -> str:
    """Say what one run gave, beside the baseline where the two can be compared."""
    shown = board.metric.format
    told = f"measured once: {board.metric.name} {shown(value)}"
    base = board.baseline_value
    if base is None or not alike:
        return f"{told}; this machine is not the session's, so there is nothing to compare it with"
    gain = board.metric.gain(value, over=base)
    sigmas = f" ({gain / board.sigma:+.1f} sigma)" if board.sigma else ""
    return f"{told}, the baseline {shown(base)}: {'better' if gain > 0 else 'worse'} by " + (
        f"{shown(abs(gain))}{sigmas}"
    )
