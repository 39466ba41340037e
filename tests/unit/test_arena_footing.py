"""A run that does not find what the session found is stopped before it counts."""

from __future__ import annotations

import pytest

from cockpit.arena.footing import Footing
from cockpit.arena.messages import ClockBegan
from cockpit.errors import ArenaError, LockError

WALLS = "landlock v7 + seccomp + no-net + caps 0 + 1 CPU"
FOOTING = Footing(walls=WALLS, torch="2.13.0+cpu", driver="550.54")


def began(walls: str = WALLS, torch: str = "2.13.0+cpu", driver: str = "550.54") -> ClockBegan:
    return ClockBegan(
        monotonic=0.0, budget=1.0, launch_seconds=1.0, walls=walls, torch=torch, driver=driver
    )


def test_the_same_footing_passes_and_so_does_what_nobody_looked_at() -> None:
    FOOTING.check(began())
    FOOTING.check(began(torch="", driver=""))
    FOOTING.check(began(walls="landlock v7 + seccomp + no-net + caps 0 + 1 CPU; a note"))
    Footing().check(began(walls="no walls"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            began(torch="2.14.0"),
            "torch is 2.14.0 and was 2.13.0\\+cpu when this session began; put",
        ),
        (began(driver="560.1"), "the driver is 560.1 and was 550.54 .* its own baseline"),
    ],
)
def test_another_torch_or_driver_stops_the_session(changed: ClockBegan, sentence: str) -> None:
    with pytest.raises(LockError, match=sentence):
        FOOTING.check(changed)


@pytest.mark.parametrize(
    ("walls", "lacking"),
    [
        ("landlock v7 + seccomp + caps 0 + 1 CPU; no network namespace", "no-net"),
        ("landlock v1 + seccomp + no-net + caps 0 + 1 CPU", "landlock v7"),
        ("no walls; darwin", "1 CPU, caps 0, landlock v7, no-net, seccomp"),
    ],
)
def test_a_wall_that_is_missing_is_our_failure_and_never_silent(walls: str, lacking: str) -> None:
    with pytest.raises(ArenaError, match=f"this run lack {lacking}, which the self-test had"):
        FOOTING.check(began(walls))
