"""Judge a finished session again from its journal: does every verdict follow from its runs?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit import events as ev
from cockpit.engine.case import case_of
from cockpit.engine.fold import Fold
from cockpit.ports import Case, Judge
from cockpit.trial import MoreRuns, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """One verdict of the judge as recorded, and what the judge says to the same runs now."""

    session: str
    trial: int
    case: Case
    recorded: Verdict
    again: Verdict | MoreRuns

    @property
    def agrees(self) -> bool:
        """Say whether the judge decides the same, down to the numbers."""
        return self.recorded == self.again


def rejudge(entries: Iterable[ev.Entry], judge: Judge) -> list[Rejudged]:
    """Return every verdict that rests on values, judged again at the same place of the journal.

    Verdicts without a value are not the judge's: a crash, a time-out, a proposal turned back.
    """
    fold, found = Fold(), list[Rejudged]()
    for entry in entries:
        event = entry.event
        if isinstance(event, ev.TrialJudged) and event.trial > 0:
            verdict = event.verdict
            if verdict.value is not None:
                case = case_of(fold.board, event.trial)
                found.append(
                    Rejudged(
                        session=entry.session,
                        trial=event.trial,
                        case=case,
                        recorded=verdict,
                        again=judge.decide(case),
                    )
                )
        fold.apply(entry)
    return found
