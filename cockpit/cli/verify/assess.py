"""From what was measured to a word on one keep; pure."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.verification import Verification
from cockpit.judges.intervals import interval, word
from cockpit.metric import Direction
from cockpit.trial import Completed


def assess(found: Verification, keep: ev.VerifyKeep) -> ev.KeepVerified:
    """Return what the pairs say of a keep."""
    sign = -1 if found.metric.direction is Direction.MINIMIZE else 1
    values = found.values
    shown = interval(values, keep.old, keep.new, sign)
    ran = [
        result
        for (digest, _), result in found.results.items()
        if digest in (keep.old, keep.new) and isinstance(result, Completed)
    ]
    common = values[keep.old].keys() & values[keep.new].keys()
    return ev.KeepVerified(
        verify=found.plan.verify,
        keep=keep,
        word=word(shown, judged_by=keep.sigma, simpler=keep.simpler),
        pairs=len(common),
        shared=sum(bool(result.usage.contended) for result in ran),
        gain=shown.gain if shown else None,
        low=shown.low if shown else None,
        high=shown.high if shown else None,
        sigma=shown.sigma if shown else None,
        freedom=shown.freedom if shown else None,
        note="; ".join(_failures(found, keep)),
    )


def _failures(found: Verification, keep: ev.VerifyKeep) -> list[str]:
    """Say which of the two files did not come through, and why."""
    told: list[str] = []
    for digest, whose in ((keep.new, "it"), (keep.old, "its predecessor")):
        own = [result for (each, _), result in found.results.items() if each == digest]
        failed = [result for result in own if not isinstance(result, Completed)]
        if failed:
            runs = f"{len(failed)} of {len(own)} runs"
            told.append(f"{whose} failed in {runs}: {failed[-1].reason}")
    return told
