"""Which processors a run is held to, and that two runs keep out of each other's way."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cockpit.arena.processors import Claim, busy_ticks, choose, shares, siblings

PAIRS = {cpu: (cpu % 4, cpu % 4 + 4) for cpu in range(8)}
"""Eight processors on four cores, as hyper-threading numbers them."""


@pytest.mark.parametrize(
    ("wanted", "taken", "busy", "chosen"),
    [
        (1, set(), {}, (3,)),
        (3, set(), {}, (1, 2, 3)),
        (5, set(), {}, (0, 1, 2, 3, 7)),
        (2, {3, 2}, {}, (0, 1)),
        (3, {3, 2}, {}, (0, 1, 5)),
        (1, set(), {3: 0.9, 2: 0.1}, (2,)),
        (1, {7}, {}, (2,)),
        (9, {0, 1}, {}, tuple(range(8))),
    ],
)
def test_whole_cores_that_nobody_has_come_first(
    wanted: int, taken: set[int], busy: dict[int, float], chosen: tuple[int, ...]
) -> None:
    assert choose(wanted, range(8), PAIRS, taken, busy) == chosen


def test_cores_are_read_from_the_topology(tmp_path: Path) -> None:
    for cpu in range(4):
        place = tmp_path / f"cpu{cpu}" / "topology"
        place.mkdir(parents=True)
        (place / "physical_package_id").write_text("0\n")
        (place / "core_id").write_text(f"{cpu // 2}\n")
    assert siblings({0, 1, 3}, tmp_path) == {0: (0, 1), 1: (0, 1), 3: (3,)}
    assert siblings({0, 1}, tmp_path / "none") == {0: (0,), 1: (1,)}


def test_busy_is_told_for_all_of_them_or_not_at_all() -> None:
    before, after = {0: (10, 100), 1: (0, 100)}, {0: (60, 200), 1: (5, 200)}
    assert busy_ticks(before, after, (0, 1)) == 55
    assert busy_ticks(before, after, (0, 2)) is None
    assert shares(before, after) == {0: 0.5, 1: 0.05}


@pytest.mark.skipif(sys.platform != "linux", reason="processors are held on Linux")
def test_two_runs_share_a_processor_only_when_there_is_no_other(tmp_path: Path) -> None:
    waited: list[float] = []
    count = len(os.sched_getaffinity(0))
    claims = [Claim(1, waited.append, tmp_path) for _ in range(count)]
    assert len({claim.processors for claim in claims}) == count
    assert len(Claim(1, waited.append, tmp_path).processors) == 1
    claims[0].close()
    assert Claim(1, waited.append, tmp_path).processors == claims[0].processors
    assert set(waited) == {0.1}
    for claim in claims:
        claim.close()


@pytest.mark.skipif(sys.platform != "linux", reason="processors are held on Linux")
def test_a_folder_that_cannot_hold_locks_is_no_reason_not_to_run(tmp_path: Path) -> None:
    assert len(Claim(1, lambda _: None, tmp_path / "missing").processors) == 1
