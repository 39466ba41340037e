"""The device goes from hand to hand: model, run, examination, model, and at any time the human.

A run begins when the memory it needs is free, or when a limit is over and it was said who holds
that memory. The model leaves first, unless it provably fits beside the run: then it stays, idle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from cockpit import events as ev
from cockpit.gpu.ahead import Ahead
from cockpit.gpu.lookout import Lookout
from cockpit.gpu.memory import MARGIN, Memory, fits, gib, needed, slack
from cockpit.gpu.tenant import Tenant
from cockpit.ports import Clock, Runner, RunOrder, Watch
from cockpit.trial import Crashed, Rejected, RunResult, Stopped

LIMIT: Final = 20.0
"""Seconds that a run waits for memory; a model is gone in one or two."""
LEAST: Final = 2.0
"""Seconds it still waits where earlier waits were in vain: each halves the next."""
POLL: Final = 0.25
DRAINED: Final = 5.0
"""Seconds in which memory that was let go is free, as drivers go."""
STILL: Final = 8
"""Polls without less memory in use, after which it is taken for freed."""
IDLE: Final = 600.0
"""Seconds for which the model is kept beyond the run beside which it stays."""
MODE, ROOM = "gpu sharing", "gpu memory"
"""Topics of what is said: whether the model stays, and what a run waited for."""

Say = Callable[[str, str, Literal["info", "warning"]], None]
"""Takes topic, text and level of a notice; an empty text withdraws the topic's last."""


