"""The model as the arbiter sees it; `cockpit.agents.handover.Tenant` is one."""

from __future__ import annotations

from typing import Protocol

from cockpit.ports import Watch


class Tenant(Protocol):
    """A model that is on the device between runs."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def neighbours(self) -> tuple[str, ...]:
        """Other models of its server that `held` last found in memory, in words."""

    @property
    def wanted(self) -> bool:
        """Whether the next proposal will ask it, as far as is known now."""

    def held(self, watch: Watch) -> int | None:
        """Return the bytes of device memory it holds; None when it is not loaded, or unknown."""

    def leave(self, watch: Watch) -> str | None:
        """Unload it and wait until it is gone; return a sentence if it may be there still."""

    def stay(self, seconds: float, watch: Watch) -> bool:
        """Have it loaded for `seconds` from now; False when it was never used, or will not."""
