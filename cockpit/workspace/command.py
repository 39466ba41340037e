"""Run git in one folder, so that it neither asks, nor runs what a repository planted.

Every call turns off hooks, signing, filters, prompts and the file-system monitor.
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


class Command:
    """Git in the folder `root`.

    Raises:
        WorkspaceError: git is missing, or the environment points it elsewhere.
    """

    def __init__(self, root: Path) -> None:
        try:
            import git  # here, for `cockpit status` is quick and needs none of it
        except ImportError as error:
            raise WorkspaceError("git was not found", "install git 2.30 or newer") from error
        diverted = next((name for name in DIVERTING if name in os.environ), None)
        if diverted is not None:
            raise WorkspaceError(
                f"{diverted} is set to {os.environ[diverted]!r} and points git away from {root}",
                f"unset {diverted}",
            )
        self.root = root
        self._git = git.Git()
        self._failure = git.GitError
        self._identity: dict[str, str] | None = None

    def ask(
        self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> Reply:
        """Run one git command and return its answer, failed or not."""
        # The folder is git's to enter: GitPython would expand a `$` in its name, and run in the
        # current folder, which may be another repository, where it cannot enter it.
        command = ["git", "-C", str(self.root), "--no-optional-locks", "--no-pager"]
        for key, value in QUIET_CONFIG.items():
            command += ["-c", f"{key}={value}"]
        surroundings = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":", **(env or {})}
        try:
            with tempfile.TemporaryFile() as source:
                source.write(stdin or b"")
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
        except (OSError, self._failure) as error:
            raise WorkspaceError(
                f"git could not be run ({error})", "run: cockpit doctor"
            ) from error
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

    def identity(self) -> dict[str, str]:
        """Return the variables to commit with: none when the user has an identity."""
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
