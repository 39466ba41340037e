"""The lock on what decides the score: `prepare.py` and the data, by digest."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from cockpit.digest import digest_of_file
from cockpit.errors import LockError
from cockpit.files import replace_file

LOCK = "lock.json"
EDITABLE = "train.py"
CODE = (".py", ".pyc", ".so")
SEED = "seed"
"""In the vault, the secret of tunes that were written here."""


class Lockbox:
    """Digests of every locked file of a workspace, stored in `.cockpit/lock.json`.

    Locked are all Python files of `sandbox/` but `train.py`, for each could stand in for a library,
    and all files of the data and vault folders.

    Args:
        root: the workspace.
        data: training data; default `.cockpit/data`.
        vault: held-out data; default `.cockpit/vault`.
    """

    def __init__(self, root: Path, data: Path | None = None, vault: Path | None = None) -> None:
        self._root = root.resolve()
        self._private = self._root / ".cockpit"
        self._data = data or self._private / "data"
        self._vault = vault or self._private / "vault"

    @property
    def path(self) -> Path:
        """Where the digests are kept."""
        return self._private / LOCK

    def seal(self) -> None:
        """Take the files as they are now for the right ones, unless they are locked already.

        Raises:
            LockError: there is nothing to lock, or the lock cannot be written.
        """
        if self.path.exists():
            return
        found = self._digests()
        if "sandbox/prepare.py" not in found:
            raise LockError(
                f"{self._root / 'sandbox/prepare.py'} is missing",
                self._restore("sandbox/prepare.py"),
            )
        try:
            self._private.mkdir(mode=0o700, exist_ok=True)
            replace_file(self.path, f"{json.dumps(found, indent=1)}\n".encode(), mode=0o600)
        except OSError as error:
            raise LockError(f"{self.path} cannot be written ({error.strerror})") from error

    def check(self) -> None:
        """Hold every locked file against its digest.

        Raises:
            LockError: one differs, is missing, or lies in `sandbox/` and was not there; the remedy
                is the command that restores it.
        """
        for name, what in self._touched():
            raise LockError(f"{name} {what} since it was locked", self._remedy(name, what))

    def check_sandbox(self) -> None:
        """Hold the code of `sandbox/` against its digests, before any of it is run.

        Raises:
            LockError: as `check`; a lock that is not made yet is none to break.
        """
        if not self.path.exists():
            return
        for name, what in self._touched():
            if name.startswith("sandbox/"):
                raise LockError(f"{name} {what} since it was locked", self._remedy(name, what))

    def touched_data(self) -> tuple[str, ...]:
        """Return in words which locked data differs now; empty without a lock.

        Raises:
            LockError: the lock cannot be read.
        """
        if not self.path.exists():
            return ()
        found = [(name, what) for name, what in self._touched() if not name.startswith("sandbox/")]
        return tuple(f"{name} {what}" for name, what in found)

    def _touched(self) -> Iterator[tuple[str, str]]:
        found, locked = self._digests(), self._locked()
        for name in sorted(locked | {n: "" for n in found if n.startswith("sandbox/")}):
            if name not in locked:
                yield name, "appeared"
            elif name not in found:
                yield name, "is missing"
            elif found[name] != locked[name]:
                yield name, "was changed"

    def prepare_digest(self) -> str:
        """Return one digest of the locked files of `sandbox/`, for the fingerprint."""
        return self._combined("sandbox/")

    def data_digest(self) -> str:
        """Return one digest of the locked data and vault files, for the fingerprint."""
        return self._combined("data/", "vault/")

    def _combined(self, *prefixes: str) -> str:
        lines = [f"{k} {v}" for k, v in sorted(self._locked().items()) if k.startswith(prefixes)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def _locked(self) -> dict[str, str]:
        try:
            raw = json.loads(self.path.read_text())
            return {str(name): str(digest) for name, digest in raw.items()}
        except FileNotFoundError:
            raise LockError(f"{self.path} is missing", "run: cockpit init .") from None
        except (OSError, ValueError, AttributeError) as error:
            raise LockError(f"{self.path} cannot be read ({error})", f"rm {self.path}") from error

    def _digests(self) -> dict[str, str]:
        sandbox = self._root / "sandbox"
        code = (p for p in sandbox.rglob("*") if p.suffix in CODE and "__pycache__" not in p.parts)
        files = {f"sandbox/{p.relative_to(sandbox).as_posix()}": p for p in code}
        files.pop(f"sandbox/{EDITABLE}", None)
        for label, folder in (("data", self._data), ("vault", self._vault)):
            files |= {f"{label}/{p.name}": p for p in folder.glob("*") if p.is_file()}
        return {name: _sha256(path) for name, path in sorted(files.items())}

    def _restore(self, name: str) -> str:
        # From HEAD, not from the index: a change may have been staged.
        return f"restore it: git -C {shlex.quote(str(self._root))} checkout HEAD -- {name}"

    def _remedy(self, name: str, what: str) -> str:
        accept = f"or accept it as a new session: rm {shlex.quote(str(self.path))}"
        if what == "appeared":
            return f"remove it: rm {shlex.quote(str(self._root / name))}, {accept}"
        if name.startswith("sandbox/"):
            return f"{self._restore(name)}, {accept}"
        seed = self._vault / SEED
        if name == f"vault/{SEED}":
            return f"put it back from a copy, for nothing else can write these tunes, {accept}"
        script = shlex.quote(str(self._root / "sandbox" / "prepare.py"))
        folders = f"--data {shlex.quote(str(self._data))} --vault {shlex.quote(str(self._vault))}"
        source = f" --generate {shlex.quote(str(seed))}" if seed.is_file() else ""
        command = f"{shlex.quote(sys.executable)} {script} {folders}{source}"
        return f"prepare the data again: {command}, {accept}"


def _sha256(path: Path) -> str:
    try:
        return digest_of_file(path)
    except OSError:
        return "unreadable"
