"""Git by plumbing alone: blobs, trees, commits and refs, never the human's index, branch or hooks.

Every call turns off hooks, signing, filters and the file-system monitor; a commit is made in a
temporary index of our own, and a ref moves only from the value we expect it to have.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.errors import WorkspaceError

QUIET_CONFIG = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.splitIndex": "false",
    # A commit must survive a power cut as the ledger entry that names it does: git syncs neither
    # loose objects (since 2.36, core.fsync) nor, before that, anything but packs by default.
    "core.fsync": "committed,loose-object",
    "core.fsyncObjectFiles": "true",
    "commit.gpgsign": "false",
    "i18n.commitEncoding": "UTF-8",
    "gc.auto": "0",
}
DIVERTING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
"""Variables that would make every call speak to another repository than the workspace's."""
FALLBACK_NAME, FALLBACK_EMAIL = "cockpit", "cockpit@localhost"


@dataclass(frozen=True, slots=True)
class Reply:
    """What git answered; `failed` is its exit status, `why` the line of stderr that says why."""

    failed: int
    out: bytes
    why: str

    @property
    def text(self) -> str:
        """The answer as text, without the newline at its end."""
        return os.fsdecode(self.out).removesuffix("\n")


class Plumbing:
    """Git commands in one folder.

    Args:
        root: the workspace; may be a folder below the top of its repository.
        scratch: where temporary index files go.

    Raises:
        WorkspaceError: git is missing, the folder is in no repository, or the environment
            points git elsewhere.
    """

    def __init__(self, root: Path, scratch: Path) -> None:
        try:
            import git  # here, for `cockpit status` is quick and needs none of it
        except ImportError as error:
            raise WorkspaceError("git was not found", "install git 2.25 or newer") from error
        diverted = next((name for name in DIVERTING if name in os.environ), None)
        if diverted is not None:
            raise WorkspaceError(
                f"{diverted} is set to {os.environ[diverted]!r} and points git away from {root}",
                f"unset {diverted}",
            )
        self._git = git.Git(str(root))
        self._scratch = scratch
        inside = self.ask("rev-parse", "--show-prefix")
        if inside.failed:
            raise WorkspaceError(
                f"{root} is not in a usable git work tree ({inside.why})",
                f"run: cockpit init {root}",
            )
        self.prefix = inside.text
        self._identity: dict[str, str] | None = None

    # --- running git ---------------------------------------------------------------------

    def ask(
        self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> Reply:
        """Run one git command and return its answer, failed or not."""
        command = ["git", "--no-optional-locks", "--no-pager"]
        for key, value in QUIET_CONFIG.items():
            command += ["-c", f"{key}={value}"]
        surroundings = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":", **(env or {})}
        with tempfile.TemporaryFile() as source:
            if stdin is not None:
                source.write(stdin)
                source.seek(0)
            status, out, errors = self._git.execute(
                [*command, *args],
                istream=source,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env=surroundings,
            )
        return Reply(int(status), bytes(out), _reason(str(errors)))

    def tell(
        self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> str:
        """Run one git command that must work, and return its answer.

        Raises:
            WorkspaceError: git refused; carries git's own words.
        """
        reply = self.ask(*args, stdin=stdin, env=env)
        if reply.failed:
            raise WorkspaceError(f"git {args[0]} failed: {reply.why}", "run: cockpit doctor")
        return reply.text

    # --- reading -------------------------------------------------------------------------

    def commit_of(self, name: str) -> str | None:
        """Return the commit a ref or revision stands for, or None when there is none."""
        reply = self.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        return None if reply.failed else reply.text

    def refs_below(self, *prefixes: str) -> list[str]:
        """Return the full names of the refs below the given prefixes."""
        return self.tell("for-each-ref", "--format=%(refname)", "--", *prefixes).splitlines()

    def file_at(self, commit: str, path: str) -> bytes | None:
        """Return the bytes of a workspace file in a commit, unfiltered; None when not there."""
        reply = self.ask("cat-file", "blob", f"{commit}:{self.prefix}{path}")
        return None if reply.failed else reply.out

    def path_in_git_dir(self, name: str) -> Path:
        """Return where git keeps `name`, also in a linked work tree."""
        return Path(self._git.working_dir or ".", self.tell("rev-parse", "--git-path", name))

    # --- writing -------------------------------------------------------------------------

    def commit(self, parent: str | None, files: Mapping[str, bytes], message: str) -> str:
        """Make a commit whose tree is the parent's with `files` put in; moves no ref.

        A file keeps its mode; one whose bytes are the same leaves the tree as it is.
        """
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="index-") as folder:
            own = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            self.tell("read-tree", parent or "--empty", env=own)
            for path, data in files.items():
                blob = self.tell("hash-object", "-w", "--no-filters", "--stdin", stdin=data)
                name = self.prefix + path
                entry = os.fsencode(f"{self._mode(parent, name)} {blob}\t{name}\0")
                self.tell("update-index", "-z", "--index-info", stdin=entry, env=own)
            tree = self.tell("write-tree", env=own)
        parents = [] if parent is None else ["-p", parent]
        return self.tell(
            "commit-tree", "--no-gpg-sign", tree, *parents, "-F", "-",
            stdin=_clean(message), env=self._who(),
        )  # fmt: skip

    def move(self, ref: str, new: str, old: str | None, why: str) -> bool:
        """Point `ref` at `new` if it is at `old` (None: not there yet); False when it is not."""
        reply = self.ask("update-ref", "-m", why, ref, new, old or "", env=self._who())
        if not reply.failed:
            return True
        if self.commit_of(ref) != old:
            return False
        raise WorkspaceError(f"git could not move {ref}: {reply.why}", "run: cockpit doctor")

    def _mode(self, commit: str | None, name: str) -> str:
        if commit is None:
            return "100644"
        listed = self.tell("ls-tree", "-z", "--full-tree", commit, "--", name)
        return "100755" if listed.startswith("100755") else "100644"

    def _who(self) -> dict[str, str]:
        """The identity to commit with: nothing to add when the user has one."""
        if self._identity is None:
            known = not any(
                self.ask("var", who).failed for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")
            )
            self._identity = {} if known else {
                "GIT_AUTHOR_NAME": FALLBACK_NAME,
                "GIT_AUTHOR_EMAIL": FALLBACK_EMAIL,
                "GIT_COMMITTER_NAME": FALLBACK_NAME,
                "GIT_COMMITTER_EMAIL": FALLBACK_EMAIL,
            }  # fmt: skip
        return self._identity


def _reason(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (telling or lines or ["no reason given"])[0].removeprefix("fatal: ")


def _clean(message: str) -> bytes:
    """Drop what a commit message cannot hold: control characters and lone surrogates."""
    kept = "".join(c for c in message if c in "\n\t" or c.isprintable())
    return (kept.strip() + "\n").encode("utf-8", "replace")
