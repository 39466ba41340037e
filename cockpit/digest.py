"""SHA-256 of texts and files, in hexadecimal."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_of(text: str) -> str:
    """Return the digest of a text, as `Candidate.digest` and `Candidate.base` hold it.

    It is that of the UTF-8 bytes; those that were none when the text was read count as they were.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the digest of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
