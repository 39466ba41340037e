"""Session: the background thread that owns the loop. Front ends start it, listen, and join it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cockpit import events as ev
from cockpit.engine.control import Control
from cockpit.engine.desk import Desk, Opening, Plan, fan_out
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.errors import CockpitError, LedgerError
from cockpit.ports import Clock, Judge, Ledger, Listener, Scribe, Watch, Workspace

Prepare = Callable[[Watch], Opening]
"""Sets up what is missing (data, isolation, agents) and says what it found; may take minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the session's work ended; `error` is set when it was not meant to."""

    reason: str
    error: BaseException | None = None


class SetupWatch:
    """The Watch of the set-up: nothing is journalled yet, only a stop is heard."""

    def __init__(self, control: Control, tell: Callable[[ev.Sample], None]) -> None:
        self._control = control
        self._tell = tell

    def halted(self) -> str | None:
        """Return why to stop, or None."""
        return self._control.stopping or None

    def wait(self, seconds: float) -> str | None:
        """Wait up to `seconds` on the human."""
        self._control.wait(seconds)
        return self.halted()

    def sample(self, sample: ev.Sample) -> None:
        """Tell the listeners."""
        self._tell(sample)


class Session:
    """Runs set-up and loop in a plain background thread, so that headless has the same one.

    `past` is the journal so far, gone through once in that thread; None reads the ledger.
    """

    def __init__(
        self,
        *,
        prepare: Prepare,
        plan: Plan,
        workspace: Workspace,
        judge: Judge,
        ledger: Ledger,
        scribe: Scribe,
        clock: Clock,
        control: Control,
        listeners: list[Listener],
        past: Iterable[ev.Entry] | None = None,
    ) -> None:
        self._prepare = prepare
        self._plan = plan
        self._workspace = workspace
        self._judge = judge
        self._ledger = ledger
        self._scribe = scribe
        self._clock = clock
        self.control = control
        self._listeners = listeners
        self._past = past
        self.outcome: Outcome | None = None
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; say whether it has come. What was never started is over."""
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        desk: Desk | None = None
        try:
            fold = Fold(self._ledger.read() if self._past is None else self._past)
            watch = SetupWatch(self.control, fan_out(self._listeners))
            opening = self._prepare(watch)
            desk = Desk(
                plan=self._plan,
                opening=opening,
                workspace=self._workspace,
                judge=self._judge,
                ledger=self._ledger,
                scribe=self._scribe,
                clock=self._clock,
                control=self.control,
                fold=fold,
                listeners=self._listeners,
            )
            self.outcome = Outcome(reason=run_session(desk))
        except CockpitError as error:
            if self.control.stopping and desk is None:
                self.outcome = Outcome(reason=self.control.stopping)
                return
            self._fail(desk, error)
        except BaseException as error:  # the thread's last word: it must reach the front end
            self._fail(desk, error)

    def _fail(self, desk: Desk | None, error: BaseException) -> None:
        reason = str(error) if isinstance(error, CockpitError) else repr(error)
        self.outcome = Outcome(reason=reason, error=error)
        self._say_ended(desk, reason, error)

    def _say_ended(self, desk: Desk | None, reason: str, error: BaseException) -> None:
        if desk is None or not desk.tag or isinstance(error, LedgerError):
            return
        try:
            desk.emit(ev.Noticed(level="needs human", topic="stopped", text=reason))
            desk.emit(ev.SessionEnded(reason=reason))
        except LedgerError:
            return
