"""Fakes of every port, shipped: for tests, for the screen without a GPU, for trying the loop.

They keep the contracts of `cockpit.ports`; nothing here trains. The simulated runner "measures"
a candidate by its constants, with seeded noise, and lets a fake clock pass the budget.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from cockpit import events as ev
from cockpit.errors import WorkspaceError
from cockpit.ports import Agent, Brief, PastTrial, RunOrder, Settlement, Watch
from cockpit.source.constants import values
from cockpit.source.stage import describe, digest, stage
from cockpit.trial import (
    Candidate,
    Completed,
    Constant,
    Declined,
    Lane,
    Proposal,
    Reading,
    Rejected,
    RunResult,
    SetConstants,
    Stopped,
    Usage,
    Verdict,
)

TRAIN = '''"""A script for the fakes: constants, and the shape of the contract."""
import prepare

DEPTH = 2        # blocks
LR = 3e-4        # peak
WARMDOWN = 0.0   # share of the budget
BATCH = 8        # sequences
QK_NORM = False


def build_model():
    return None


if __name__ == "__main__":
    prepare.seed()
    prepare.time_left()
    prepare.submit(build_model())
'''


class FakeClock:
    """Time that passes only when told to, or a little at each look, so that no wait is endless."""

    def __init__(self, start: float = 1_800_000_000.0, tick: float = 0.0) -> None:
        self._now = start
        self._tick = tick

    def now(self) -> float:
        """Return the fake Unix time."""
        self._now += self._tick
        return self._now

    def monotonic(self) -> float:
        """Return the same time; it never goes back."""
        return self.now()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


class ScriptedAgent:
    """Answers from a list, then declines as exhausted; a callable answer is given the brief."""

    def __init__(
        self,
        answers: Iterable[
            Proposal | Rejected | Declined | Callable[[Brief], Proposal | Rejected | Declined]
        ],
        lane: Lane = "sweep",
        model: str = "",
    ) -> None:
        self._answers = list(answers)
        self._lane: Lane = lane
        self._model = model
        self.briefs: list[Brief] = []
        self.rejections: list[Rejected | None] = []

    @property
    def lane(self) -> Lane:
        """The lane it plays."""
        return self._lane

    @property
    def model(self) -> str:
        """The model it plays."""
        return self._model

    def propose(
        self, brief: Brief, rejection: Rejected | None, watch: Watch
    ) -> Proposal | Rejected | Declined:
        """Return the next answer."""
        self.briefs.append(brief)
        self.rejections.append(rejection)
        halted = watch.halted()
        if halted is not None:
            return Declined(reason=halted, kind="halted")
        if not self._answers:
            return Declined(reason="the script is at its end", kind="exhausted")
        answer = self._answers.pop(0)
        return answer(brief) if callable(answer) else answer


def setting(hypothesis: str, lane: Lane = "sweep", **changes: Constant) -> Proposal:
    """Return a proposal that sets constants."""
    edit = SetConstants(changes=tuple(changes.items()))
    return Proposal(
        hypothesis=hypothesis, edit=edit, lane=lane, tier="A" if lane == "ollama" else ""
    )


class Single:
    """A roster of lanes in a fixed order: the first that has not failed has the turn."""

    def __init__(self, *agents: Agent) -> None:
        self._agents = agents

    def turn(self, history: tuple[PastTrial, ...], failed: frozenset[Lane]) -> Agent | None:
        """Return the first agent whose lane has not failed."""
        return next((a for a in self._agents if a.lane not in failed), None)


def landscape(constants: dict[str, Constant]) -> float:
    """Return the noiseless value of a setting of `TRAIN`'s constants; lower is better."""
    lr, depth = float(constants.get("LR", 3e-4)), float(constants.get("DEPTH", 2))
    warmdown, batch = float(constants.get("WARMDOWN", 0.0)), float(constants.get("BATCH", 8))
    return (
        1.7
        + 0.12 * abs(math.log10(lr / 3e-3))
        + 0.03 * abs(depth - 3)
        + 0.1 * abs(warmdown - 0.5)
        + 0.02 * abs(math.log2(batch / 4))
        - 0.04 * bool(constants.get("QK_NORM", False))
    )


