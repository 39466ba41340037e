"""What every run of a session must find as the session found it: its walls, torch, the driver."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.arena.messages import ClockBegan
from cockpit.errors import ArenaError, LockError


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """What the self-test found, as words; empty where nothing is known, and nothing is held to."""

    walls: str = ""
    torch: str = ""
    driver: str = ""

    def check(self, began: ClockBegan) -> None:
        """Hold a run against it, when its clock starts.

        Raises:
            LockError: torch or the driver is another, so that values would not compare.
            ArenaError: a wall is missing that the self-test had.
        """
        for name, was, found in (
            ("torch", self.torch, began.torch),
            ("the driver", self.driver, began.driver),
        ):
            if was and found and found != was:
                raise LockError(
                    f"{name} is {found} and was {was} when this session began",
                    "put it back, or start again: a new session begins with its own baseline",
                )
        missing = _mechanisms(self.walls) - _mechanisms(began.walls)
        if missing:
            names = ", ".join(sorted(missing))
            raise ArenaError(
                f"the walls of this run lack {names}, which the self-test had ({began.walls})",
                "run: cockpit doctor",
            )


def _mechanisms(walls: str) -> set[str]:
    """Return the names in words such as `landlock v7 + seccomp; why something is missing`."""
    return set(walls.partition(";")[0].split(" + ")) - {"", "no walls"}
