"""The judge: a sequential test that asks for runs only while they can change the verdict.

The candidate's mean is held against the incumbent's, in units of the noise floor. What is clearly
not better after one run is discarded; what may be better is run again, beside the incumbent, with
fresh seeds. Where the bounds come from, and what they cost and miss, is printed by
`python -m bench.judge`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

from cockpit.judges.noise import Noise, pooled
from cockpit.ports import Case
from cockpit.trial import MoreRuns, Verdict, VerdictWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The numbers of the test, chosen by simulation.

    Attributes:
        futility: after n runs, a gain of fewer standard errors than `futility[n - 1]` is a
            discard; one run more than there are entries is the last.
        keep: the normal deviate from which a candidate with `runs` runs is kept.
        runs: what a keep is topped up to; its runs then serve as the next incumbent's.
        freedom: degrees of freedom sigma needs; below, the incumbent is first brought to
            `incumbent_runs`, and nothing that looks better is discarded.
        enormous: a gain of so many sigma needs no more than `enormous_runs` runs.
        simpler_margin: the loss in sigma that a simpler file must be shown to stay under,
            `simpler_keep` being the deviate that shows it and `simpler_futility` the one below
            which it is not run again.
        simpler_drift: how far in sigma such keeps may together fall behind the best value.
    """

    futility: tuple[float, ...] = (0.65, 1.1, 1.4, 1.7, 2.0, 2.3, 2.6)
    keep: float = 3.2
    runs: int = 4
    incumbent_runs: int = 5
    freedom: int = 4
    enormous: float = 6.0
    enormous_runs: int = 2
    simpler_margin: float = 0.5
    simpler_keep: float = 1.28
    simpler_futility: float = 0.5
    simpler_drift: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """Where a candidate stands: its gain over the incumbent, and the noise it is held against."""

    value: float
    gain: float
    noise: Noise
    runs: int
    incumbent_runs: int

    def ratio(self) -> float:
        """Return the gain in standard errors."""
        return self.noise.ratio(self.gain, self.runs, self.incumbent_runs)

    def z(self, margin: float = 0.0) -> float:
        """Return the gain, with a margin in sigma granted to it, as a normal deviate."""
        gain = self.gain + margin * self.noise.sigma
        return self.noise.z(gain, self.runs, self.incumbent_runs)


class SequentialJudge:
    """Decides by bounds that were chosen by simulation; pure and deterministic.

    One case asks for fourteen more runs at the very most: both files are run up to eight times. The
    usual one asks for none.

    Args:
        bounds: the numbers of the test.
    """

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return the verdict, or which file to run once more."""
        if not case.incumbent:
            return MoreRuns(of="incumbent", why="the best has no measured value yet")
        if case.contended and len(case.candidate) == 1:
            return MoreRuns(of="candidate", why="something else used the machine during its run")
        at = _stand(case)
        if at.gain > 0 and not at.noise.known:
            return MoreRuns(of="incumbent", why="the noise floor is not yet known")
        if not at.noise.known:
            return _verdict("discard", case, at)
        return self._weigh(case, at)

    def _weigh(self, case: Case, at: _Standing) -> Verdict | MoreRuns:
        bounds, z = self.bounds, at.z()
        enough = at.noise.freedom >= bounds.freedom
        last = at.runs > len(bounds.futility)
        if at.ratio() < (bounds.futility[at.runs - 1] if enough and not last else 0.0):
            return self._weigh_simpler(case, at)
        enormous = at.gain >= bounds.enormous * at.noise.sigma and at.gain > 0
        if z >= bounds.keep and at.runs >= (bounds.enormous_runs if enormous else bounds.runs):
            return _verdict("keep", case, at)
        if last:
            return self._weigh_simpler(case, at)
        if enormous and at.runs < bounds.enormous_runs:
            return MoreRuns(of="candidate", why="an enormous gain must come twice")
        if enough and z >= bounds.keep:
            return MoreRuns(of="candidate", why=f"a keep rests on {bounds.runs} runs")
        return self._next_run(at, "it may be better than the best")

    def _weigh_simpler(self, case: Case, at: _Standing) -> Verdict | MoreRuns:
        """Keep a smaller file that costs nothing worth having, else discard it."""
        bounds = self.bounds
        best = at.value if case.best_value is None else case.best_value
        drift = case.metric.gain(best, at.value)
        if (
            case.candidate_nodes >= case.incumbent_nodes
            or drift >= bounds.simpler_drift * at.noise.sigma
        ):
            return _verdict("discard", case, at)
        z, enough = at.z(bounds.simpler_margin), at.noise.freedom >= bounds.freedom
        if at.runs >= bounds.runs and enough:
            return _verdict("simpler" if z >= bounds.simpler_keep else "discard", case, at)
        if z < bounds.simpler_futility:
            return _verdict("discard", case, at)
        return self._next_run(at, "it is simpler and may be as good")

    def _next_run(self, at: _Standing, why: str) -> MoreRuns:
        bounds = self.bounds
        if at.noise.freedom < bounds.freedom and at.incumbent_runs < bounds.incumbent_runs:
            return MoreRuns(of="incumbent", why="the noise floor rests on too few repeats")
        # Where it narrows the difference most; at a tie the incumbent, whose runs serve again.
        if at.incumbent_runs <= at.runs:
            return MoreRuns(of="incumbent", why=f"{why}, which may have been unlucky")
        return MoreRuns(of="candidate", why=why)


def _stand(case: Case) -> _Standing:
    own = (case.candidate, case.incumbent)
    others = (group for group in case.spreads if group not in own)
    # Below the resolution that people read there is no difference, hence the floor.
    noise = pooled((*own, *others), floor=10.0**-case.metric.decimals / math.sqrt(12))
    value = fmean(case.candidate)
    return _Standing(
        value=value,
        gain=case.metric.gain(value, fmean(case.incumbent)),
        noise=noise,
        runs=len(case.candidate),
        incumbent_runs=len(case.incumbent),
    )


def _verdict(word: VerdictWord, case: Case, at: _Standing) -> Verdict:
    sigma = at.noise.sigma if at.noise.known else None
    delta = at.value - fmean(case.incumbent)
    return Verdict(
        word=word,
        reason=_reason(word, case, at) + ("; the machine was shared" if case.contended else ""),
        value=at.value,
        delta=delta,
        sigma=sigma,
        sigmas=None if sigma is None else delta / sigma,
        runs=at.runs,
        incumbent_runs=at.incumbent_runs,
    )


def _reason(word: VerdictWord, case: Case, at: _Standing) -> str:
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
    within = " is within the noise" if at.gain > 0 else ""
    return f"{size} {way} than the best{within}{after} ({worth})"
