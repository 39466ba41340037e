"""The rules the judge is measured beside: upstream's, the plain one, and itself without eyes."""

from __future__ import annotations

from statistics import fmean

from cockpit.judges.noise import pooled
from cockpit.judges.sequential import Bounds
from cockpit.ports import Case
from cockpit.trial import MoreRuns, Verdict

BLIND = Bounds(
    beside=0,
    beside_keep=-1e9,
    enormous_beside=0,
    fresh=10**9,
    losses=10**9,
    doubt=1e9,
    disagreement=1e9,
)
"""The same test, not looking at when a run was taken: all runs of a file count alike."""


class AnyImprovement:
    """Upstream's rule: one run, and any improvement over the incumbent's run is kept."""

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return keep for anything better."""
        kept = case.metric.better(case.candidate[0].value, case.incumbent[0].value)
        return Verdict(word="keep" if kept else "discard", reason="one run")


class TwoErrors:
    """The plain rule: three runs of each, kept from two standard errors on, no t-correction."""

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return keep from two standard errors on."""
        if len(case.incumbent) < 3:
            return MoreRuns(of="incumbent", why="three runs are the rule")
        candidate = tuple(run.value for run in case.candidate)
        incumbent = tuple(run.value for run in case.incumbent)
        gain = case.metric.gain(fmean(candidate), fmean(incumbent))
        if gain <= 0:
            return Verdict(word="discard", reason="not better")
        if len(candidate) < 3:
            return MoreRuns(of="candidate", why="three runs are the rule")
        spreads = (tuple(run.value for run in group) for group in case.spreads)
        noise = pooled((candidate, incumbent, *spreads))
        kept = noise.ratio(gain, len(candidate), len(incumbent)) >= 2
        return Verdict(word="keep" if kept else "discard", reason="two standard errors")
