"""Giving the device back before training: a model that is in memory would distort the run."""

from __future__ import annotations

from typing import Final

from cockpit.agents import failures
from cockpit.agents.client import ModelServer
from cockpit.agents.failures import Failure
from cockpit.agents.models import same
from cockpit.ports import Clock, Watch

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
