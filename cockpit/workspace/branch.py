"""The refs of one session: its branch for people, and what the cockpit remembers beside it.

`refs/heads/autoresearch/<tag>`        the branch; every commit changes `sandbox/train.py` alone
`refs/cockpit/<tag>/base`, `.../head`  its baseline, and what the cockpit last put on it
`refs/cockpit/<tag>/trials/<N>`        every candidate; `rehearsals/<N>` those of the rehearsal;
                                       `replaced/<N>-<commit>` those of a trial staged again
"""

from __future__ import annotations

from datetime import date

from cockpit.errors import WorkspaceError
from cockpit.workspace.plumbing import Plumbing
from cockpit.workspace.tree import TRAIN

BRANCHES = "refs/heads/autoresearch/"
PRIVATE_REFS = "refs/cockpit/"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def free_tag(git: Plumbing, today: date) -> str:
    """Return the first of `nov23`, `nov23-2`, `nov23-3`... that no session has."""
    used = {name.removeprefix(BRANCHES).split("/")[0] for name in git.refs_below(BRANCHES)}
    used |= {name.removeprefix(PRIVATE_REFS).split("/")[0] for name in git.refs_below(PRIVATE_REFS)}
    first = tag = f"{MONTHS[today.month - 1]}{today.day}"
    count = 1
    while tag in used:
        count += 1
        tag = f"{first}-{count}"
    return tag


class SessionBranch:
    """The branch and trial refs of the session `tag`."""

    def __init__(self, git: Plumbing, tag: str) -> None:
        self._git = git
        self.tag = tag
        self.name = f"autoresearch/{tag}"
        self._branch = f"{BRANCHES}{tag}"

    def open(self, base: str) -> None:
        """Create the branch at `base`.

        Raises:
            WorkspaceError: the session exists already.
        """
        refs = (self._own("base"), self._own("head"), self._branch)
        if not self._git.create(base, refs, f"cockpit: open session {self.tag}"):
            raise WorkspaceError(f"the session {self.tag} exists already", "use another tag")

    def tip(self) -> str:
        """Return the branch's commit, after making sure that the cockpit put it there.

        Raises:
            WorkspaceError: the branch is gone, or somebody else moved it.
        """
        tip, head = self._git.commits_of(self._branch, self._own("head"))
        if head is None:
            raise WorkspaceError(f"the session {self.tag} does not exist", "run: cockpit status")
        if tip is not None and tip != head and self._continues(tip, head):
            # The cockpit died between the branch and its own memory of it.
            self._git.move(self._own("head"), tip, head, "cockpit: catch up")
            return tip
        if tip != head:
            raise self._moved(head)
        return head

    def keep_of(self, trial: int) -> str | None:
        """Return the commit on the branch that keeps `trial`, or None."""
        listing = "--format=%H %(trailers:key=Session,valueonly,separator=%x2C)"
        listing += " %(trailers:key=Trial,valueonly,separator=%x2C)"
        span = f"{self._own('base')}..{self._branch}"
        for line in self._git.tell("log", "--first-parent", listing, span, "--").splitlines():
            commit, _, trailers = line.partition(" ")
            if trailers == f"{self.tag} {trial}":
                return commit
        return None

    def advance(self, tip: str, train: bytes, message: str, trailer: str) -> str:
        """Commit `train.py` on top of `tip`, which is the branch's, and return the new tip.

        Raises:
            WorkspaceError: somebody else moved the branch.
        """
        signed = f"{message.strip()}\n\n{trailer}\nSession: {self.tag}"
        commit = self._git.commit(tip, {TRAIN: train}, signed)
        if not self._git.move(self._branch, commit, tip, f"cockpit: {trailer}"):
            raise self._moved(tip)
        self._git.move(self._own("head"), commit, tip, f"cockpit: {trailer}")
        return commit

    def archive(self, trial: int, files: dict[str, bytes], message: str) -> str:
        """Commit `files` on top of the branch under the ref of `trial`; return that commit."""
        commit = self._git.commit(self.tip(), files, message)
        ref = self._trial(trial)
        (before,) = self._git.commits_of(ref)
        if before is not None:
            kept = self._own(f"replaced/{trial}-{before[:12]}")
            self._git.move(kept, before, None, "cockpit: staged again")
        if not self._git.move(ref, commit, before, f"cockpit: archive {trial}"):
            raise WorkspaceError(
                f"another process moved {ref} while trial {trial} was archived",
                "run one cockpit per workspace",
            )
        return commit

    def text_of(self, trial: int) -> bytes | None:
        """Return the archived `train.py` of a trial (0: of the baseline), or None."""
        text = self._git.file_at(self._trial(trial), TRAIN)
        return self._git.file_at(self._own("base"), TRAIN) if text is None and trial == 0 else text

    def train(self, tip: str) -> bytes:
        """Return `train.py` as the branch has it at `tip`."""
        return self._git.file_at(tip, TRAIN) or b""

    def checked_out(self) -> bool:
        """Say whether the work tree has this very branch checked out."""
        return self._git.ask("symbolic-ref", "--quiet", "HEAD").text == self._branch

    def _continues(self, tip: str, head: str) -> bool:
        shown = self._git.tell(
            "show", "-s", "--format=%P %(trailers:key=Session,valueonly,separator=%x2C)", tip, "--"
        )
        return shown == f"{head} {self.tag}"

    def _moved(self, head: str) -> WorkspaceError:
        (now,) = self._git.commits_of(self._branch)
        where = "was deleted" if now is None else f"was moved to {now[:10]}"
        return WorkspaceError(
            f"the branch {self.name} {where}, and the cockpit had left it at {head[:10]}",
            f"put it back with: git update-ref {self._branch} {head[:10]}",
        )

    def _own(self, name: str) -> str:
        return f"{PRIVATE_REFS}{self.tag}/{name}"

    def _trial(self, trial: int) -> str:
        return self._own(f"trials/{trial}" if trial >= 0 else f"rehearsals/{-trial}")
