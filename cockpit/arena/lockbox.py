"""The lock on what decides the score: `prepare.py` and the data, by digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cockpit.digest import digest_of_file
from cockpit.errors import LockError
from cockpit.files import replace_file

LOCK = "lock.json"
EDITABLE = "train.py"


class Lockbox:
    """Digests of every locked file of a workspace, stored in `.cockpit/lock.json`.

    Locked are all Python files of `sandbox/` but `train.py`, and all files of the data and vault
    folders.

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
                "restore it: git checkout -- sandbox/prepare.py",
            )
        try:
            self._private.mkdir(mode=0o700, exist_ok=True)
            replace_file(self.path, f"{json.dumps(found, indent=1)}\n".encode(), mode=0o600)
        except OSError as error:
            raise LockError(f"{self.path} cannot be written ({error.strerror})") from error

    def check(self) -> None:
        """Hold every locked file against its digest.

        Raises:
            LockError: one differs or is missing; the remedy is the command that restores it.
        """
        found, locked = self._digests(), self._locked()
        for name, digest in locked.items():
            if found.get(name) != digest:
                what = "was changed" if name in found else "is missing"
                raise LockError(f"{name} {what} since it was locked", self._remedy(name))

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
        files = {f"sandbox/{p.name}": p for p in sandbox.glob("*.py") if p.name != EDITABLE}
        for label, folder in (("data", self._data), ("vault", self._vault)):
            files |= {f"{label}/{p.name}": p for p in folder.glob("*") if p.is_file()}
        return {name: _sha256(path) for name, path in sorted(files.items())}

    def _remedy(self, name: str) -> str:
        again = f"or accept it as a new session: rm {self.path}"
        if name.startswith("sandbox/"):
            return f"restore it: git checkout -- {name}, {again}"
        folders = f"--data {self._data} --vault {self._vault}"
        return f"prepare the data again: python sandbox/prepare.py {folders}, {again}"


def _sha256(path: Path) -> str:
    try:
        return digest_of_file(path)
    except OSError:
        return "unreadable"
