"""When a session was at work and when not: a fold of its entries beside the Board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cockpit import events as ev

KILLED = "it was killed, or the power went"
PAUSED = "paused"
RELEASED = "the GPU was yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A span in which the session did no work: when it began (Unix time), seconds, and why."""

    at: float
    seconds: float
    why: str


@dataclass(slots=True)
class Track:
    """One session: its breaks, oldest first, and when its best was last measured again."""

    breaks: list[Break] = field(default_factory=list)
    remeasured_at: float | None = None
    began: float | None = None
    last: float = 0.0
    _away: tuple[float, str] | None = None
    _running: bool = False

    def apply(self, entry: ev.Entry) -> None:
        """Advance by one entry of the session."""
        match entry.event:
            case ev.SessionResumed():
                if self._running:  # the last one did not get to say that it ended
                    self._away = (self.last, KILLED)
                self._back(entry.at)
                self._running = True
            case ev.SessionStarted():
                self._running = True
            case ev.SessionEnded(reason=reason):
                self._back(entry.at)
                self._away, self._running = (entry.at, reason), False
            case ev.RequestAcknowledged(request="pause", state="done"):
                self._away = self._away or (entry.at, PAUSED)
            case ev.RequestAcknowledged(request="release", state="done"):
                self._away = self._away or (entry.at, RELEASED)
            case ev.RequestAcknowledged(request="resume") if self._away and self._running:
                self._back(entry.at)
            case ev.BestRemeasured():
                self.remeasured_at = entry.at
            case _:
                pass
        self.began = entry.at if self.began is None else self.began
        self.last = entry.at

    def breaks_until(self, at: float) -> tuple[Break, ...]:
        """Return the breaks, one that is still going on included, as of `at` (Unix time)."""
        if self._away is None:
            return tuple(self.breaks)
        since, why = self._away
        return (*self.breaks, Break(at=since, seconds=max(0.0, at - since), why=why))

    def _back(self, at: float) -> None:
        if self._away is not None:
            since, why = self._away
            self.breaks.append(Break(at=since, seconds=max(0.0, at - since), why=why))
            self._away = None


class Timeline:
    """The tracks of all sessions in a journal."""

    def __init__(self, entries: Iterable[ev.Entry] = ()) -> None:
        self._tracks: dict[str, Track] = {}
        for entry in entries:
            self.apply(entry)

    def apply(self, entry: ev.Entry) -> None:
        """Advance by one entry, of whichever session."""
        track = self._tracks.get(entry.session)
        if track is None:
            track = self._tracks[entry.session] = Track()
        track.apply(entry)

    def of(self, session: str) -> Track:
        """Return the track of a session; an empty one when nothing is known of it."""
        return self._tracks.get(session) or Track()
