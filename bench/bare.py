"""As little of a Textual app as can be, for bench/screen.py: a clock, a counter, a line of keys."""

from __future__ import annotations

import time

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from bench.flood import Lines, flood


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


if __name__ == "__main__":
    app = Bare()
    flood(app.hear)
    app.run()
