"""What is to be verified: the keeps of a session, or the commits of a branch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from cockpit import events as ev
from cockpit.digest import digest_of
from cockpit.engine.board import Board
from cockpit.engine.rows import Row
from cockpit.errors import UsageError
from cockpit.trial import Completed

NUMBERS = re.compile(r"#?(\d+)(?:\.\.#?(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Files and keeps, in words; `fingerprint` is the session's, None for a branch's commits.

    `texts` holds the files by digest, `seconds` what a run cost so far, None where none was made.
    """

    words: str
    files: tuple[ev.VerifyFile, ...]
    keeps: tuple[ev.VerifyKeep, ...]
    texts: dict[str, str]
    fingerprint: ev.Fingerprint | None = None
    seconds: float | None = None


def is_range(what: str) -> bool:
    """Say whether the words name trials (`5`, `3..7`), not a branch."""
    return not what or NUMBERS.fullmatch(what) is not None


def of_session(board: Board, what: str, text_of: Callable[[int], str]) -> Subject:
    """Return the keeps of a session, or those whose numbers lie in `N..M`.

    Raises:
        UsageError: there is no such keep.
    """
    if board.fingerprint is None or board.imported:
        raise UsageError("there is no session of this cockpit here", "name a branch, or run one")
    match = NUMBERS.fullmatch(what)
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 10**9)
    kept = [row for _, row in sorted(board.rows.items()) if row.word in ("keep", "simpler")]
    chosen = [row for row in kept if row.number and low <= row.number <= high]
    if not chosen:
        numbers = ", ".join(f"#{row.number}" for row in kept if row.number) or "none"
        raise UsageError(
            f"session {board.session_tag} has no keep{' in ' + what if what else ''}",
            f"its keeps: {numbers}",
        )
    pairs = [(_before(row, kept), row) for row in chosen]
    rows = {row.number: row for pair in pairs for row in pair}
    texts = {number: text_of(number) for number in sorted(rows)}
    return Subject(
        words=f"{_count(len(chosen), 'keep')} of {board.session_tag}",
        files=_files(
            (digest_of(texts[number]), rows[number].commit or rows[number].archived, _name(number))
            for number in sorted(rows)
        ),
        keeps=tuple(_keep(old, new, texts, board) for old, new in pairs),
        texts={digest_of(text): text for text in texts.values()},
        fingerprint=board.fingerprint,
        seconds=_seconds(board),
    )


def of_branch(root: Path, name: str, board: Board) -> Subject:
    """Return the commits of a branch that change `train.py`, each against the version before.

    Raises:
        UsageError: fewer than two versions lie on it.
        WorkspaceError: git knows no such branch.
    """
    from cockpit.workspace.walk import versions

    found = versions(root, name)
    if len(found) < 2:
        count = _count(len(found), "version")
        raise UsageError(
            f"{name} holds {count} of sandbox/train.py, too few to compare",
            "name a branch whose commits change that file, or A..B",
        )
    return Subject(
        words=f"{_count(len(found) - 1, 'commit')} of {name}",
        files=_files((digest_of(each.text), each.commit, each.commit[:7]) for each in found),
        keeps=tuple(
            ev.VerifyKeep(
                label=new.commit[:7],
                summary=new.subject[:100],
                old=digest_of(old.text),
                new=digest_of(new.text),
            )
            for old, new in pairwise(found)
        ),
        texts={digest_of(each.text): each.text for each in found},
        seconds=_seconds(board),
    )


def _before(row: Row, kept: list[Row]) -> Row:
    """Return the file that a keep was made on: of its base's text, else the one it was to beat."""
    earlier = [each for each in kept if each.number < row.number]
    bases = [each for each in earlier if each.digest == row.base]
    named = [each for each in earlier if each.number == row.against]
    return (bases or named or earlier)[-1]


def _keep(old: Row, new: Row, texts: dict[int, str], board: Board) -> ev.VerifyKeep:
    return ev.VerifyKeep(
        label=_name(new.number),
        summary=new.summary,
        old=digest_of(texts[old.number]),
        new=digest_of(texts[new.number]),
        trial=new.number,
        gain=None if new.delta is None else board.metric.gain(new.delta, over=0.0),
        sigma=new.sigma,
        simpler=new.word == "simpler",
    )


def _files(found: Iterable[tuple[str, str, str]]) -> tuple[ev.VerifyFile, ...]:
    """Return each text once, however often a line of commits comes back to it."""
    once: dict[str, ev.VerifyFile] = {}
    for digest, commit, label in found:
        once.setdefault(digest, ev.VerifyFile(digest=digest, commit=commit, label=label))
    return tuple(once.values())


def _seconds(board: Board) -> float | None:
    """Return the median of what the runs of a session cost."""
    spent = [
        usage.launch + usage.train + usage.examine
        for row in board.rows.values()
        for run in row.runs
        if run.role != "dry run" and isinstance(run.result, Completed)
        for usage in (run.result.usage,)
    ]
    return median(spent) if spent else None


def _name(number: int) -> str:
    return f"#{number}" if number else "baseline"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
