"""The held-out bytes, and the copy of a hand-over: the two files the trusted side reads.

The vault is opened by the examiner alone; no path into it is ever granted to a jailed process.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cockpit.arena.exam import CONTEXT
from cockpit.errors import DataError, LockError

MAX_WEIGHTS = 4 << 30
MAX_HEADER = 16 << 20
"""Bytes of a safetensors header; real ones are a few kilobytes."""
CHUNK = 1 << 20
LEAST_BYTES = 4 * (CONTEXT + 1)
"""Four windows, so that text from elsewhere can stand behind a probe."""


class HandoverError(Exception):
    """The hand-over is not a file of weights; the text completes `the hand-over ...`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Ids of the held-out splits, one per byte, and the character of each id."""

    val: NDArray[np.uint8]
    audit: NDArray[np.uint8]
    chars: str


def read_vault(data: Path, vault: Path) -> Vault:
    """Read `val.bin` and `audit.bin` of the vault and `meta.json` of the data folder.

    Raises:
        DataError: a file is missing, too short, or holds ids that `meta.json` does not know.
        LockError: the held-out bytes are not those that were prepared.
    """
    remedy = "prepare the data again: cockpit init"
    try:
        meta: dict[str, Any] = json.loads((data / "meta.json").read_text("utf-8"))
        raw = {name: (vault / f"{name}.bin").read_bytes() for name in ("val", "audit")}
        chars = str(meta["chars"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"the held-out data cannot be read ({error})", remedy) from None
    for name, found in raw.items():
        expected = meta.get("sha256", {}).get(name)
        if expected and hashlib.sha256(found).hexdigest() != expected:
            raise LockError(f"{vault / name}.bin is not what was prepared", remedy)
        if len(found) < LEAST_BYTES or len(set(found)) < 2:
            raise DataError(f"{name}.bin holds {len(found)} bytes, too few to examine with", remedy)
        if max(found) >= len(chars):
            raise DataError(f"{name}.bin holds id {max(found)} of {len(chars)}", remedy)
    splits = {name: np.frombuffer(found, np.uint8) for name, found in raw.items()}
    return Vault(val=splits["val"], audit=splits["audit"], chars=chars)


def take_weights(source: Path, target: Path, cap: int = MAX_WEIGHTS) -> str:
    """Copy a hand-over to `target`, read-only, and return the SHA-256 of its tensors.

    The source was written by the agent's code: no link is followed (it might lead to the vault),
    nothing but a plain file is read, and of its bytes only the length of the header is looked at.

    Raises:
        HandoverError: the file is missing, a link, not a plain file, too large, or no safetensors.
    """
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(source, flags)
    except FileNotFoundError:
        raise HandoverError("is missing") from None
    except OSError as error:
        kind = "is a symbolic link" if source.is_symlink() else f"cannot be read: {error.strerror}"
        raise HandoverError(kind) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise HandoverError("is not a plain file")
        if found.st_nlink != 1:
            raise HandoverError(f"has {found.st_nlink} names, a hard link")
        if found.st_size > cap:
            raise HandoverError(f"has {found.st_size:,} bytes, over the cap of {cap:,}")
        return _copy(descriptor, found.st_size, target)
    finally:
        os.close(descriptor)


def _copy(source: int, size: int, target: Path) -> str:
    head = os.read(source, 8)
    header = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
    if not 2 <= header <= min(MAX_HEADER, size - 8):
        raise HandoverError("is not a safetensors file")
    digest, skip, left = hashlib.sha256(), header, size - 8
    out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    with os.fdopen(out, "wb") as file:
        file.write(head)
        while left:
            chunk = os.read(source, min(CHUNK, left))
            if not chunk:
                raise HandoverError(f"ends {left:,} bytes early")
            file.write(chunk)
            digest.update(chunk[skip:])
            skip = max(0, skip - len(chunk))
            left -= len(chunk)
    return digest.hexdigest()
