"""One cockpit per workspace: a lock that the kernel frees when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from cockpit.errors import WorkspaceError


class WorkspaceLock:
    """The right to run trials in one workspace, held for as long as the object is.

    The lock is on the open file `.cockpit/lock`, so one that a power cut left behind binds nobody;
    the pid inside is for the sentence alone. Children do not inherit it.

    Raises:
        WorkspaceError: another cockpit holds it (names its pid), or it cannot be taken here.
    """

    def __init__(self, root: Path) -> None:
        private = root / ".cockpit"
        path = private / "lock"
        try:
            private.mkdir(mode=0o700, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise WorkspaceError(
                f"{path} cannot be opened ({error.strerror})", "choose a folder you can write to"
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._fd, 32, 0).decode("ascii", "replace").strip()
            os.close(self._fd)
            if not isinstance(error, BlockingIOError):
                raise WorkspaceError(
                    f"{path} cannot be locked ({error.strerror})", "use a local disk"
                ) from error
            raise WorkspaceError(
                f"another cockpit (process {holder or 'unknown'}) works in {root}",
                "watch it with: cockpit status",
            ) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another cockpit in; doing it again does nothing."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            # Closing is not enough: a child that is just being started may still share the file.
            fcntl.flock(self._fd, fcntl.LOCK_UN)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> WorkspaceLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def holder(root: Path) -> int | None:
    """Return the pid of the cockpit that works in `root`, or None; takes nothing.

    Trying the lock could turn a starting cockpit away, so the process named in the file is looked
    at instead: it counts if it lives and has that file open (its pid may be another's by now).
    """
    path = (root / ".cockpit" / "lock").resolve()
    try:
        pid = int(path.read_text() or "0")
    except (OSError, ValueError):
        return None
    return pid if pid and _has_open(pid, path) else None


def _has_open(pid: int, path: Path) -> bool:
    files = Path(f"/proc/{pid}/fd")
    try:
        return any(_target(file) == path for file in files.iterdir())
    except FileNotFoundError:
        return not Path("/proc/self").exists() and _lives(pid)
    except OSError:  # another user's
        return _lives(pid)


def _target(file: Path) -> Path | None:
    try:
        return file.readlink()
    except FileNotFoundError:  # closed since it was listed
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
