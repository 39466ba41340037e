"""Verdicts in words: one sentence that carries the numbers."""

from __future__ import annotations

from cockpit.judges.standing import Standing
from cockpit.metric import Direction
from cockpit.ports import Case
from cockpit.trial import Verdict, VerdictWord

SURE = 3.0
"""Standard errors from which a gain is not called noise, even where it is no keep."""
FEW = 4
"""Degrees of freedom below which a gain of many sigma may still be no keep: sigma is a guess."""


def verdict(word: VerdictWord, case: Case, at: Standing, but: str = "") -> Verdict:
    """Return a verdict whose sentence carries its numbers; `but` says why a gain is no keep."""
    sigma = at.noise.sigma if at.noise.known else None
    delta = -at.gain if case.metric.direction is Direction.MINIMIZE else at.gain
    return Verdict(
        word=word,
        reason=_reason(word, case, at, but) + _circumstances(at),
        value=at.value,
        delta=delta,
        sigma=sigma,
        sigmas=None if sigma is None else delta / sigma,
        runs=at.runs,
        incumbent_runs=at.incumbent_runs,
    )


def _reason(word: VerdictWord, case: Case, at: Standing, but: str) -> str:
    """Return the verdict's sentence; values read at the metric's own precision."""
    size = case.metric.format(abs(at.gain))
    way = "better" if at.gain > 0 else "worse"
    after = "" if at.runs > 1 else " after one run"
    sigmas = f"{abs(at.gain) / at.noise.sigma:.1f} sigma" if at.noise.known else ""
    runs = f"{at.runs} runs against {at.incumbent_runs}" if at.runs > 1 else ""
    worth = ", ".join(part for part in (sigmas, runs) if part)
    if word == "keep":
        return f"{case.metric.format(at.value)} is {size} better than the best ({worth})"
    if word == "simpler":
        fewer = case.incumbent_nodes - case.candidate_nodes
        return f"{fewer} nodes fewer at {size} {way} than the best ({worth})"
    if not at.noise.known:
        return f"{size} worse than the best{after}; the noise floor is not yet known"
    if but:
        return f"{size} {way} than the best ({worth}), but {but}"
    within = ""
    if at.gain > 0:
        within = " is within the noise" if at.ratio() < SURE else " is not sure enough"
        if at.ratio() >= SURE and at.noise.freedom < FEW:
            repeats = "1 repeat" if at.noise.freedom == 1 else f"{at.noise.freedom} repeats"
            worth += f", sigma known from {repeats} alone"
    return f"{size} {way} than the best{within}{after} ({worth})"


def _circumstances(at: Standing) -> str:
    """Return what else the reader must know of the runs, beginning with a semicolon."""
    said = ""
    if at.shared:
        said += "; the machine was shared" + ("" if at.like else ", but not when the best ran")
    elif at.left_out:
        said += f"; {at.left_out} more on a shared machine not counted"
    if at.change is not None:
        change = f"{abs(at.change):.1f} sigma {'better' if at.change > 0 else 'worse'}"
        said += f"; the best runs {change} than it did before, and only its new runs count"
    return said
