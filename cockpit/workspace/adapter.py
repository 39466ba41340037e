"""GitWorkspace: the workspace of the engine, over one session's branch and the work tree."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cockpit.constraints import NO_BOUNDS, Bounds
from cockpit.digest import digest_of
from cockpit.errors import WorkspaceError
from cockpit.files import replace_file
from cockpit.ports import Settlement
from cockpit.source.stage import describe, stage
from cockpit.source.syntax import compile_error
from cockpit.trial import Candidate, Proposal, Rejected, Verdict
from cockpit.workspace.branch import SessionBranch, free_tag
from cockpit.workspace.exclude import hide
from cockpit.workspace.plumbing import Plumbing
from cockpit.workspace.tree import (
    LEARNINGS,
    PRIVATE,
    PROGRAM,
    TRAIN,
    Tree,
    decode,
    encode,
    legible,
    read_text,
)

ROOT_FILES = ("sandbox/*.py", PROGRAM, "cockpit.toml")
"""What a branch made from nothing holds, where HEAD has no commit yet."""


class GitWorkspace:
    """The workspace at `root`, on the session branch `autoresearch/<tag>`.

    Args:
        root: the workspace; may be a folder below the top of its repository.
        tag: of the session to look at; without one, a session is opened or resumed.

    Raises:
        WorkspaceError: there is no git, no repository or no such folder.
    """

    def __init__(self, root: Path, tag: str = "") -> None:
        self.root = root.resolve()
        private = self.root / PRIVATE
        try:
            private.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"{private} cannot be made ({error.strerror})", "choose a folder you can write to"
            ) from error
        self._git = Plumbing(self.root, private)
        self._tree = Tree(self.root)
        self._session = SessionBranch(self._git, tag) if tag else None

    @property
    def tag(self) -> str:
        """The session's tag, empty before one is open."""
        return self._session.tag if self._session else ""

    @property
    def branch(self) -> str:
        """The session branch, as people name it."""
        return self._open.name

    def free_tag(self, today: date) -> str:
        """Return the first of `nov23`, `nov23-2`, `nov23-3`... that no session has."""
        return free_tag(self._git, today)

    def open_session(self, tag: str, text: str) -> tuple[str, str, str]:
        """Begin the session `tag` with `text` as its baseline.

        The branch starts at HEAD's commit; where that has another `train.py`, a first commit
        changes that file alone. Where HEAD has no commit yet the branch gets a root of its own.

        Returns:
            The branch as people name it, the commit of its baseline, the SHA-256 of `text`.

        Raises:
            WorkspaceError: the tag cannot name a branch, or the session exists already.
        """
        if "/" in tag or self._git.ask("check-ref-format", f"refs/heads/autoresearch/{tag}").failed:
            raise WorkspaceError(
                f"{tag!r} cannot be the name of a branch", "use letters, digits and dashes"
            )
        hide(self._git)
        session = SessionBranch(self._git, tag)
        base = self._baseline(tag, encode(text))
        session.open(base)
        self._session = session
        self._tree.recognise(text)
        return session.name, base, digest_of(text)

    def resume_session(self, tag: str) -> None:
        """Go on with a session that was opened before.

        Raises:
            WorkspaceError: there is no such session, or somebody else moved its branch.
        """
        session = SessionBranch(self._git, tag)
        session.tip()
        hide(self._git)
        self._session = session

    def train(self) -> str:
        """Return `sandbox/train.py` as the tree shows it.

        Raises:
            WorkspaceError: there is none.
        """
        text = self._tree.train()
        if text is None:
            raise WorkspaceError(
                f"{self.root / TRAIN} is missing", f"restore it with: git checkout {TRAIN}"
            )
        return legible(text)

    def baseline(self, text: str) -> Candidate | Rejected:
        """Return the unedited file as a candidate; Rejected when it does not compile."""
        fault = compile_error(text)
        return describe(text) if fault is None else Rejected(stage="compile", reason=fault)

    def stage(
        self, proposal: Proposal, base: str, bounds: Bounds = NO_BOUNDS
    ) -> Candidate | Rejected:
        """Apply the edit to the text `base`, compile it, hold it against guard and bounds; pure."""
        return stage(proposal, base, bounds)

    def archive(self, trial: int, candidate: Candidate, message: str) -> str:
        """Store the candidate and the program.md of now under the trial's ref; its commit.

        A trial that is staged again moves its ref; what it held before keeps a ref of its own.

        Raises:
            WorkspaceError: somebody else moved the session branch, or git failed.
        """
        files = {TRAIN: encode(candidate.text)}
        program = read_text(self.root / PROGRAM)
        if program is not None:
            files[PROGRAM] = encode(program)
        return self._open.archive(trial, files, message)

    def text_of(self, trial: int) -> str:
        """Return the archived `train.py` of a trial.

        Raises:
            WorkspaceError: the trial was never archived.
        """
        data = self._open.text_of(trial)
        if data is None:
            raise WorkspaceError(
                f"trial {trial} of session {self.tag} has no archived {TRAIN}",
                "choose one that was staged: cockpit ledger",
            )
        return decode(data)

    def settle(self, trial: int, verdict: Verdict, message: str) -> Settlement:
        """Make git and the tree agree with the verdict; doing it again changes nothing.

        Raises:
            WorkspaceError: somebody else moved the session branch, or git failed.
        """
        if not verdict.kept or trial < 0:
            return Settlement(tree=f"{TRAIN} unchanged")
        done = self._open.keep_of(trial)
        return self._put(trial, message, f"Trial: {trial}", done)

    def revert(self, trial: int, message: str) -> Settlement:
        """Commit the archived file of a kept trial on top of the session branch, and show it.

        Raises:
            WorkspaceError: the trial was never archived, or somebody else moved the branch.
        """
        return self._put(trial, message, f"Reverted-to: {trial}")

    def hand_edit(self) -> str | None:
        """Return `sandbox/train.py` if a human edited it since the cockpit put it there.

        The same text is returned until the file changes: what was tried is the ledger's to know.
        """
        text = self._tree.unclaimed()
        if self._session is None or text is None:
            return None
        held = self._session.train(self._session.tip())
        return None if encode(text) == held else legible(text)

    def program(self) -> str:
        """Return program.md as it is now, empty when there is none."""
        return legible(read_text(self.root / PROGRAM) or "")

    def learnings(self) -> str:
        """Return learnings.md as it is now, struck lines included, empty when there is none."""
        return legible(read_text(self.root / LEARNINGS) or "")

    def write_learnings(self, text: str) -> None:
        """Put `text` at learnings.md, whole or not at all; it is never committed.

        Raises:
            WorkspaceError: it cannot be written.
        """
        try:
            replace_file(self.root / LEARNINGS, encode(text))
        except OSError as error:
            raise WorkspaceError(
                f"{LEARNINGS} cannot be written ({error.strerror})",
                "free the disk or mend its mode",
            ) from error

    @property
    def _open(self) -> SessionBranch:
        if self._session is None:
            raise WorkspaceError("no session is open in this workspace", "start one: cockpit run")
        return self._session

    def _put(self, trial: int, message: str, trailer: str, done: str | None = None) -> Settlement:
        """Commit the file of `trial` unless that is `done`, and show what the branch then holds."""
        session = self._open
        tip = session.tip()
        train = session.train(tip)
        self._tree.recognise(decode(train))
        if done is None:
            wanted = encode(self.text_of(trial))
            done = tip if wanted == train else session.advance(tip, wanted, message, trailer)
            train = wanted
        tree = self._tree.show(decode(train))
        if session.checked_out():
            tree += f"; {session.name} is checked out, so git status calls its last file staged"
        return Settlement(commit=done, tree=tree)

    def _baseline(self, tag: str, data: bytes) -> str:
        head = self._git.commit_of("HEAD")
        if head is not None and self._git.file_at(head, TRAIN) == data:
            return head
        files = {}
        if head is None:
            found = [path for pattern in ROOT_FILES for path in sorted(self.root.glob(pattern))]
            files = {path.relative_to(self.root).as_posix(): path.read_bytes() for path in found}
        message = f"Take {TRAIN} as the baseline of session {tag}\n\nSession: {tag}"
        return self._git.commit(head, {**files, TRAIN: data}, message)
