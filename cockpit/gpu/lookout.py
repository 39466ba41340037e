"""What the arbiter notices of a run that is on."""

from __future__ import annotations

from collections.abc import Callable

from cockpit import events as ev
from cockpit.ports import Watch


class Lookout:
    """A Watch that also notes the halt of a run, and when its examination begins."""

    def __init__(
        self, watch: Watch, halted: Callable[[], None], examines: Callable[[], None]
    ) -> None:
        self._watch, self._halt, self._examines = watch, halted, examines
        self._noted = False

    def halted(self) -> str | None:
        """Pass the question on; note the first halt."""
        return self._note(self._watch.halted())

    def wait(self, seconds: float) -> str | None:
        """Pass the wait on; note the first halt."""
        return self._note(self._watch.wait(seconds))

    def sample(self, sample: ev.Sample) -> None:
        """Pass the sample on; note the examination."""
        self._watch.sample(sample)
        if isinstance(sample, ev.StageReached) and sample.stage == "examine":
            self._examines()

    def _note(self, halt: str | None) -> str | None:
        if halt is not None and not self._noted:
            self._noted = True
            self._halt()
        return halt
