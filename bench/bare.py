"""As little of a Textual app as can be, for bench/screen.py: a clock, a counter, a line of keys."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static

Lines = tuple[str, ...]


class Bare(App[None]):
    """Counts on `j`, tells the time and the last line it was told."""

    BINDINGS = [Binding("j", "count"), Binding("q", "quit")]  # noqa: RUF012
    lines: Lines = ("",)
    count = 0

    def compose(self) -> ComposeResult:
        """Make three lines."""
        yield Static("", id="clock")
        yield Static("count 0 ", id="count")
        yield Static("q quit")

    def on_mount(self) -> None:
        """Let the clock go."""
        self.set_interval(1.0, self.tick)

    def tick(self) -> None:
        """Move it."""
        self.query_one("#clock", Static).update(f"{time.time():.0f} {self.lines[-1]}")

    def action_count(self) -> None:
        """Count one more."""
        self.count += 1
        self.query_one("#count", Static).update(f"count {self.count} ")

    def hear(self, lines: Lines) -> None:
        """Take lines that were logged."""
        self.lines = lines


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


if __name__ == "__main__":
    app = Bare()
    flood(app.hear)
    app.run()
