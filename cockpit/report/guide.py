"""The first minute in words: what was found, what comes next, who is needed, what to expect.

Pure: `guide` makes sentences of `Facts`, and `fit` chooses which of them a space has room for.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cockpit import events as ev

SMALL: Final = 12 * 2**30
"""Bytes of GPU memory below which a useful model and a run have no room beside each other."""
SMALLER: Final = "qwen2.5-coder:1.5b"
"""A model of one GB, which fits where others may not."""
MARGIN: Final = 8
"""Cells of a label and the space behind it."""

WITHOUT: Final = "; the sweep goes on without a model"
"""How the notice about a missing model ends."""

Say = Callable[[float], str]
"""Writes a Unix time as the local time of day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known in the first minute; empty and None mean not yet.

    Attributes:
        gpu, memory: name and bytes of the largest GPU that NVML sees; `looked` says it was asked.
        device, threads: what a run computes on; `on_gpu` says that it is an NVIDIA GPU.
        trouble: what is wrong with the device, in a sentence.
        agent: who proposes; `model` why that model was taken, `no_model` why there is none.
        level, blocked, attempts: what the walls hold.
        through, needed: rehearsals; `each` the seconds of one, as lately measured.
        budget: seconds of a run; `deadline` Unix time at which the baseline's ends.
        review: as `[review] mode`; `wait` the seconds a timed one waits.
        experiments: how many this start is to make.
        fits: trials before `stop_at`; `turn` seconds of one.
        watched: whether this screen only looks at what another one does.
    """

    now: float
    phase: ev.Phase
    looked: bool = False
    gpu: str = ""
    memory: int | None = None
    device: str = ""
    threads: int = 0
    on_gpu: bool = False
    trouble: str = ""
    agent: str = ""
    model: str = ""
    no_model: str = ""
    level: str = ""
    blocked: int = 0
    attempts: int = 0
    through: int = 0
    needed: int = 0
    each: float | None = None
    budget: float = 300.0
    deadline: float | None = None
    review: str = "timed"
    wait: float = 60.0
    stop_at: float | None = None
    experiments: int | None = None
    fits: int | None = None
    turn: float = 322.0
    watched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence; of the highest `rank` first, they are left out for room."""

    text: str
    rank: int = 0


Guide = tuple[tuple[str, Sentence], ...]
"""Sentences in order, each with the label it stands below."""


def guide(facts: Facts, say: Say) -> Guide:
    """Return what a person who has never seen the cockpit wants to know now."""
    points = {
        "found": (*_device(facts), *_agent(facts), *_walls(facts)),
        "next": _next(facts, say),
        "you": _you(facts, say),
        "fits": _fits(facts, say),
        "expect": EXPECT,
    }
    return tuple((label, said) for label, several in points.items() for said in several)


def fit(said: Guide, width: int, height: int) -> list[tuple[str, str]]:
    """Return (label, text) lines of at most `width` cells, `height` of them.

    Sentences of the highest rank are left out first, those of rank 0 last, from the end.
    """
    kept = list(said)
    while kept:
        lines = list(_wrapped(kept, width))
        if len(lines) <= height:
            return lines
        worst = max(range(len(kept)), key=lambda at: (kept[at][1].rank, at))
        del kept[worst]
    return []


def _wrapped(said: Sequence[tuple[str, Sentence]], width: int) -> Iterator[tuple[str, str]]:
    for label in dict.fromkeys(label for label, _ in said):
        text = " ".join(sentence.text for name, sentence in said if name == label)
        for at, line in enumerate(textwrap.wrap(text, max(width - MARGIN, 16))):
            yield "" if at else label, line


# --- the sentences -------------------------------------------------------------------------------


def _device(facts: Facts) -> tuple[Sentence, ...]:
    if facts.trouble:
        return (Sentence(text=f"{facts.trouble}.", rank=3),)
    if facts.gpu and (facts.on_gpu or not facts.device):
        size = f", {facts.memory / 2**30:.0f} GiB" if facts.memory else ""
        found = Sentence(text=f"{facts.gpu.removeprefix('NVIDIA ')}{size}.", rank=3)
        if not facts.memory or facts.memory >= SMALL:
            return (found,)
        turns = "model and run take turns unless both fit; " if facts.model else ""
        memory = f"Small: {turns}what does not fit is a crash, and remembered."
        return found, Sentence(text=memory, rank=7)
    if facts.device:
        few = f"{facts.threads} thread{'s' * (facts.threads != 1)}"
        return (Sentence(text=f"No GPU: the CPU trains ({facts.device}, {few}).", rank=3),)
    return (Sentence(text="No GPU: the CPU will train.", rank=3),) if facts.looked else ()


