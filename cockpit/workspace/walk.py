"""A line of commits as versions of `sandbox/train.py`, whoever made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cockpit.errors import WorkspaceError
from cockpit.workspace.plumbing import Plumbing
from cockpit.workspace.tree import PRIVATE, TRAIN, decode, legible


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The text of `train.py` in a commit, and the commit's subject."""

    commit: str
    subject: str
    text: str


def versions(root: Path, name: str) -> tuple[Version, ...]:
    """Return the versions of `train.py` along a branch, oldest first; the first is what it had.

    `BRANCH` is walked from where it left HEAD, or from its beginning where HEAD holds all of it;
    `A..B` from A. First parents only; commits that leave the file as it is are passed over.

    Raises:
        WorkspaceError: git knows no such branch.
    """
    git = Plumbing(root.resolve(), root.resolve() / PRIVATE)
    since, dots, tip = name.rpartition("..")
    last = _commit(git, tip)
    first = _commit(git, since) if dots else _fork(git, last)
    listed = ["rev-list", "--reverse", "--topo-order", "--first-parent", last]
    listed += [f"^{first}"] if first else []
    commits = git.tell(*listed, "--", f":(top){git.prefix}{TRAIN}").split()
    found: list[Version] = []
    for commit in ([first] if first else []) + commits:
        held = git.file_at(commit, TRAIN)
        if held is None:
            continue
        text = legible(decode(held))
        if not found or found[-1].text != text:
            subject = git.tell("show", "-s", "--format=%s", commit, "--")
            found.append(Version(commit=commit, subject=subject, text=text))
    return tuple(found)


def _commit(git: Plumbing, name: str) -> str:
    found = git.commit_of(name)
    if found is None:
        raise WorkspaceError(f"git knows no branch or commit {name!r}", "see: git branch --all")
    return found


def _fork(git: Plumbing, tip: str) -> str:
    """Return where the line that ends at `tip` left HEAD's; nothing where it is all of HEAD's."""
    reply = git.ask("merge-base", "HEAD", tip)
    return "" if reply.failed or reply.text == tip else reply.text
