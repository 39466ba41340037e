"""One asynchronous piece of work in a thread of its own, that another thread can end.

Closing a synchronous stream from another thread does not work; cancelling a task does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from cockpit.agents import failures
from cockpit.agents.failures import Failure

T = TypeVar("T")


class Errand(Generic[T]):
    """One coroutine in a thread and loop of its own."""

    def __init__(self, work: Coroutine[Any, Any, T], ended: Callable[[], None]) -> None:
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(work)
        self._ended = ended
        self._thread = threading.Thread(target=self._run, name="model request", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Close the connection, so that the server stops too; waits half a second for that."""
        try:
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:  # The loop closed between our look and this call: it has ended.
            return
        self._thread.join(0.5)

    def outcome(self, url: str, model: str) -> T | Failure:
        """Return what came of it; only once `ended` was called."""
        self._thread.join()
        error = self._task.exception()
        return self._task.result() if error is None else failures.explain(error, url, model)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(asyncio.wait([self._task]))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()
            self._ended()
