"""A workspace to be attacked: the sandbox and the data of another one, copied, with a repository
and a ledger of its own.

An attack that gets through must not meet the human's files.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cockpit.arena.runfolder import remove
from cockpit.cli.journal import LEDGER, open_journal
from cockpit.digest import digest_of_file
from cockpit.errors import ArenaError
from cockpit.events import Entry, Noticed
from cockpit.workspace.tree import PRIVATE

DATA = ("data", "vault")


class Scratch:
    """The copy of `source` at `root`; `changes` tells what an attack has done to it."""

    def __init__(self, source: Path, root: Path) -> None:
        self._source, self.root = source, root
        (root / PRIVATE).mkdir(mode=0o700)
        for name in DATA:
            shutil.copytree(source / PRIVATE / name, root / PRIVATE / name)
        self._copy_sandbox()
        with open_journal(root) as journal:
            notice = Noticed(level="info", topic="calibrate", text="a ledger to be attacked")
            journal.append(Entry(seq=0, at=0.0, session="calibrate", slot=0, event=notice))
        self._marks: dict[str, str] = {}

    def mark(self) -> None:
        """Take all files as they are now for untouched."""
        self._marks = self._found()

    def changes(self) -> tuple[str, ...]:
        """Return the names of files that were added, removed, written or given other rights."""
        found, marks = self._found(), self._marks
        names = sorted(found.keys() | marks.keys())
        return tuple(name for name in names if found.get(name) != marks.get(name))

    def restore(self) -> None:
        """Put the sandbox back; the rest is marked anew."""
        self._copy_sandbox()
        self.mark()

    def _copy_sandbox(self) -> None:
        target = self.root / "sandbox"
        target.mkdir(exist_ok=True)
        for path in (self._source / "sandbox").glob("*.py"):
            (target / path.name).unlink(missing_ok=True)
            shutil.copyfile(path, target / path.name)

    def _found(self) -> dict[str, str]:
        vault, hooks = self.root / PRIVATE / "vault", self.root / ".git" / "hooks"
        paths = [self.root / LEDGER, vault, *vault.iterdir(), *hooks.glob("*")]
        paths += (self.root / "sandbox").iterdir()
        return {
            path.relative_to(self.root).as_posix(): _state(path)
            for path in paths
            if "__pycache__" not in path.parts
        }


def _state(path: Path) -> str:
    rights = f"{path.lstat().st_mode:o}"
    return f"{rights} {digest_of_file(path)}" if path.is_file() else rights


@contextmanager
def open_scratch(source: Path) -> Iterator[Scratch]:
    """Make the copy for the time of the block.

    Raises:
        ArenaError: it cannot be written.
    """
    folder = Path(tempfile.mkdtemp(prefix="cockpit-calibrate-"))
    try:
        try:
            scratch = Scratch(source.resolve(), folder.resolve())
        except OSError as error:
            raise ArenaError(
                f"no copy of {source} could be made in {folder} ({error})", "free disk space"
            ) from error
        yield scratch
    finally:
        remove(folder)
