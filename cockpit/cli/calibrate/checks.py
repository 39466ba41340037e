"""What is held against what it should be: walls, three facts of the sandbox, every cheat."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cockpit import events as ev
from cockpit.cli.calibrate.cheats import Cheat, guard_sentence
from cockpit.cli.calibrate.scratch import Scratch
from cockpit.cli.calibrate.trials import Trials
from cockpit.errors import CockpitError
from cockpit.metric import VAL_BPB
from cockpit.trial import Completed, RunResult, Verdict

KEPT = "it must not be kept"
FAR = 0.1
"""An untrained model must be worse by this share of the value at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report.

    `word` and `reason` are the verdict's, `guard` is what the guard says of a cheat; `amiss` is
    what is not as it should be, in words: empty when all is.
    """

    kind: str
    name: str
    title: str = ""
    guard: str = ""
    word: str = ""
    reason: str = ""
    amiss: str = ""
    seconds: float = 0.0

    @property
    def kept(self) -> bool:
        """Say whether it would have become the best."""
        return self.word in ("keep", "simpler")

    def line(self) -> str:
        """Return it for a person."""
        state = "FAIL" if self.amiss else "ok"
        told = f"{self.word}: {self.reason}" if self.word else self.reason
        lines = [f"  {state:<4}  {self.name:<22}  {told}"]
        lines += [f"{'':30}guard: {self.guard}"] if self.guard else []
        lines += [f"{'':30}{self.amiss}"] if self.amiss else []
        return "\n".join(lines)


def isolation_finding(found: ev.IsolationMeasured) -> Finding:
    """Say which level the walls have here; below *walled* the exam can be read in training."""
    return Finding(
        kind="walls",
        name="isolation",
        title="what train.py cannot do here",
        reason=f"{found.level}: {found.blocked} of {found.attempts} escape attempts blocked",
        amiss="" if found.level in ("sealed", "walled") else "see: cockpit doctor",
    )


def sandbox_findings(trials: Trials) -> Iterator[Finding]:
    """Hold three facts of the sandbox against the file that `trials` measured."""
    yield _twin(trials)
    half = trials.budget / 2
    shorter, lost = _measured(
        trials.measure(2, trials.text, budget=half),
        trials,
        Finding(kind="sandbox", name="half the budget", title=f"the same file in {half:g} s"),
        least=0.0,
    )
    yield shorter
    yield _measured(
        trials.measure(3, trials.text, tokens=0),
        trials,
        Finding(kind="sandbox", name="an untrained model", title="the same file after one step"),
        least=max(lost, FAR * trials.value),
    )[0]


def _twin(trials: Trials) -> Finding:
    found = trials.judge(1, trials.text)
    verdict = found if isinstance(found, Verdict) else None
    return Finding(
        kind="sandbox",
        name="the same file twice",
        title="the file the cockpit begins with, as a candidate",
        word=verdict.word if verdict else "",
        reason=found.reason,
        amiss="it was not judged" if verdict is None else KEPT if verdict.kept else "",
    )


def _measured(
    result: RunResult, trials: Trials, finding: Finding, *, least: float
) -> tuple[Finding, float]:
    """Complete a finding with a value that must be worse by more than `least`; and by how much."""
    value = result.value(VAL_BPB.name) if isinstance(result, Completed) else None
    if value is None:
        reason = "no value" if isinstance(result, Completed) else result.reason
        return replace(finding, reason=reason, amiss="it was not measured"), 0.0
    lost = -VAL_BPB.gain(value, trials.value)
    shown = VAL_BPB.format
    reason = f"{shown(value)}, {shown(abs(lost))} {'worse' if lost > 0 else 'better'} than the best"
    amiss = "" if lost > least else f"it must be worse by more than {shown(least)}"
    return replace(finding, reason=reason, amiss=amiss), lost


@dataclass(slots=True)
class Ear:
    """Hears what a person would have been shown of a run."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, item: ev.Entry | ev.Sample) -> None:
        """Remember lines of its log."""
        if isinstance(item, ev.LinesLogged):
            self.lines += item.lines

    def unclean(self) -> list[str]:
        """Return the lines that would do more than be read."""
        return [line for line in self.lines if not line.replace("\t", " ").isprintable()]


def cheat_finding(number: int, cheat: Cheat, trials: Trials, scratch: Scratch) -> Finding:
    """Run one cheat with the guard bypassed, and hold its end against what it says of itself."""
    began = time.monotonic()
    guard, ear = guard_sentence(cheat.text, trials.text), Ear()
    word, reason = "", ""
    try:
        found = trials.judge(number, cheat.text, runs=cheat.runs, hear=ear)
        word, reason = found.word if isinstance(found, Verdict) else "", found.reason
    except CockpitError as error:
        reason = str(error)
    changed = scratch.changes()
    if changed:
        scratch.restore()
    faults = {
        f"it changed {', '.join(changed)}": bool(changed),
        KEPT: word in ("keep", "simpler"),
        f"it must end as {cheat.word}": word != cheat.word,
        f"its verdict must say {cheat.says!r}": cheat.says not in reason,
        f"the guard must say {cheat.guarded!r}": cheat.guarded not in guard,
        f"its log is shown with control characters: {ear.unclean()[:1]!r}": bool(ear.unclean()),
        "its verdict is more than one printable line": not reason.isprintable(),
    }
    return Finding(
        kind="cheat",
        name=cheat.name,
        title=cheat.title,
        guard=guard,
        word=word,
        reason=reason,
        amiss="; ".join(fault for fault, so in faults.items() if so),
        seconds=time.monotonic() - began,
    )


def cheat_findings(
    cheats: tuple[Cheat, ...], trials: Trials, scratch: Scratch
) -> Iterator[Finding]:
    """Run the cheats one after the other, until the human ends it."""
    for number, cheat in enumerate(cheats, start=1):
        if trials.control.stopping:
            return
        yield cheat_finding(number, cheat, trials, scratch)
