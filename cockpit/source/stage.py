"""From a proposal to a candidate: apply, compile, guard, describe. Pure; writes nothing."""

from __future__ import annotations

from cockpit.constraints import NO_BOUNDS, Bounds
from cockpit.digest import digest_of
from cockpit.source import diff, edits, guard, limits, normal
from cockpit.source.constants import values
from cockpit.source.syntax import compile_error
from cockpit.trial import Candidate, Proposal, Rejected


def stage(proposal: Proposal, base: str, bounds: Bounds = NO_BOUNDS) -> Candidate | Rejected:
    """Apply the proposal's edit to the text `base` and hold the result against compiler and guard.

    Returns:
        The candidate, or Rejected at stage `apply`, `compile`, `guard` or `constraints` with advice
        to its maker.
    """
    try:
        return _stage(proposal, base, bounds)
    except (ValueError, OverflowError, RecursionError, MemoryError):
        # A night must not end with whatever a text can still make Python raise.
        return Rejected(
            stage="compile",
            reason="train.py nests too deep, or holds a number too large, to be read",
            advice="train.py could not be read after your edit. Make a smaller, plainer change.",
        )


def _stage(proposal: Proposal, base: str, bounds: Bounds) -> Candidate | Rejected:
    text = edits.apply(proposal.edit, base)
    if isinstance(text, Rejected):
        return text
    fault = compile_error(text)
    if fault is not None:
        return Rejected(
            stage="compile",
            reason=fault,
            advice=f"{fault}. Mend that line and send the edit again.",
        )
    verdict = guard.check(text, base)
    if isinstance(verdict, Rejected):
        return verdict
    over = limits.check(text, base, bounds)
    if over is not None:
        return over
    return Candidate(
        text=text,
        digest=digest_of(text),
        key=normal.key(text),
        base=digest_of(base),
        nodes=normal.nodes(text),
        summary=diff.summary(base, text),
        diff=diff.unified(base, text),
        constants=values(text),
        warnings=verdict,
    )


def describe(text: str) -> Candidate:
    """Return an unedited file as a candidate whose base is itself; trial 0, the baseline."""
    return Candidate(
        text=text,
        digest=digest_of(text),
        key=normal.key(text),
        base=digest_of(text),
        nodes=normal.nodes(text),
        summary="the unedited file",
        diff="",
        constants=values(text),
    )