class Arbiter:
    """A Runner that sees to it that each run has the device, and gives it to the human on demand.

    Args:
        runner: runs and examines.
        clock: for the limit.
        tenant: the model, None where there is none on this machine.
        turns: whether the model leaves the device to runs.
        gated: whether a run waits for memory on the device; it is where runs compute.
        memory: reads the device, None where the machine does not tell.
        holders: names who holds memory on it, for the sentence.
        say: takes notices.
    """

    def __init__(
        self,
        runner: Runner,
        clock: Clock,
        *,
        tenant: Tenant | None,
        turns: bool,
        gated: bool,
        memory: Callable[[], Memory | None],
        holders: Callable[[], tuple[str, ...]],
        say: Say,
    ) -> None:
        self.runner, self._clock, self._tenant = runner, clock, tenant
        self._guest = tenant if turns else None
        self._gated = gated
        self._memory, self._holders, self._say = memory, holders, say
        self._ahead = Ahead()
        self._limit = LIMIT
        self._may_stay = True
        self._stayed = False
        self._size: int | None = None
        self._at_halt: int | None = None

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        """Make room, then run; see `ports.Runner`."""
        self._at_halt = None
        began = self._clock.monotonic()
        stays = self._make_room(order, watch)
        waited = self._clock.monotonic() - began
        if (halt := watch.halted()) is not None:
            return Stopped(reason=halt)
        lookout = Lookout(watch, self._halted, lambda: self._load_ahead(order, stays=stays))
        result = self.runner.run(order, lookout)
        if stays and isinstance(result, Crashed) and "out of memory" in result.reason:
            return self._gave_no_room(result)
        if isinstance(result, Rejected):
            return result
        return replace(result, usage=replace(result.usage, wait=waited))

    def recover(self) -> int:
        """Recover the runs."""
        return self.runner.recover()

    def vacate(self, watch: Watch) -> str:
        """Unload the model, now that no run is on; return in words what that and its end freed."""
        self._ahead.end()
        before = self._memory()
        kept = self._tenant.leave(watch) if self._tenant is not None else None
        if before is None:
            unloaded = f"{self._tenant.name} is unloaded" if self._tenant else "the run is ended"
            return kept or unloaded
        used, self._at_halt = max(before.used, self._at_halt or 0), None
        freed = gib(max(0, used - self._settled(before, watch)))
        return f"{freed} freed; {kept}" if kept else f"{freed} freed"

    # --- before a run --------------------------------------------------------------------------

    def _make_room(self, order: RunOrder, watch: Watch) -> bool:
        """Free what the run needs; return whether the model stays beside it."""
        guest, cut_off = self._guest, self._ahead.end()
        model = guest.held(watch) if guest is not None else None
        if model is None and cut_off:  # The server may go on with a load that nobody waits for.
            model = self._size
        before = self._memory() if self._gated else None
        kept = None
        until = self._clock.monotonic() + self._limit
        if guest is not None and model is not None:
            if self._stays(guest, order, model, before, watch):
                return True
            self._size = model
            kept = guest.leave(watch)
            if kept is None and before is not None:
                self._drain(before.free + model - MARGIN, watch)
        self._await(needed(before, model, order.room), until, kept, watch)
        return False

    def _stays(
        self, guest: Tenant, order: RunOrder, model: int, memory: Memory | None, watch: Watch
    ) -> bool:
        """Decide whether the model stays loaded during this run; say so when that changes."""
        room = order.room
        stays = self._may_stay and fits(memory, model, room)
        stays = stays and guest.stay(order.budget + IDLE, watch)
        if stays != self._stayed and memory is not None and room is not None:
            self._stayed = stays
            sum_ = f"{gib(model)} beside {gib(room)} of the best's runs and {gib(slack(room))} more"
            words = "stays loaded while runs train, idle:" if stays else "is unloaded before runs:"
            fit = "fit" if stays else "do not fit now"
            text = f"{guest.name} {words} {sum_} {fit} in {gib(memory.total)}"
            self._say(MODE, text, "info")
        return stays

    def _drain(self, free: int, watch: Watch) -> None:
        """Let the driver finish: what drains while a run is on would be taken off its peak."""
        until = self._clock.monotonic() + DRAINED
        while (now := self._memory()) is not None and now.free < free:
            if self._clock.monotonic() >= until or watch.wait(POLL) is not None:
                return

    def _await(self, want: int | None, until: float, kept: str | None, watch: Watch) -> None:
        """Wait until `want` bytes are free; when the limit is over, say who holds them."""
        while want is not None and (now := self._memory()) is not None and now.free < want:
            left = until - self._clock.monotonic()
            short = f"{gib(max(0, now.free))} of the {gib(want)} a run needs"
            if left <= 0:
                self._short(short, kept)
                return
            watch.sample(
                ev.WaitingFor(text=f"GPU memory: {short} free", until=self._clock.now() + left)
            )
            halt = watch.wait(min(POLL, left))
            watch.sample(ev.WaitingFor(text=""))
            if halt is not None:
                return
        self._limit = LIMIT
        self._say(ROOM, f"the run went on all the same: {kept}" if kept else "", "warning")

    def _short(self, short: str, kept: str | None) -> None:
        """Say why a run begins without all the memory it may need."""
        neighbours = self._guest.neighbours if self._guest is not None else ()
        who = ", ".join((*neighbours, *self._holders()))
        held = f"held by {who}" if who else "nobody says who holds the rest"
        why = f"{kept}; {held}" if kept else held
        text = f"only {short} were free after {self._limit:g} s, and it went on: {why}"
        self._say(ROOM, text, "warning")
        self._limit = max(LEAST, self._limit / 2)

    # --- during and after it ---------------------------------------------------------------------

    def _halted(self) -> None:
        """Read the device when a run is told to end: what is used then is what its end frees."""
        now = self._memory()
        self._at_halt = None if now is None else now.used

    def _load_ahead(self, order: RunOrder, *, stays: bool) -> None:
        """Load the model again while the examiner finishes, if both fit.

        A repeat is likely to be followed by another one, and an idea that waits by its training, so
        the model would only come and go.
        """
        guest, size, room = self._guest, self._size, order.room
        if guest is None or stays or size is None or room is None or order.role != "scoring run":
            return
        if not guest.wanted:
            return
        most = size + room + MARGIN  # An examination needs no more than the training did.

        def load(watch: Watch) -> None:
            for _ in range(int(DRAINED / POLL)):
                now = self._memory()
                if now is None or now.free >= most:
                    break
                if watch.wait(POLL) is not None:
                    return
            if now is not None and now.free >= most:
                guest.stay(IDLE, watch)

        self._ahead.begin(load)

    def _gave_no_room(self, crash: Crashed) -> Stopped:
        """Take the blame for a run that ran out of memory beside the model."""
        self._may_stay = self._stayed = False
        name = self._guest.name if self._guest is not None else "the model"
        text = f"a run {crash.reason}; {name} was beside it and is unloaded before runs from now on"
        self._say(MODE, text, "warning")
        return Stopped(reason=text, usage=crash.usage, again=True)

    def _settled(self, memory: Memory, watch: Watch) -> int:
        """Return the bytes in use once they no longer fall."""
        lowest, still = memory.used, 0
        while still < STILL and watch.wait(POLL) is None:
            now = self._memory()
            still = 0 if now is not None and now.used < lowest else still + 1
            lowest = lowest if now is None else min(lowest, now.used)
        return lowest


def unheard(topic: str, text: str, level: str) -> None:
    """Take a notice where nobody listens."""
