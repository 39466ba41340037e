"""How many threads a scorer gets: never one that would have to share a processor."""

from __future__ import annotations

import os
import sys

import pytest

from cockpit.arena.gauge import Idle, unwanted


@pytest.mark.parametrize(
    ("idle", "total", "count", "free"),
    [
        (98, 200, 2, 1),  # a run of one thread on two processors
        (50, 200, 2, 0),  # the same, and something that wants half of the other
        (2, 200, 2, 0),
        (720, 800, 8, 7),
        (0, 0, 2, 0),  # no time has passed, or the system does not tell
    ],
)
def test_a_processor_is_free_when_hardly_anybody_wanted_it(
    idle: int, total: int, count: int, free: int
) -> None:
    assert unwanted(idle, total, count) == free


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/stat")
def test_the_processors_of_this_machine_are_looked_at() -> None:
    assert 0 <= Idle().processors() <= (os.cpu_count() or 1)
