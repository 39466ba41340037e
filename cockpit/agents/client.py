"""One request at a time to an Ollama server: streamed, timed, cancelled by task, never raising.

Each request has a thread and an event loop of its own, so that nothing outlives it; the engine's
thread follows it, reports what the model says, and ends it as soon as the work is halted.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, TypeVar

from cockpit.agents import failures
from cockpit.agents.errand import Errand
from cockpit.agents.failures import Failure
from cockpit.agents.models import Facts, Loaded, Model, read_facts, read_loaded, read_model
from cockpit.agents.talk import Ask, Part, Reply, talk
from cockpit.ports import Clock, Watch

if TYPE_CHECKING:
    from ollama import AsyncClient

T = TypeVar("T")
TICK: Final = 0.1
"""Seconds between two looks at the watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds a request may take: to connect, to the first token, between tokens, in all.

    `first` covers loading the model and reading the prompt, during which no byte comes: twice the
    `silence` unless stated. `quick` is for questions that need no model. A reply is cut after so
    many `characters`, thinking included, for a server that knows no length limit of its own.
    """

    connect: float = 2.0
    silence: float = 60.0
    first: float | None = None
    total: float = 300.0
    quick: float = 5.0
    characters: int = 65_536

    @property
    def patience(self) -> float:
        """Return the seconds of silence allowed before the first token."""
        return 2 * self.silence if self.first is None else self.first


class ModelServer:
    """The server at `host` (default: OLLAMA_HOST, else this machine's port 11434)."""

    def __init__(self, host: str | None, clock: Clock, limits: Limits | None = None) -> None:
        self.url = address(host)
        self._clock = clock
        self._limits = limits or Limits()

    def chat(self, ask: Ask, watch: Watch, hear: Callable[[Part], None]) -> Reply | Failure:
        """Send one request; `hear` is called in this thread with each part as it comes."""
        said: SimpleQueue[Part | None] = SimpleQueue()

        async def stream(client: AsyncClient) -> Reply:
            return await talk(client, ask, said.put, self._limits.characters)

        errand = self._start(stream, lambda: said.put(None))
        started = heard = self._clock.monotonic()
        patience = self._limits.patience
        while True:
            parts, ended = _drain(said)
            for part in parts:
                hear(part)
            if ended:
                return errand.outcome(self.url, ask.model)
            now = self._clock.monotonic()
            if parts:
                heard, patience = now, self._limits.silence
            failure = None
            if reason := watch.halted():
                failure = Failure(kind="halted", sentence=reason)
            elif now - started > self._limits.total:
                failure = failures.slow(ask.model, self._limits.total)
            elif now - heard > patience:
                failure = failures.silent(self.url, patience)
            if failure is not None:
                errand.cancel()
                return failure

    def models(self, watch: Watch | None = None) -> tuple[Model, ...] | Failure:
        """Return what is installed."""

        async def ask(client: AsyncClient) -> tuple[Model, ...]:
            return tuple(read_model(entry) for entry in (await client.list()).models)

        return self._quick(ask, watch)

    def facts(self, model: str, watch: Watch | None = None) -> Facts | Failure:
        """Return what the server knows of one model."""

        async def ask(client: AsyncClient) -> Facts:
            return read_facts(await client.show(model))

        return self._quick(ask, watch, model)

    def loaded(self, watch: Watch | None = None) -> tuple[Loaded, ...] | Failure:
        """Return which models are in memory now."""

        async def ask(client: AsyncClient) -> tuple[Loaded, ...]:
            return tuple(read_loaded(entry) for entry in (await client.ps()).models)

        return self._quick(ask, watch)

    def unload(self, model: str, watch: Watch | None = None) -> Failure | None:
        """Ask for a model to leave memory; the answer comes before the memory is free."""

        async def ask(client: AsyncClient) -> None:
            await client.generate(model, prompt="", keep_alive=0)

        return self._quick(ask, watch, model)

    def load(self, model: str, window: int, seconds: float, watch: Watch) -> Failure | None:
        """Have a model in memory for `seconds` from now, with a window of so many tokens."""

        async def ask(client: AsyncClient) -> None:
            await client.generate(model, prompt="", keep_alive=seconds, options={"num_ctx": window})

        return self._quick(ask, watch, model, self._limits.patience)

    def _quick(
        self,
        work: Callable[[AsyncClient], Awaitable[T]],
        watch: Watch | None,
        model: str = "",
        limit: float | None = None,
    ) -> T | Failure:
        """Do a request without a reply to wait for, within a limit, by default the `quick` one."""
        limit = self._limits.quick if limit is None else limit
        ended = threading.Event()
        errand = self._start(work, ended.set)
        started = self._clock.monotonic()
        while not ended.wait(TICK):
            reason = watch.halted() if watch else None
            if reason or self._clock.monotonic() - started > limit:
                errand.cancel()
                if reason:
                    return Failure(kind="halted", sentence=reason)
                loading = limit > self._limits.quick
                return failures.silent(self.url, limit, loading=loading)
        return errand.outcome(self.url, model)

    def _start(
        self, work: Callable[[AsyncClient], Awaitable[T]], ended: Callable[[], None]
    ) -> Errand[T]:
        """Begin a request in a thread of its own."""
        connect = self._limits.connect
        longest = max(self._limits.patience, self._limits.silence) + 1

        async def whole() -> T:
            import httpx
            import ollama

            timeout = httpx.Timeout(longest, connect=connect)
            # A proxy from the environment must not come between this machine and itself.
            async with ollama.AsyncClient(self.url, timeout=timeout, trust_env=False) as client:
                return await work(client)

        return Errand(whole(), ended)


def _drain(said: SimpleQueue[Part | None]) -> tuple[list[Part], bool]:
    """Wait a tick for parts; return them joined by kind, and whether the request has ended."""
    parts: list[Part] = []
    try:
        part = said.get(timeout=TICK)
        while part is not None:
            if parts and parts[-1].thinking == part.thinking:
                part = Part(text=parts.pop().text + part.text, thinking=part.thinking)
            parts.append(part)
            part = said.get_nowait()
    except Empty:
        return parts, False
    return parts, True


def address(host: str | None) -> str:
    """Return where to connect; the server's wildcard address means this machine."""
    given = (host or os.environ.get("OLLAMA_HOST", "")).strip() or "127.0.0.1:11434"
    given = given.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - read, never bound
    return (
        given if "://" in given else f"http://{given if given[0] != ':' else '127.0.0.1' + given}"
    )
