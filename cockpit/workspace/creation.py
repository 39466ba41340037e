"""A repository for a folder that has none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cockpit.errors import WorkspaceError
from cockpit.workspace.command import Command
from cockpit.workspace.exclude import hide
from cockpit.workspace.plumbing import Plumbing
from cockpit.workspace.tree import PRIVATE


def make_repository(root: Path, names: Iterable[str]) -> bool:
    """Give `root` a repository with a first commit of the files `names`, and hide our own there.

    A folder that is inside a repository keeps that one, and nothing is committed to it. Killed
    half-way, doing it again completes it.

    Returns:
        Whether a first commit was made.

    Raises:
        WorkspaceError: git is missing, or refuses the folder.
    """
    command = Command(root)
    found = command.ask("rev-parse", "--show-toplevel")
    if found.failed and "not a git repository" not in found.why:
        raise WorkspaceError(f"git cannot use {root}: {found.why}", "run: cockpit doctor")
    if found.failed:
        command.tell("init", "--quiet")
    git = Plumbing(root, root / PRIVATE)
    hide(git)
    untouched = not git.path_in_git_dir("index").exists() and git.commit_of("HEAD") is None
    if git.prefix or not untouched:
        return False
    command.tell("add", "--force", "--", *names)
    command.tell(
        "commit", "--quiet", "--no-verify", "-m", "Start a workspace", env=command.identity()
    )
    return True
