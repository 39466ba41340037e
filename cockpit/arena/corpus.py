"""Copies of the tunes that lie among the packages of an interpreter, and how they stay closed.

The tunes are a part of music21, which anyone may have installed: who reads it there has read the
exam. Landlock only allows: a folder with an exception is allowed as everything in it but that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

PACKAGE = "music21"
"""What its folder, its notes for the installer and an egg of it begin with."""
ATTEMPT = "read a copy of the tunes"
"""What the self-test calls it."""
PACKAGES = ("site-packages", "dist-packages")


def copies(roots: Iterable[str] = ()) -> Iterator[Path]:
    """Yield the folders of `PACKAGE` under `roots`, in this interpreter's places and the system's.

    Looked at are the folders of packages of each: itself, `lib/python3*`, `local/lib/python3*`.
    """
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix, "/usr", "/usr/local")
    folders = {folder for root in (*roots, *prefixes, *sys.path) for folder in _folders(root)}
    found = {
        Path(folder, name).resolve()
        for folder in {os.path.realpath(folder) for folder in folders}
        for name in _names(folder)
        if name.startswith(PACKAGE)
    }
    yield from sorted(found)


def _folders(root: str) -> Iterator[str]:
    """Yield the folders of packages at and under a root, as deep as an installation has them."""
    if root.startswith(("/proc", "/sys")):
        return
    if os.path.basename(root) in PACKAGES:  # noqa: PTH119
        yield root
    inner = [f"{root}/{name}" for name in _names(root) if name.startswith("lib")]
    local = [f"{root}/local/{name}" for name in _names(f"{root}/local") if name.startswith("lib")]
    for base in (root, *inner, *local):
        for name in _names(base):
            if name in PACKAGES:
                yield f"{base}/{name}"
            elif name.startswith("python3"):
                yield from (f"{base}/{name}/{packages}" for packages in PACKAGES)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []


def without(
    roots: Sequence[str], closed: Sequence[Path]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what to allow in place of `roots` so that `closed` stays out, and folders to list.

    A folder above something closed is replaced by all else in it, and may only be listed.
    """
    allowed: list[str] = []
    listed: list[str] = []
    waiting = list(reversed(roots))
    while waiting:
        path = waiting.pop()
        real = Path(path).resolve()
        if any(real == place or place in real.parents for place in closed):
            continue
        if any(real in place.parents for place in closed):
            listed.append(str(real))
            with suppress(OSError):
                waiting += [entry.path for entry in os.scandir(real)]
        else:
            allowed.append(path)
    return tuple(allowed), tuple(listed)
