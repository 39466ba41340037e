"""The checks of the screen that need a real terminal and no engine, each named by its number."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cabin import Cabin, surroundings, until
from tests.e2e.terminal import Terminal, terminal

pytestmark = pytest.mark.e2e

NIGHT = ("replay", "--demo", "--speed", "1e9")
"""Upstream's night on the full screen, over before the first frame."""
ENDED = "the session ended: the table ends here"
HEAVY = ("torch", "optuna", "numpy", "git", "ollama", "cockpit.engine.loop")
IMPORTED = re.compile(rb"import time: +\d+ \| +\d+ \| +([\w.]+)")
WORDS = ("▲ KEEP", "▽ discard", "✗ crash")


@pytest.fixture
def lobby(tmp_path: Path) -> Cabin:
    """A folder that is no workspace."""
    return Cabin(tmp_path, surroundings(tmp_path))


def played(of: Terminal) -> bool:
    return until(lambda: ENDED in of.paper.text)


def test_check_02_a_storm_of_sizes_ends_in_the_frame_of_a_fresh_start(lobby: Cabin) -> None:
    with terminal(lobby, *NIGHT) as storm, terminal(lobby, *NIGHT) as fresh:
        assert played(storm) and played(fresh), storm.text[-2000:]
        for size in ((200, 60), (80, 24), (40, 10), (20, 3), (120, 40)):
            storm.resize(*size)
            assert until(lambda: storm.paper.text.strip()), size
        assert until(lambda: storm.paper.lines == fresh.paper.lines), storm.paper.text
        assert storm.process.poll() is None


def test_check_02_a_size_that_came_and_went_while_nothing_ran_leaves_no_hole(lobby: Cabin) -> None:
    with terminal(lobby, *NIGHT) as back, terminal(lobby, *NIGHT) as fresh:
        assert played(back) and played(fresh), back.text[-2000:]
        back.process.send_signal(signal.SIGSTOP)
        for size in ((20, 3), (120, 40)):
            back.resize(*size)
        back.process.send_signal(signal.SIGCONT)
        assert until(lambda: back.paper.lines == fresh.paper.lines), back.paper.text


def test_check_03_the_first_frame_waits_for_nothing_heavy(lobby: Cabin, prepared: Cabin) -> None:
    with terminal(lobby, *NIGHT, PYTHONPROFILEIMPORTTIME="1") as first:
        assert until(lambda: b"5 Ledger" in first.written), first.text[-2000:]
        before = first.written[: first.written.index(b"5 Ledger")]
        names = {name.decode() for name in IMPORTED.findall(before)}
        assert "textual.app" in names
        assert names.isdisjoint(HEAVY)
    for command in (("--help",), ("--version",), ("status",)):
        done = prepared.run(*command, PYTHONPROFILEIMPORTTIME="1")
        assert "cockpit.cli" in done.err
        assert "textual" not in done.err and "optuna" not in done.err, command


def test_check_04_no_full_colours_are_sent_to_a_terminal_that_did_not_offer_them(
    lobby: Cabin,
) -> None:
    """That texts stay readable after the mapping is in tests/unit/test_tui_themes.py."""
    with terminal(lobby, *NIGHT, TERM="tmux-256color", COLORTERM="") as small:
        assert played(small), small.text[-2000:]
        assert b"8;2;" not in small.written
        assert b"38;5;" in small.written and b"48;5;" in small.written


def test_check_05_verdicts_are_words_without_any_colour(lobby: Cabin) -> None:
    plain = {"NO_COLOR": "1", "TERM": "xterm-16color", "COLORTERM": ""}
    with terminal(lobby, *NIGHT, **plain) as grey:
        assert played(grey), grey.text[-2000:]
        grey.press("/")
        assert until(lambda: "\nfilter" in grey.paper.text, 30), grey.paper.text
        grey.press("crash\r")
        assert until(lambda: "filter: crash" in grey.paper.text, 30), grey.paper.text
        assert all(word in grey.text for word in WORDS)


def test_check_06_what_cannot_show_a_screen_is_told_in_one_line(prepared: Cabin) -> None:
    with terminal(prepared, TERM="dumb") as dumb:
        assert dumb.process.wait(60) == 2
        assert until(lambda: "\n" in dumb.text)
        said = [dumb.written]
    piped = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cockpit"],
        cwd=prepared.root,
        env=dict(prepared.env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert piped.returncode == 2
    for line in (*said, piped.stdout + piped.stderr):
        assert line.count(b"\n") == 1 and b"\x1b" not in line
        assert b"cockpit status" in line


def test_check_23_without_the_mouse_no_mouse_mode_is_ever_set(lobby: Cabin) -> None:
    with terminal(lobby, *NIGHT, "--no-mouse") as keys, terminal(lobby, *NIGHT) as mouse:
        assert played(keys) and played(mouse)
        for mode in (b"\x1b[?1000", b"\x1b[?1002", b"\x1b[?1003", b"\x1b[?1006", b"\x1b[?1015"):
            assert mode not in keys.written
        assert b"\x1b[?1003h" in mouse.written
        keys.press("q")
        assert keys.process.wait(60) == 0
