"""The files of the work tree that the cockpit may write, and how it knows that they are its own.

`.cockpit/shown.json` holds the digests of what the cockpit put (or is about to put) at
`sandbox/train.py`. A file with another digest was edited by hand: it is left alone.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

from cockpit.digest import digest_of
from cockpit.errors import WorkspaceError
from cockpit.files import replace_file

TRAIN = "sandbox/train.py"
PROGRAM = "program.md"
LEARNINGS = "learnings.md"
PRIVATE = ".cockpit"


def encode(text: str) -> bytes:
    """Return the bytes of a text; those that were no UTF-8 come back as they were."""
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> str:
    """Return the text of some bytes, so that `encode` gives them back."""
    return data.decode("utf-8", "surrogateescape")


def legible(text: str) -> str:
    """Return a text that can be shown and sent: what was no UTF-8 in it becomes U+FFFD."""
    return encode(text).decode("utf-8", "replace")


def read_text(path: Path) -> str | None:
    """Return a file's text with its line endings as they are, or None when there is no file.

    Raises:
        WorkspaceError: the file is there but cannot be read.
    """
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read ({error.strerror})", "mend it") from error


class Tree:
    """The work tree of one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._shown = root / PRIVATE / "shown.json"

    def train(self) -> str | None:
        """Return `sandbox/train.py` as it is now, or None when there is none."""
        return read_text(self.root / TRAIN)

    def claim(self, *texts: str) -> None:
        """Remember that `sandbox/train.py` holding one of these texts is the cockpit's own."""
        digests = sorted({digest_of(text) for text in texts})
        data = json.dumps({"digests": digests}) + "\n"
        replace_file(self._shown, data.encode(), mode=0o600)

    def unclaimed(self) -> str | None:
        """Return `sandbox/train.py` if it is not what the cockpit put there, else None."""
        text = self.train()
        return None if text is None or digest_of(text) in self._claimed() else text

    def recognise(self, ours: str) -> None:
        """Claim the file if it holds `ours`, though it may have come there by other hands."""
        if self.train() == ours and digest_of(ours) not in self._claimed():
            with contextlib.suppress(OSError):  # then it counts as edited: the safe side
                self.claim(ours)

    def show(self, text: str) -> str:
        """Put `text` at `sandbox/train.py` unless a human edited that; say in words what was done.

        Killed at any point, doing it again ends the same: what is about to be written is claimed
        before it is written.
        """
        path, now = self.root / TRAIN, self.train()
        if path.is_symlink():
            return f"{TRAIN} left alone: it is a link to {path.readlink()}"
        if now not in (None, text) and digest_of(now) not in self._claimed():
            return f"{TRAIN} left as you edited it"
        try:
            if now != text:
                self.claim(text, *([] if now is None else [now]))
                path.parent.mkdir(exist_ok=True)
                replace_file(path, encode(text))
            self.claim(text)
        except OSError as error:
            return f"{TRAIN} could not be updated ({error.strerror})"
        return f"{TRAIN} shows it"

    def _claimed(self) -> Iterable[str]:
        try:
            digests = json.loads(self._shown.read_bytes())["digests"]
        except (OSError, ValueError, KeyError, TypeError):
            return ()
        return [d for d in digests if isinstance(d, str)] if isinstance(digests, list) else ()
