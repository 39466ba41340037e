"""The part of the app that knows when its human was away."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from textual.events import Event, Key

from cockpit.tui.themed import Themed
from cockpit.tui.view import View
from cockpit.tui.visits import Visits


class Attended(Themed):
    """An app that opens the morning audit at the first key after an absence."""

    view: View
    visits: Visits | None = None

    @property
    def since(self) -> float:
        """Unix time since which things are new to the human; 0 when everything is."""
        return 0.0 if self.visits is None else self.visits.since

    @property
    def newest(self) -> float:
        """Unix time at which the last trial ended; 0 before the first."""
        ended = (row.ended_at for row in reversed(self.view.board.rows.values()))
        return next((at for at in ended if at is not None), 0.0)

    @abstractmethod
    def welcome(self) -> None:
        """Show what happened meanwhile; each app has its own audit to open."""

    async def on_event(self, event: Event) -> None:
        """Take note of each key; the first one after an absence does nothing else.

        Nobody knows what is new before the journal was read; until then keys are just keys.
        """
        pressed = isinstance(event, Key) and not event.is_forwarded
        if pressed and self.visits is not None and self.view.reading is None:
            back = self.visits.touch(self.newest) and len(self.screen_stack) == 1
            if back or self.visits.due:
                self.run_worker(self._remember(self.visits), exit_on_error=False, group="files")
            if back:
                event.stop()
                self.welcome()
                return
        await super().on_event(event)

    async def _remember(self, visits: Visits) -> None:
        await asyncio.to_thread(visits.save)
