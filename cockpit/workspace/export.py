"""A clean branch under the human's own name: commits of `train.py` alone, with their hooks run.

Made in a work tree of its own, so that the human's branch, index and files stay as they are. Unlike
everything else the cockpit does in git, these commits are the human's: their identity, signing
and hooks apply.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cockpit.errors import WorkspaceError
from cockpit.workspace.plumbing import Plumbing
from cockpit.workspace.tree import PRIVATE, TRAIN, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit to be made: all of `train.py`, and the message."""

    text: str
    message: str


def check_branch(root: Path, branch: str) -> None:
    """Say early that a branch cannot be made.

    Raises:
        WorkspaceError: the name is none, or taken, or nobody has told git who commits.
    """
    git = Plumbing(root.resolve(), root.resolve() / PRIVATE)
    if git.ask("check-ref-format", "--branch", branch).failed:
        raise WorkspaceError(f"{branch!r} cannot be the name of a branch", "use letters and dashes")
    if git.commit_of(f"refs/heads/{branch}") is not None:
        raise WorkspaceError(f"the branch {branch} exists already", "choose another --branch")
    if git.identity():
        raise WorkspaceError(
            "git does not know who you are", "run: git config user.name and user.email"
        )


def merged(root: Path, ours: str, base: str, theirs: str) -> str | None:
    """Return `ours` with what changed from `base` to `theirs`; None where they collide."""
    git = Plumbing(root.resolve(), root.resolve() / PRIVATE)
    with tempfile.TemporaryDirectory(prefix="cockpit-export-") as folder:
        names = ("ours", "base", "theirs")
        for name, text in zip(names, (ours, base, theirs), strict=True):
            Path(folder, name).write_bytes(encode(text))
        reply = git.ask("merge-file", "-p", *(str(Path(folder, name)) for name in names))
    return None if reply.failed else reply.out.decode("utf-8")


def export_branch(root: Path, base: str, branch: str, commits: Sequence[Commit]) -> list[str]:
    """Make `branch` with these commits on top of the commit `base`; return them, oldest first.

    Raises:
        WorkspaceError: git or one of the human's hooks refused; then there is no branch.
    """
    with _work_tree(root, base) as folder:
        prefix = _git(root, "rev-parse", "--show-prefix")
        path = folder / prefix / TRAIN
        made: list[str] = []
        for commit in commits:
            path.write_bytes(encode(commit.text))
            _git(folder, "add", "--", f"{prefix}{TRAIN}")
            _git(folder, "commit", "--quiet", "--message", commit.message)
            made.append(_git(folder, "rev-parse", "HEAD"))
        _git(folder, "branch", "--no-track", branch, "HEAD")
    return made


@contextmanager
def _work_tree(root: Path, base: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cockpit-export-") as above:
        folder = Path(above, "tree")
        _git(root, "worktree", "add", "--quiet", "--detach", str(folder), base)
        try:
            yield folder
        finally:
            _git(root, "worktree", "remove", "--force", str(folder))


def _git(folder: Path, *args: str) -> str:
    """Run git as the human would, hooks and all; return what it printed.

    Raises:
        WorkspaceError: it failed; carries its last words, or the hook's.
    """
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":"}
    done = subprocess.run(
        ["git", "-C", str(folder), *args],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise WorkspaceError(
            f"git {args[0]} was refused ({said[-1] if said else 'no reason given'})",
            "mend what your hook or git asks for",
        )
    return done.stdout.decode("utf-8", "replace").strip()
