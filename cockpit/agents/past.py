"""What the history says was done: each ended trial as the change it made to its own base."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.agents.space import same
from cockpit.metric import Metric
from cockpit.ports import PastTrial
from cockpit.trial import Constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One past trial as a change of constants, with the incumbent's value when it was made."""

    trial: int
    before: dict[str, Constant]
    changes: dict[str, Constant]
    kept: bool
    crashed: bool
    against: float | None


def steps(history: tuple[PastTrial, ...]) -> list[Step]:
    """Walk the comparable history and return what each trial changed in the constants.

    A trial does not say what its base held, so the incumbent is followed: a keep becomes it. Every
    base is remembered by its digest, so that a revert to an earlier file is followed too.
    """
    bases: dict[str, dict[str, Constant]] = {}
    incumbent: dict[str, Constant] | None = None
    value: float | None = None
    walked: list[Step] = []
    for row in history:
        if not row.comparable or row.word is None:
            continue
        kept = row.word in ("keep", "simpler")
        if row.lane is not None and incumbent is not None:
            before = bases.setdefault(row.base, incumbent)
            changes = {
                name: now for name, now in row.constants.items() if not same(before.get(name), now)
            }
            against = value if row.value is None or row.delta is None else row.value - row.delta
            walked.append(
                Step(
                    trial=row.trial,
                    before=before,
                    changes=changes,
                    kept=kept,
                    crashed=row.word == "crash",
                    against=against,
                )
            )
        if incumbent is None or kept:
            incumbent, value = row.constants, row.value
    return walked


def improved(metric: Metric, now: float | None, since: float | None, share: float) -> bool:
    """Say whether the incumbent became better than `since` by more than a share of it."""
    return now is not None and since is not None and metric.gain(now, since) > share * abs(since)
