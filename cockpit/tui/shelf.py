"""What is read from disk or git about a trial: asked for while drawing, fetched off the screen's
thread, remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from cockpit import events as ev
from cockpit.errors import CockpitError, WorkspaceError
from cockpit.tui.hunks import between

MOST = 256
"""Things remembered; beyond, the oldest are forgotten and read again when asked for."""


def no_steps(_trial: int) -> Sequence[ev.StepLogged]:
    """Know no curve of the past; the default where run folders are not at hand."""
    return ()


def no_log(_trial: int) -> Sequence[str]:
    """Know no log of the past."""
    return ()


def no_text(trial: int) -> str:
    """Know no archived file; the default where no workspace is at hand."""
    raise WorkspaceError(f"the file of trial {trial} is not at hand", "open the workspace itself")


@dataclass(frozen=True, slots=True)
class Difference:
    """The unified diff of two trials' files, or why there is none."""

    text: str = ""
    trouble: str = ""


Key = tuple[str, int, int]


@dataclass(slots=True, kw_only=True)
class Shelf:
    """Knows what was fetched, and what has been asked for since.

    Attributes:
        text_of: returns the archived `train.py` of a trial; may raise CockpitError.
        log_of: returns the last log lines of a trial.
        steps_of: returns the loss curve of a trial.
        wanted: called in the screen's thread when something new is asked for.
    """

    text_of: Callable[[int], str] = no_text
    log_of: Callable[[int], Sequence[str]] = no_log
    steps_of: Callable[[int], Sequence[ev.StepLogged]] = no_steps
    wanted: Callable[[], object] = lambda: None
    _known: dict[Key, object] = field(default_factory=dict)
    _asked: dict[Key, Callable[[], object]] = field(default_factory=dict)

    def difference(self, old: int, new: int) -> Difference | None:
        """Return how trial `new`'s file differs from `old`'s; None while it is not known yet."""
        found = self._get(("difference", old, new), lambda: self._compare(old, new))
        return found if isinstance(found, Difference) else None

    def log(self, trial: int, runs: int) -> Sequence[str]:
        """Return the last log lines of a trial that had so many runs; none while not known yet."""
        found = self._get(("log", trial, runs), lambda: tuple(self.log_of(trial)))
        return found if isinstance(found, tuple) else ()

    def steps(self, trial: int) -> Sequence[ev.StepLogged]:
        """Return the loss curve of a trial; none while it is not known yet."""
        found = self._get(("steps", trial, 0), lambda: tuple(self.steps_of(trial)))
        return found if isinstance(found, tuple) else ()

    def errands(self) -> list[Callable[[], None]]:
        """Return what has to be fetched since the last call; to be called in another thread."""
        asked, self._asked = self._asked, {}
        return [partial(_fetch, self._known, key, fetch) for key, fetch in asked.items()]

    def forget(self) -> None:
        """Let go of everything, and of what is still being fetched: the numbers mean others now."""
        self._known, self._asked = {}, {}

    def _get(self, key: Key, fetch: Callable[[], object]) -> object:
        if key not in self._known:
            self._known[key] = None
            self._asked[key] = fetch
            self.wanted()
        return self._known[key]

    def _compare(self, old: int, new: int) -> Difference:
        try:
            return Difference(between(self.text_of(old), self.text_of(new)))
        except CockpitError as error:
            return Difference(trouble=str(error))


def _fetch(known: dict[Key, object], key: Key, fetch: Callable[[], object]) -> None:
    """Fetch into what was known when it was asked for: it may be forgotten by now."""
    known[key] = fetch()
    if len(known) > MOST:
        del known[next(iter(known))]
