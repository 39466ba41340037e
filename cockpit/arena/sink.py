"""Where the output of a child goes: a file with a cap, then only its last words."""

from __future__ import annotations

import os

TAIL = 64 << 10
CHUNK = 64 << 10


class Sink:
    """Writes to a file up to a cap and remembers the last 64 KiB behind it."""

    def __init__(self, path: str, cap: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(path, flags, 0o600)
        self._cap = cap
        self._tail = bytearray()
        self.total = 0

    @property
    def full(self) -> bool:
        """Say whether the cap is reached: from here on reading can be slow."""
        return self.total >= self._cap

    def feed(self, data: bytes) -> None:
        """Take more output; a full disk costs output, never the run."""
        room = max(0, self._cap - self.total)
        self.total += len(data)
        self._write(data[:room])
        if len(data) > room:
            self._tail += data[room:]
            del self._tail[:-TAIL]

    def close(self) -> None:
        """Write how much was left out, and the last words."""
        left_out = self.total - self._cap - len(self._tail)
        if left_out > 0:
            self._write(f"\n[{left_out:,} bytes of output left out]\n".encode())
        self._write(bytes(self._tail))
        os.close(self._fd)

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            self._cap = 0
