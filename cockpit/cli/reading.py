"""Commands that look, and `revert`: none of them imports Textual, Optuna or torch."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

from cockpit import events as ev
from cockpit.cli.foreign import foreign
from cockpit.cli.journal import history, open_journal, workspace_root
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.engine.rest import revert_to
from cockpit.engine.rows import Row
from cockpit.errors import UsageError
from cockpit.ledgers.tsv import SessionTable, render
from cockpit.lock import WorkspaceLock, holder
from cockpit.report.keeps import keeps_of
from cockpit.report.summary import show_facts, status_facts, trial_facts
from cockpit.report.text import ledger_text, show_text, status_text
from cockpit.report.timeline import Timeline

SPAN = {"m": 60, "h": 3600, "d": 86400}


def status(arguments: argparse.Namespace) -> int:
    """`cockpit status [DIR]`."""
    root = workspace_root(arguments.dir)
    entries = history(root)
    fold = Fold(entries)
    track = Timeline(entries).of(fold.board.session_tag)
    facts = status_facts(fold, holder(root), track, time.time())
    sys.stdout.write(json.dumps(facts) + "\n" if arguments.json else status_text(facts))
    return 0


def ledger(arguments: argparse.Namespace) -> int:
    """`cockpit ledger [DIR | FILE.tsv]`."""
    if Path(arguments.dir).is_file():
        return foreign(arguments)
    if arguments.noise is not None or arguments.maximize:
        raise UsageError(f"{arguments.dir} is no table", "give --noise with a results.tsv")
    root = workspace_root(arguments.dir)
    entries = history(root)
    fold = Fold(entries)
    boards = (*fold.others, fold.board) if arguments.all else (fold.board,)
    if arguments.tsv and arguments.since:
        raise UsageError("--tsv is the whole table", "leave --since away, or take --json")
    after = time.time() - span(arguments.since) if arguments.since else 0.0
    for board in boards:
        sys.stdout.write(_table(board, entries, after, arguments))
    return 0


def show(arguments: argparse.Namespace) -> int:
    """`cockpit show N`."""
    fold = Fold(history(workspace_root(arguments.dir)))
    board = fold.board
    row = _row(board, arguments.number)
    keeps = keeps_of(board, verified=fold.verifications.words)
    keep = next((each for each in keeps if each.trial == row.number), None)
    if arguments.json:
        sys.stdout.write(json.dumps(show_facts(row, board, keep)) + "\n")
    else:
        sys.stdout.write(show_text(row, board, keep))
    return 0


def revert(arguments: argparse.Namespace) -> int:
    """`cockpit revert N`: between sessions; while one runs, its screen does it."""
    root = workspace_root(arguments.dir)
    with WorkspaceLock(root):
        journal = open_journal(root)
        try:
            fold = Fold(journal.read())
            board = fold.board
            _row(board, arguments.number)
            from cockpit.workspace import GitWorkspace

            workspace = GitWorkspace(root)
            workspace.resume_session(board.session_tag)
            done = revert_to(board, workspace, arguments.number)
            if isinstance(done, str):
                raise UsageError(done, "see the kept ones: cockpit ledger")
            tag = board.session_tag
            journal.append(
                ev.Entry(seq=fold.seq + 1, at=time.time(), session=tag, slot=0, event=done)
            )
        finally:
            journal.close()
    sys.stdout.write(
        f"#{done.to} is the one to beat again (commit {done.commit[:7]}); {done.tree}\n"
    )
    return 0


def span(text: str) -> float:
    """Return the seconds of `12h`, `30m` or `2d`.

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhd])", text.strip())
    if match is None:
        raise UsageError(f"--since {text!r} is no span", "write 12h, 30m or 2d")
    return float(match[1]) * SPAN[match[2]]


def _table(
    board: Board, entries: list[ev.Entry], after: float, arguments: argparse.Namespace
) -> str:
    rows = [row for _, row in sorted(board.rows.items()) if row.started_at >= after]
    if arguments.json:
        return "".join(json.dumps(trial_facts(row, board)) + "\n" for row in rows)
    if arguments.tsv:
        return _tsv(board.session_tag, entries)
    if not rows and board.rows:
        return f"{board.session_tag}: none began in the last {arguments.since}\n"
    if not rows:
        return "no experiments yet; start: cockpit\n"
    return f"{board.session_tag}: {board.branch}\n" + ledger_text(rows, board)


def _tsv(tag: str, entries: list[ev.Entry]) -> str:
    table = SessionTable()
    for entry in entries:
        if entry.session == tag:
            table.apply(entry)
    return render(table.rows(), table.metric)


def _row(board: Board, number: int) -> Row:
    row = board.rows.get(number)
    if row is None:
        last = max(board.rows, default=None)
        known = "there are none yet" if last is None else f"there are 0 to {last}"
        raise UsageError(f"session {board.session_tag or 'none'} has no trial {number}", known)
    return row
