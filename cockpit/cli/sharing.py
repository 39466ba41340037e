"""One GPU for model and training: what the arbiter is told of this machine."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import urlsplit

from cockpit.agents.client import address
from cockpit.agents.handover import Tenant
from cockpit.agents.ollama import OllamaAgent
from cockpit.arena import tree
from cockpit.arena.meter import Meter, first_visible
from cockpit.arena.telemetry import Gpus
from cockpit.config import Settings
from cockpit.gpu import Arbiter, Memory
from cockpit.gpu.arbiter import Say
from cockpit.ports import Clock, Runner

LOCAL: Final = ("localhost", "127.0.0.1", "::1")


class Card:
    """The GPU that runs compute on, as NVML shows it."""

    def __init__(self, gpus: Gpus) -> None:
        self._gpus = gpus
        self._index = first_visible(os.environ.get("CUDA_VISIBLE_DEVICES"))

    def memory(self) -> Memory | None:
        """Return a reading of its memory, None where the machine does not tell."""
        gpu = next((gpu for gpu in self._gpus.read() if gpu.index == self._index), None)
        if gpu is None or gpu.memory_total is None or gpu.memory_used is None:
            return None
        return Memory(total=gpu.memory_total, used=gpu.memory_used)

    def holders(self) -> tuple[str, ...]:
        """Name the processes that hold memory on it and are not ours."""
        own = {os.getpid(), *tree.descendants(os.getpid())}
        return tuple(str(one) for one in self._gpus.holders(self._index, own))

    def meter(self) -> Meter:
        """Return what watches one run on it; what others hold as it begins is not the run's."""
        now = self.memory()
        return Meter(self._gpus, self._index, before=now.used if now is not None else 0)


def takes_turns(settings: Settings, *, cuda: bool) -> bool:
    """Say whether the model leaves the device to runs; `cuda`: they compute on a GPU."""
    unload = settings.agent.unload
    return unload == "always" or (unload == "auto" and cuda and here(settings))


def here(settings: Settings) -> bool:
    """Say whether the model server is on this machine."""
    return urlsplit(address(settings.agent.host or None)).hostname in LOCAL


def arbiter(
    runner: Runner,
    clock: Clock,
    card: Card,
    *,
    model: OllamaAgent | None,
    turns: bool,
    gated: bool,
    say: Say,
) -> Arbiter:
    """Return the runner that sees to it that each run has the device.

    `model` is that of this machine, or None; `turns` and `gated` are as in `Arbiter`.
    """
    return Arbiter(
        runner,
        clock,
        tenant=Tenant(model) if model is not None else None,
        turns=turns,
        gated=gated,
        memory=card.memory,
        holders=card.holders,
        say=say,
    )
