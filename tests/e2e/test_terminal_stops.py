"""A stop gives the terminal back, going on draws everything anew, leaving restores the title."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from tests.e2e.cabin import Cabin, surroundings, until
from tests.e2e.terminal import terminal
from tests.e2e.vt import Paper

pytestmark = pytest.mark.e2e

ENDED = "the session ended: the table ends here"


def test_a_stopped_screen_gives_the_terminal_back_and_draws_all_of_itself_again(
    tmp_path: Path,
) -> None:
    lobby = Cabin(tmp_path, surroundings(tmp_path))
    with terminal(lobby, "replay", "--demo", "--speed", "1e9") as shown:
        assert until(lambda: ENDED in shown.paper.text), shown.text[-2000:]
        process = psutil.Process(shown.process.pid)
        shown.process.send_signal(signal.SIGTSTP)
        assert until(lambda: process.status() == psutil.STATUS_STOPPED)
        assert until(lambda: shown.restored)
        stopped = len(shown.written)
        shown.process.send_signal(signal.SIGCONT)

        def again() -> str:
            paper = Paper(*shown.size)
            paper.feed(shown.written[stopped:])
            return paper.text

        wanted = ("1 Plan", "2 Diff", "4 Run", "5 Ledger", "▲ KEEP", ENDED)
        assert until(lambda: all(words in again() for words in wanted)), again()
        shown.press("q")
        assert shown.process.wait(10) == 0
        assert until(lambda: shown.restored)
        assert b"\x1b[22;2t" in shown.written and b"\x1b[23;2t" in shown.written
