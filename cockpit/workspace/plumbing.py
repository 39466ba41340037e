"""Git by plumbing alone: blobs, trees, commits and refs, never the human's index or branch.

A commit is made in a temporary index of our own, and a ref moves only from the value we expect.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cockpit.errors import WorkspaceError
from cockpit.workspace.command import Command


class Plumbing(Command):
    """What the workspace asks of its repository.

    Args:
        root: the workspace; may be a folder below the top of its repository.
        scratch: where temporary index files go.

    Raises:
        WorkspaceError: git is missing, or the folder is in no repository that it may use.
    """

    def __init__(self, root: Path, scratch: Path) -> None:
        super().__init__(root)
        self._scratch = scratch
        inside = self.ask("rev-parse", "--show-prefix")
        if inside.failed:
            raise WorkspaceError(
                f"{root} is in no usable git work tree ({inside.why})", f"run: cockpit init {root}"
            )
        self.prefix = inside.text

    def commit_of(self, name: str) -> str | None:
        """Return the commit a ref or revision stands for, or None when there is none."""
        reply = self.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        return None if reply.failed else reply.text

    def commits_of(self, *refs: str) -> tuple[str | None, ...]:
        """Return the commits that full ref names stand for, None for those that are not there."""
        listed = self.tell("for-each-ref", "--format=%(refname) %(objectname)", "--", *refs)
        found = dict(line.split(" ") for line in listed.splitlines())
        return tuple(found.get(ref) for ref in refs)

    def refs_below(self, *prefixes: str) -> list[str]:
        """Return the full names of the refs below the given prefixes."""
        return self.tell("for-each-ref", "--format=%(refname)", "--", *prefixes).splitlines()

    def file_at(self, commit: str, path: str) -> bytes | None:
        """Return the bytes of a workspace file in a commit, unfiltered; None when not there."""
        reply = self.ask("cat-file", "blob", f"{commit}:{self.prefix}{path}")
        return None if reply.failed else reply.out

    def path_in_git_dir(self, name: str) -> Path:
        """Return where git keeps `name`, also in a linked work tree."""
        return self.root / self.tell("rev-parse", "--git-path", name)

    def commit(self, parent: str | None, files: Mapping[str, bytes], message: str) -> str:
        """Make a commit whose tree is the parent's with `files` put in; moves no ref.

        A file keeps its mode; one whose bytes are the same leaves the tree as it is.
        """
        with self._folder() as folder:
            own = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            self.tell("read-tree", parent or "--empty", env=own)
            names = [self.prefix + path for path in files]
            executable = self._executable(parent, names)
            entries = b""
            for name, data in zip(names, files.values(), strict=True):
                blob = self.tell("hash-object", "-w", "--no-filters", "--stdin", stdin=data)
                mode = "100755" if name in executable else "100644"
                entries += os.fsencode(f"{mode} {blob}\t{name}\0")
            self.tell("update-index", "-z", "--index-info", stdin=entries, env=own)
            tree = self.tell("write-tree", env=own)
        parents = [] if parent is None else ["-p", parent]
        return self.tell(
            "commit-tree", "--no-gpg-sign", tree, *parents, "-F", "-",
            stdin=_clean(message), env=self.identity(),
        )  # fmt: skip

    def create(self, commit: str, refs: tuple[str, ...], why: str) -> bool:
        """Make all the refs at `commit`, or none; False when one is there already."""
        orders = "".join(f"create {ref} {commit}\n" for ref in refs).encode()
        reply = self.ask("update-ref", "-m", why, "--stdin", stdin=orders, env=self.identity())
        if reply.failed and not any(self.commits_of(*refs)):
            raise WorkspaceError(
                f"git could not make {refs[-1]}: {reply.why}", "run: cockpit doctor"
            )
        return not reply.failed

    def move(self, ref: str, new: str, old: str | None, why: str) -> bool:
        """Point `ref` at `new` if it is at `old` (None: not there yet); False when it is not."""
        reply = self.ask("update-ref", "-m", why, ref, new, old or "", env=self.identity())
        if not reply.failed:
            return True
        if self.commit_of(ref) != old:
            return False
        raise WorkspaceError(f"git could not move {ref}: {reply.why}", "run: cockpit doctor")

    @contextmanager
    def _folder(self) -> Iterator[str]:
        try:
            with tempfile.TemporaryDirectory(dir=self._scratch, prefix="index-") as folder:
                yield folder
        except OSError as error:
            raise WorkspaceError(
                f"{self._scratch} cannot be written ({error.strerror})", "free the disk"
            ) from error

    def _executable(self, commit: str | None, names: list[str]) -> set[str]:
        if commit is None:
            return set()
        listed = self.tell("ls-tree", "-z", "--full-tree", commit, "--", *names).split("\0")
        return {entry.partition("\t")[2] for entry in listed if entry.startswith("100755")}


def _clean(message: str) -> bytes:
    """Drop what a commit message cannot hold: control characters and lone surrogates."""
    kept = "".join(c for c in message if c in "\n\t" or c.isprintable())
    return (kept.strip() + "\n").encode("utf-8", "replace")