@dataclass(slots=True, kw_only=True)
class SimulatedRunner:
    """Measures by `landscape` plus Gaussian noise of `sigma`, seeded by the order.

    `outcome` may replace the result of an order, to play crashes, time-outs and cheats; `steps`
    progress samples are told per run, and the clock passes the budget between them.
    """

    clock: FakeClock
    sigma: float = 0.01
    steps: int = 4
    outcome: Callable[[RunOrder], RunResult | None] = lambda _: None
    orders: list[RunOrder] = field(default_factory=list)

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        """Play one run."""
        self.orders.append(order)
        seconds = 1.0 if order.tokens is not None else order.budget
        start = ev.ClockStarted(
            trial=order.trial,
            run=order.run,
            role=order.role,
            monotonic=self.clock.monotonic(),
            budget=seconds,
        )
        watch.sample(start)
        value = landscape(values(order.text))
        value += random.Random(order.seed).gauss(0.0, self.sigma)  # noqa: S311 - a simulation
        for step in range(1, self.steps + 1):
            self.clock.advance(seconds / self.steps)
            halted = watch.halted()
            if halted is not None:
                return Stopped(reason=halted)
            watch.sample(self._step(order, step, seconds, value))
        replaced = self.outcome(order)
        if replaced is not None:
            return replaced
        usage = Usage(launch=2.0, train=seconds, examine=3.0, cpu_share=0.99, memory=400 << 20)
        if order.examine == "none":
            return Completed(readings=(), usage=usage)
        readings = [Reading(metric="val_bpb", split="val", value=value)]
        if order.audit:
            readings.append(Reading(metric="val_bpb", split="audit", value=value + 0.01))
        weights = digest(f"{order.seed}/{order.text}")
        return Completed(readings=tuple(readings), usage=usage, weights_digest=weights, probes=64)

    def recover(self) -> int:
        """Return 0: a simulation leaves nothing behind."""
        return 0

    def _step(self, order: RunOrder, step: int, seconds: float, value: float) -> ev.StepLogged:
        share = step / self.steps
        return ev.StepLogged(
            trial=order.trial,
            run=order.run,
            step=step * 500,
            loss=math.log(2) * (value + 4.0 * math.exp(-6 * share)),
            elapsed=seconds * share,
            tokens_per_second=35_000.0,
        )


class MemoryWorkspace:
    """A workspace without files or git; it obeys the same contract as the real one."""

    def __init__(self, text: str = TRAIN) -> None:
        self.tree = text
        self.tags: list[str] = []
        self.keeps: dict[str, list[tuple[int, str]]] = {}
        self._archive: dict[tuple[str, int], str] = {}
        self._lessons = ""

    @property
    def _tag(self) -> str:
        return self.tags[-1]

    def train(self) -> str:
        """Return the file as the tree shows it."""
        return self.tree

    def free_tag(self, today: date) -> str:
        """Return the first free tag of the day."""
        name = today.strftime("%b%d").lower()
        count = sum(tag == name or tag.startswith(f"{name}-") for tag in self.keeps)
        return name if not count else f"{name}-{count + 1}"

    def open_session(self, tag: str, text: str) -> tuple[str, str, str]:
        """Begin a session."""
        self.tags.append(tag)
        self.keeps[tag] = [(0, digest(text))]
        return f"autoresearch/{tag}", "0" * 40, digest(text)

    def resume_session(self, tag: str) -> None:
        """Go on with a session."""
        self.tags.append(tag)

    def baseline(self, text: str) -> Candidate | Rejected:
        """Return the unedited file as a candidate."""
        return describe(text)

    def hand_edit(self) -> str | None:
        """Return None: nobody edits a tree in memory."""
        return None

    def stage(self, proposal: Proposal, base: str) -> Candidate | Rejected:
        """Stage as the real workspace does."""
        return stage(proposal, base)

    def archive(self, trial: int, candidate: Candidate, message: str) -> str:
        """Remember the candidate."""
        self._archive[(self._tag, trial)] = candidate.text
        return digest(f"{self._tag}/{trial}/{candidate.text}/{message}")[:40]

    def text_of(self, trial: int) -> str:
        """Return an archived file."""
        text = self._archive.get((self._tag, trial))
        if text is None:
            raise WorkspaceError(
                f"trial {trial} has no archived file", "choose one that was staged"
            )
        return text

    def settle(self, trial: int, verdict: Verdict, message: str) -> Settlement:
        """Keep or do nothing; twice is once."""
        if not verdict.kept:
            return Settlement(tree="sandbox/train.py unchanged")
        kept = dict(self.keeps[self._tag])
        if trial not in kept:
            self.keeps[self._tag].append((trial, digest(message)))
        self.tree = self.text_of(trial)
        return Settlement(
            commit=digest(f"{self._tag}/{trial}")[:40], tree="sandbox/train.py shows it"
        )

    def revert(self, trial: int, message: str) -> Settlement:
        """Show a kept file again."""
        self.tree = self.text_of(trial)
        return Settlement(commit=digest(message)[:40], tree="sandbox/train.py shows it")

    def program(self) -> str:
        """Return a strategy of one line."""
        return "# Strategy\nLowest val_bpb in five minutes.\n"

    def learnings(self) -> str:
        """Return what was written last."""
        return self._lessons

    def write_learnings(self, text: str) -> None:
        """Remember the rendering."""
        self._lessons = text


class PlainScribe:
    """Files each verdict's reason as its lesson; nobody strikes."""

    def lesson(
        self, trial: int, summary: str, hypothesis: str, verdict: Verdict
    ) -> ev.LessonLearned:
        """Return the lesson."""
        section = {"keep": "wins", "simpler": "wins", "crash": "crashes", "discard": "dead ends"}
        return ev.LessonLearned(
            trial=trial,
            section=section[verdict.word],  # type: ignore[arg-type]  # the literals of the dict
            text=f"{summary}: {verdict.reason}",
        )

    def struck(
        self, learnt: tuple[ev.LessonLearned, ...], text: str
    ) -> tuple[ev.LessonStruck, ...]:
        """Return nothing."""
        return ()

    def for_agent(self, text: str, budget_tokens: int) -> str:
        """Return the text as it is."""
        return text
