"""A night without a screen in a human's repository, and all that can be asked about it after."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.cabin import BUDGET, SWEEP, Cabin, Done, budget, copy

EXPERIMENTS = int(os.environ.get("COCKPIT_E2E_EXPERIMENTS", "2"))
SECONDS = float(os.environ.get("COCKPIT_E2E_BUDGET", str(BUDGET)))
WRITTEN = {"sandbox/train.py", "learnings.md", "results.tsv"}
"""The files of the tree that the cockpit writes."""
VIEWS = {f" M {name}" for name in WRITTEN}


@dataclass(frozen=True)
class Human:
    """All of a repository that is its human's."""

    head: str
    branch: str
    index: bytes
    staged: str
    unstaged: str
    status: frozenset[str]
    hook: str
    files: dict[str, bytes]


def look(cabin: Cabin) -> Human:
    root = cabin.root
    files = [p for p in root.rglob("*") if p.is_file() and not p.is_relative_to(root / ".git")]
    mine = [p for p in files if p.relative_to(root).parts[0] != ".cockpit"]
    names = {p.relative_to(root).as_posix(): p for p in mine if "__pycache__" not in p.parts}
    return Human(
        head=cabin.git("rev-parse", "HEAD"),
        branch=cabin.git("symbolic-ref", "HEAD"),
        index=(root / ".git/index").read_bytes(),
        staged=cabin.git("diff", "--cached"),
        unstaged=cabin.git("diff", "--", ".", ":!sandbox/train.py", ":!learnings.md"),
        status=frozenset(cabin.git("status", "--porcelain").splitlines()) - VIEWS,
        hook=(root / ".git/hooks/pre-commit").read_text(),
        files={name: path.read_bytes() for name, path in names.items() if name not in WRITTEN},
    )


def settle_in(cabin: Cabin) -> None:
    """Leave work of all kinds lying around, as humans do."""
    root = cabin.root
    cabin.git("switch", "--quiet", "-c", "mine")
    (root / "program.md").write_text((root / "program.md").read_text() + "\nStaged thought.\n")
    (root / "plan.txt").write_text("staged, not committed\n")
    cabin.git("add", "program.md", "plan.txt")
    (root / "program.md").write_text((root / "program.md").read_text() + "\nLoose thought.\n")
    (root / "notes.txt").write_text("untracked\n")
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)


@dataclass(frozen=True)
class Night:
    cabin: Cabin
    before: Human
    after: Human
    done: Done
    status: dict[str, Any]
    ledger: list[dict[str, Any]]
    show: dict[str, Any]
    table: list[str]


def make_night(prepared: Cabin, folder: Path) -> Night:
    """Run a whole session in a copy of a workspace, at `folder`."""
    cabin = copy(prepared, folder)
    settle_in(cabin)
    before = look(cabin)
    done = cabin.run("run", *SWEEP, *budget(SECONDS), "--experiments", str(EXPERIMENTS))
    return Night(
        cabin=cabin,
        before=before,
        after=look(cabin),
        done=done,
        status=cabin.tell("status", "--json"),
        ledger=[json.loads(line) for line in cabin.run("ledger", "--json").out.splitlines()],
        show=cabin.tell("show", "1", "--json"),
        table=(cabin.root / "results.tsv").read_text().splitlines(),
    )