def _agent(facts: Facts) -> tuple[Sentence, ...]:
    if facts.no_model:
        why, _, remedy = facts.no_model.removesuffix(WITHOUT).partition("; ")
        without = Sentence(text=f"{why[:1].upper()}{why[1:]}: the sweep proposes.", rank=3)
        again = Sentence(text=f"For a model {remedy}, then start again.", rank=7)
        return (without, again) if remedy else (without,)
    if facts.model:
        verb = "proposes" if " and " not in facts.agent else "propose"
        name, _, why = facts.model.partition(": ")
        reason = Sentence(text=f"{name} is {why}.", rank=9)
        if "may not fit" in why:
            smaller = f"It may not fit: `ollama pull {SMALLER}` gets a smaller one."
            reason = Sentence(text=smaller, rank=6)
        return Sentence(text=f"{facts.agent} {verb}.", rank=3), reason
    who = "The sweep" if facts.agent == "sweep" else facts.agent
    return (Sentence(text=f"{who} proposes.", rank=3),) if who else ()


def _walls(facts: Facts) -> tuple[Sentence, ...]:
    if not facts.level:
        return ()
    held = f"train.py tried {facts.attempts} ways out of its walls, {facts.blocked} were stopped"
    return (Sentence(text=f"Isolation {facts.level}: {held}.", rank=10),)


def _next(facts: Facts, say: Say) -> tuple[Sentence, ...]:
    clock = _span(facts.budget)
    then = f"then train.py as it is trains for {clock}: the number to beat."
    match facts.phase:
        case "setup":
            first = "A rehearsal of the whole loop, seconds each time"
            return (Sentence(text=f"{first}; {then}", rank=1),)
        case "rehearsal":
            left = max(0, facts.needed - facts.through)
            many = f"{left} more rehearsal{'s' * (left != 1)}"
            until = _rehearsed(facts)
            when = f"until about {say(until)}" if until else "of seconds each"
            return (Sentence(text=f"{many} {when}, nothing is kept; {then}", rank=1),)
        case _:
            at = f"at {say(facts.deadline)}" if facts.deadline else f"after {clock} of training"
            return (
                Sentence(text=f"The baseline is judged {at}; then the first idea trains.", rank=1),
            )


def _you(facts: Facts, say: Say) -> tuple[Sentence, ...]:
    if facts.watched:
        return (Sentence(text="This screen only looks: another one has the keys."),)
    if facts.phase == "baseline":
        return (Sentence(text=_review(facts)),)
    until = _rehearsed(facts)
    when = f" (about {say(until)})" if until else ""
    here = f"Stay until the rehearsal is over{when}: what breaks, breaks now."
    return Sentence(text=here), Sentence(text=_review(facts), rank=5)


def _review(facts: Facts) -> str:
    match facts.review:
        case "ask":
            return "Each idea waits for your y, until you press A: do not leave before that."
        case "off":
            return "Ideas are not shown first: leave whenever you like."
        case "keeps":
            return "Nothing waits for you tonight; a keep is provisional until you approve it."
        case _:
            return (
                f"Ten ideas are shown for {facts.wait:.0f} s each and train unless you say n; A "
                "trusts all. Leave whenever you like."
            )


def _fits(facts: Facts, say: Say) -> tuple[Sentence, ...]:
    hour = f"about {3600 / max(facts.turn, 1.0):.0f} an hour"
    fewer = Sentence(text="A promising one takes the time of several.", rank=8)
    if facts.experiments is not None:
        night = _span(facts.experiments * facts.turn)
        many = f"{facts.experiments} trial{'s' * (facts.experiments != 1)} were asked for"
        return Sentence(text=f"{many}, {hour}: {night}.", rank=2), fewer
    if facts.stop_at is not None and facts.fits is not None:
        many = f"{facts.fits} trial{'s' * (facts.fits != 1)}"
        return Sentence(text=f"{many} before {say(facts.stop_at)}, {hour}.", rank=2), fewer
    end = Sentence(text="No end is set: --until 07:30 sets one, q ends it.", rank=8)
    return Sentence(text=f"Trials: {hour}.", rank=2), end


EXPECT: Final = (
    Sentence(text="Most ideas fail: 3 to 18 % of trials are keeps.", rank=4),
    Sentence(text="Upstream had 79 % of its gain by row 10 of 126.", rank=6),
)
"""From published nights of such loops; upstream's is `cockpit replay --demo`."""


def _rehearsed(facts: Facts) -> float | None:
    """Return when the rehearsal will be over, as Unix time; None before one was timed."""
    if facts.phase != "rehearsal" or facts.each is None:
        return None
    return facts.now + max(0, facts.needed - facts.through) * facts.each


def _span(seconds: float) -> str:
    """Write a span for plans: 45 s, 5 minutes, 5.5 hours."""
    if seconds < 5400:
        return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
