"""The judge: a sequential test that asks for runs only while they can change the verdict.

The candidate's mean is held against the incumbent's, like with like (`cockpit.judges.standing`), in
units of the noise floor. What is clearly not better after one run is discarded; what may be better
is run again, beside the incumbent, with fresh seeds. Where the bounds come from, and what they cost
and miss, is printed by `python -m bench.judge`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.judges.reasons import verdict
from cockpit.judges.standing import Standing, stand
from cockpit.orders import STRETCH
from cockpit.ports import Case
from cockpit.trial import MoreRuns, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The numbers of the test, chosen by simulation.

    Attributes:
        futility: after n runs, a gain of fewer standard errors than `futility[n - 1]` is a
            discard; one run more than there are entries is the last.
        keep: the normal deviate from which a candidate with `runs` runs is kept.
        runs: what a keep is topped up to; its runs then serve as the next incumbent's.
        beside: how often the incumbent must have been run since the candidate's first run, and
            `beside_keep` by how many standard errors the candidate must beat these runs alone; up
            to `runs` such runs are made to see it.
        freedom: degrees of freedom sigma needs; below, the incumbent is first brought to
            `incumbent_runs`, and nothing that looks better is discarded.
        enormous: a gain of so many sigma needs no more than `enormous_runs` runs, and
            `enormous_beside` of the incumbent.
        most: how often the incumbent is run for one candidate at most; then it is judged by what
            there is.
        company: a run on a shared machine is repeated, unless it lost so many standard errors to
            the incumbent's runs in like company.
        fresh: the incumbent is run again when it last ran more runs ago than this.
        losses: it is also run again when so many of the last `lately` candidates lost `loss` sigma.
        doubt: the normal deviate by which its newest runs may differ from its older ones; from
            there on it is brought to `renewed` new ones.
        disagreement: the normal deviate from which its older runs count no longer.
        simpler_margin: the loss in sigma that a simpler file must be shown to stay under,
            `simpler_keep` being the deviate that shows it and `simpler_futility` the one below
            which it is not run again.
        simpler_drift: how far in sigma such keeps may together fall behind the best value.
    """

    futility: tuple[float, ...] = (0.65, 1.15, 1.45, 1.75, 2.05, 2.35, 2.65)
    keep: float = 3.2
    runs: int = 4
    beside: int = 2
    beside_keep: float = 2.0
    incumbent_runs: int = 5
    freedom: int = 4
    enormous: float = 6.0
    enormous_runs: int = 2
    enormous_beside: int = 1
    most: int = 7
    company: float = 1.0
    fresh: int = STRETCH
    losses: int = 4
    lately: int = 5
    loss: float = 1.5
    doubt: float = 1.2
    disagreement: float = 2.6
    renewed: int = 3
    simpler_margin: float = 0.5
    simpler_keep: float = 1.28
    simpler_futility: float = 0.5
    simpler_drift: float = 1.0


