"""A training script that prints without end, for bench/screen.py."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

Lines = tuple[str, ...]


def flood(tell: Callable[[Lines], object]) -> None:
    """Tell $FLOOD lines a second, ten at a time, as a training script that prints does."""
    rate = float(os.environ.get("FLOOD", "0"))

    def pour() -> None:
        line = 0
        while True:
            tell(tuple(f"step {n:06d} | loss 1.9 | tok/s 35100" for n in range(line, line + 10)))
            line += 10
            time.sleep(10 / rate)

    if rate:
        threading.Thread(target=pour, daemon=True).start()
