"""What is held against what it should be: three facts of the sandbox, and every cheat."""

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
from cockpit.trial import Stopped, Verdict

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


def sandbox_findings(trials: Trials) -> Iterator[Finding]:
    """Hold three facts of the sandbox against the file that `trials` measured."""
    value = trials.value
    losses: dict[str, float] = {}

    def look(number: int, name: str, title: str, **run: float | int | None) -> Finding:
        began = time.monotonic()
        found = trials.judge(number, trials.text, **run)  # type: ignore[arg-type]  # budget, tokens
        if isinstance(found, Stopped):
            return Finding(kind="sandbox", name=name, title=title, reason=found.reason,
                           amiss="it was not judged")  # fmt: skip
        losses[name] = -VAL_BPB.gain(found.value, value) if found.value is not None else 0.0
        return Finding(
            kind="sandbox",
            name=name,
            title=title,
            word=found.word,
            reason=found.reason,
            amiss="it must not be kept" if found.kept else "",
            seconds=time.monotonic() - began,
        )

    yield look(1, "the same file twice", "the file the cockpit begins with, as a candidate")
    half = look(2, "half the budget", "the same, with half the time", budget=trials.budget / 2)
    yield _unless(half, losses.get(half.name, 0.0) > 0, "it must be worse")
    bare = look(3, "an untrained model", "the same, after one step", tokens=0)
    least = max(FAR * value, losses.get(half.name, 0.0))
    far = losses.get(bare.name, 0.0) >= least
    yield _unless(bare, far, f"it must be worse by {VAL_BPB.format(least)} at least")


def _unless(found: Finding, fact: bool, otherwise: str) -> Finding:  # noqa: FBT001 - the fact itself
    return found if found.amiss or fact else replace(found, amiss=otherwise)


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