class SequentialJudge:
    """Decides by bounds that were chosen by simulation; pure and deterministic.

    The usual case asks for no more runs; at the very most it is seven of each file.

    Args:
        bounds: the numbers of the test.
    """

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()

    def decide(self, case: Case) -> Verdict | MoreRuns:
        """Return the verdict, or which file to run once more."""
        if not case.incumbent:
            return MoreRuns(of="incumbent", why="the best has no measured value yet")
        at = stand(case, self.bounds.fresh, self.bounds.disagreement)
        decision = self._like_with_like(case, at) or self._judge(case, at)
        if isinstance(decision, MoreRuns) and at.like:
            other = _in_the_machine_of_now(case, at, decision)
            room = not self._last(case, at) if other.of == "candidate" else not self._spent(at)
            return other if room else decision
        return decision

    def _judge(self, case: Case, at: Standing) -> Verdict | MoreRuns:
        if not at.noise.known:
            if at.gain > 0 and not self._spent(at):
                return MoreRuns(of="incumbent", why="the noise floor is not yet known")
            return verdict("discard", case, at)
        return self._weigh(case, at)

    def _like_with_like(self, case: Case, at: Standing) -> MoreRuns | None:
        """Ask for a run under the circumstances of the other file's, where there is none."""
        bounds = self.bounds
        if self._spent(at):
            return None
        if len(case.candidate) == 1 and case.candidate[0].contended:
            if at.like and at.noise.known and at.ratio() <= -bounds.company:
                return None
            why = "something else used the machine during its run"
            return MoreRuns(of="candidate", why=why)
        if not at.like:
            if case.incumbent[-1].tick < case.candidate[-1].tick:
                why = "the machine is shared: the best is run beside it"
                return MoreRuns(of="incumbent", why=why)
            return None
        if at.age > bounds.fresh:
            return MoreRuns(of="incumbent", why=f"the best was last run {at.age} runs ago")
        if not at.repeats and self._losing(case, at):
            return MoreRuns(of="incumbent", why="nearly all lose of late: is it the machine?")
        doubtful = at.change is not None or at.doubt >= bounds.doubt
        if doubtful and at.recent < bounds.renewed:
            return MoreRuns(of="incumbent", why="the machine may have changed since the best ran")
        return None

    def _weigh(self, case: Case, at: Standing) -> Verdict | MoreRuns:
        bounds, z = self.bounds, at.z()
        enough = at.noise.freedom >= bounds.freedom
        last = self._last(case, at)
        futility = bounds.futility[at.runs - 1] if enough and not last else 0.0
        if at.ratio() < futility:
            return self._weigh_simpler(case, at)
        enormous = at.gain >= bounds.enormous * at.noise.sigma and at.gain > 0
        runs, beside = (
            (bounds.enormous_runs, bounds.enormous_beside)
            if enormous
            else (bounds.runs, bounds.beside)
        )
        if z >= bounds.keep and at.runs >= runs:
            if at.beside >= beside and at.beside_ratio >= bounds.beside_keep:
                return verdict("keep", case, at)
            if at.beside < bounds.runs and not self._spent(at):
                why = "a keep is held against the best run beside it"
                return MoreRuns(of="incumbent", why=why)
            return verdict("discard", case, at, "not shown against the best run beside it")
        if last:
            return self._weigh_simpler(case, at)
        if enormous and at.beside < bounds.enormous_beside:
            return MoreRuns(of="incumbent", why="an enormous gain may be the machine's")
        if enormous and at.runs < bounds.enormous_runs:
            return MoreRuns(of="candidate", why="an enormous gain must come twice")
        if enough and z >= bounds.keep:
            return MoreRuns(of="candidate", why=f"a keep rests on {bounds.runs} runs")
        return self._next_run(at, "it may be better than the best")

    def _weigh_simpler(self, case: Case, at: Standing) -> Verdict | MoreRuns:
        """Keep a smaller file that costs nothing worth having, else discard it."""
        bounds = self.bounds
        if (
            case.candidate_nodes >= case.incumbent_nodes
            or at.lost >= bounds.simpler_drift * at.noise.sigma
        ):
            return verdict("discard", case, at)
        z, enough = at.z(bounds.simpler_margin), at.noise.freedom >= bounds.freedom
        if (at.runs >= bounds.runs and enough) or self._last(case, at):
            shown = enough and z >= bounds.simpler_keep
            return verdict("simpler" if shown else "discard", case, at)
        if z < bounds.simpler_futility:
            return verdict("discard", case, at)
        return self._next_run(at, "it is simpler and may be as good")

    def _losing(self, case: Case, at: Standing) -> bool:
        if not at.noise.known:
            return False
        gains = [*case.lately, at.gain / at.noise.sigma][-self.bounds.lately :]
        return sum(gain <= -self.bounds.loss for gain in gains) >= self.bounds.losses

    def _spent(self, at: Standing) -> bool:
        return at.repeats >= self.bounds.most

    def _last(self, case: Case, at: Standing) -> bool:
        return self._spent(at) or len(case.candidate) > len(self.bounds.futility)

    def _next_run(self, at: Standing, why: str) -> MoreRuns:
        bounds = self.bounds
        if at.noise.freedom < bounds.freedom and at.incumbent_runs < bounds.incumbent_runs:
            return MoreRuns(of="incumbent", why="the noise floor rests on too few repeats")
        # Where it narrows the difference most; at a tie the incumbent, whose runs serve again.
        if at.incumbent_runs <= at.runs:
            return MoreRuns(of="incumbent", why=f"{why}, which may have been unlucky")
        return MoreRuns(of="candidate", why=why)


def _in_the_machine_of_now(case: Case, at: Standing, wanted: MoreRuns) -> MoreRuns:
    """Return which file to run where others have come to the machine, or left it, meanwhile.

    The next run will hardly be like those compared so far; so both files get runs like the last.
    """
    now = max(case.candidate[-1], case.incumbent[-1], key=lambda run: run.tick).contended
    if now is at.shared:
        return wanted
    own, best = (
        sum(run.contended is now for run in runs) for runs in (case.candidate, case.incumbent)
    )
    if now:
        first = case.candidate[0].tick
        best = sum(run.contended and run.tick > first for run in case.incumbent)
    if own == best:
        return wanted
    why = f"{wanted.why}; the machine is {'shared' if now else 'free again'}"
    return MoreRuns(of="candidate" if own < best else "incumbent", why=why)
