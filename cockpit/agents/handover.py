"""Giving the device back before training: a model that is in memory would distort the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cockpit.agents import failures
from cockpit.agents.client import ModelServer
from cockpit.agents.failures import Failure
from cockpit.agents.models import same
from cockpit.ports import Clock, Watch

if TYPE_CHECKING:
    from cockpit.agents.ollama import OllamaAgent

SECONDS: Final = 10.0
"""How long a model may take to go; half a second to one and a half is usual."""


def unload(server: ModelServer, model: str, clock: Clock, watch: Watch) -> str | None:
    """Unload a model; return None once it is gone, else a sentence why it may be there.

    The server's own answer comes before the memory is free, so its list is polled.
    """
    failure = server.unload(model, watch)
    until = clock.monotonic() + SECONDS
    while failure is None:
        held = server.loaded(watch)
        if isinstance(held, Failure):
            failure = held
        elif not any(same(each.name, model) for each in held):
            return None
        elif clock.monotonic() >= until:
            return (
                f"{model} is still in memory {SECONDS:g} s after it was unloaded; "
                "see with `ollama ps` whether another program uses it"
            )
        elif (halt := watch.wait(0.2)) is not None:
            failure = Failure(kind="halted", sentence=halt)
    if failure == failures.absent(server.url):  # Its memory went with it.
        return None
    return f"{model} may still be in memory: {failure.sentence}"


class Tenant:
    """The model of `agent` as something that is on the device between its questions."""

    def __init__(self, agent: OllamaAgent) -> None:
        self._agent = agent
        self._held: int | None = None
        self.neighbours: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._agent.model

    @property
    def wanted(self) -> bool:
        """Whether the next proposal will ask it; one that waits since an earlier load does not."""
        return not self._agent.spares

    def held(self, watch: Watch) -> int | None:
        """Return the bytes of device memory it holds, as last known; None when it is not loaded.

        What else its server has in memory is in `neighbours` then.
        """
        server = self._agent.server
        models = server.loaded(watch)
        if isinstance(models, Failure):
            self._held = None if models == failures.absent(server.url) else self._held
            return self._held
        self.neighbours = tuple(
            f"{model.name} ({model.vram / 2**30:.1f} GiB, on the same server)"
            for model in models
            if not same(model.name, self.name)
        )
        own = (model.vram for model in models if same(model.name, self.name))
        self._held = next(own, None)
        return self._held

    def leave(self, watch: Watch) -> str | None:
        """Unload it and wait until it is gone; return a sentence if it may be there still."""
        return self._agent.release(watch)

    def stay(self, seconds: float, watch: Watch) -> bool:
        """Have it loaded for `seconds` from now, as it was; False when it was never used, or fails.

        With another window than the one of its questions it would only be loaded twice.
        """
        window = self._agent.window
        if not window:
            return False
        return self._agent.server.load(self.name, window, seconds, watch) is None
