"""Put a file in its place whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(
    path: Path, data: bytes, *, mode: int | None = None, aside: Path | None = None
) -> None:
    """Put `data` at `path` so that after a power cut it is the old file or the new one, whole.

    Args:
        path: the file; its folder must exist.
        data: all that it is to hold.
        mode: its permission bits; None keeps those of the file that is there (or 0644).
        aside: folder to write in before the rename, on the same file system; by default its own.

    Raises:
        OSError: it cannot be written; what was there is left as it was.
    """
    if mode is None:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    draft = (aside or path.parent) / f".{path.name}.new"
    draft.unlink(missing_ok=True)  # left by one that was killed, or planted as a link
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
