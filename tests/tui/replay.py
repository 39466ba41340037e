"""A made-up night for the screen: entries and samples as the engine would announce them.

python -m tests.tui.replay [TRIALS] [--light] [--ascii]     # live, in a terminal
"""

from __future__ import annotations

import math
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit import events as ev
from cockpit.ports import Listener
from cockpit.trial import (
    Completed,
    Crashed,
    Lane,
    Proposal,
    Reading,
    Rejected,
    SetConstants,
    Usage,
    Verdict,
    VerdictWord,
)

if TYPE_CHECKING:
    from cockpit.tui.app import CockpitApp

MIDNIGHT = 1_767_225_600.0
IDEAS: tuple[tuple[str, str, str, str], ...] = (
    ("a longer warm-down should settle the loss", "WARMDOWN_RATIO", "0.0", "0.6"),
    ("wider embeddings pay at this depth", "N_EMBD", "64", "96"),
    ("a higher peak, since the warm-up is short", "LEARNING_RATE", "5e-3", "8e-3"),
    ("more heads see more voices of the tune", "N_HEAD", "4", "6"),
    ("less decay, the model is small", "WEIGHT_DECAY", "0.1", "0.02"),
)
DIFF = """--- train.py
+++ train.py
@@ -40,7 +40,7 @@ dials
 # model
 N_LAYER = 2           # blocks
-{name} = {old}  # was best
+{name} = {new}  # {why}
 BATCH = 64            # sequences of one step
-def schedule(step: int) -> float:
+def schedule(step: int, total: int) -> float:
     return 1.0
@@ -118,5 +118,6 @@ def main()
     optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
     for step, batch in enumerate(prepare.batches(BATCH)):
-        loss = model(batch)
+        for group in optimiser.param_groups:
+            group["lr"] = LEARNING_RATE * schedule(step, total)
         loss.backward()
"""
FINGERPRINT = ev.Fingerprint(
    metric="val_bpb",
    budget=300.0,
    data="abc",
    prepare="def",
    device="NVIDIA GeForce RTX 4090",
    driver="580",
    torch="2.13.0",
    threads=8,
    trust="examined",
)


@dataclass
class FakeClock:
    """A clock that a test moves."""

    at: float = MIDNIGHT
    mono: float = 1000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.mono

    def move(self, seconds: float) -> None:
        self.at += seconds
        self.mono += seconds


@dataclass
class Night:
    """Writes entries with rising numbers and times."""

    clock: FakeClock = field(default_factory=FakeClock)
    random: random.Random = field(default_factory=lambda: random.Random(7))
    seq: int = 0
    best: float = 2.2410
    incumbent: int = 0

    def entry(self, event: ev.Event) -> ev.Entry:
        self.seq += 1
        return ev.Entry(seq=self.seq, at=self.clock.at, session="mar8", slot=0, event=event)

    def opening(self) -> Iterator[ev.Entry]:
        yield self.entry(
            ev.SessionStarted(
                tag="mar8",
                branch="autoresearch/mar8",
                base_commit="1f3a9c2",
                digest="d0",
                fingerprint=FINGERPRINT,
                direction="minimize",
                data="tunes",
                agent="qwen2.5-coder:14b and sweep",
            )
        )
        yield self.entry(
            ev.IsolationMeasured(level="walled", detail="Landlock 6", blocked=21, attempts=21)
        )

    def baseline(self) -> Iterator[ev.Entry]:
        yield self.entry(ev.PhaseEntered(phase="baseline", why="the rehearsal came through"))
        yield self.entry(ev.TrialStarted(trial=0, kind="baseline"))
        yield from self.run(0, self.best)
        verdict = Verdict(word="keep", reason="the baseline", value=self.best, sigma=0.0022, runs=1)
        yield self.entry(ev.TrialJudged(trial=0, verdict=verdict))
        yield self.entry(ev.TrialSettled(trial=0, commit="1f3a9c2d00"))
        yield self.entry(ev.PhaseEntered(phase="autonomous", why="trusted"))

    def proposal(self, trial: int) -> Iterator[ev.Entry]:
        why, name, old, new = IDEAS[trial % len(IDEAS)]
        lane: Lane = "ollama" if trial % 2 else "sweep"
        model = "qwen2.5-coder:14b" if lane == "ollama" else ""
        yield self.entry(
            ev.TrialStarted(trial=trial, kind="experiment", lane=lane, against=self.incumbent)
        )
        yield self.entry(ev.Asked(trial=trial, lane=lane, model=model))
        made = Proposal(
            hypothesis=f"{why} ({name})" if lane == "ollama" else f"{name} {old} -> {new}",
            edit=SetConstants(changes=((name, new),)),
            lane=lane,
            tier="C" if lane == "ollama" else "",
            model=model,
            seconds=11.4,
        )
        yield self.entry(ev.Proposed(trial=trial, attempt=1, proposal=made))
        yield self.entry(
            ev.Staged(
                trial=trial,
                digest=f"d{trial}",
                key=f"k{trial}",
                base="d0",
                nodes=900,
                summary=f"{name} {old} -> {new}",
                diff=DIFF.format(name=name, old=old, new=new, why=why),
                commit=f"{trial:07x}ab12",
            )
        )

    def run(self, trial: int, value: float | None) -> Iterator[ev.Entry]:
        yield self.entry(
            ev.RunStarted(
                trial=trial, run=1, role="scoring run", of=trial, seed=trial, budget=300.0
            )
        )
        self.clock.move(330)
        usage = Usage(launch=4.0, train=297.0, memory=int(18.2 * 2**30), steps=3100)
        result: Completed | Crashed
        if value is None:
            result = Crashed(reason="out of memory at step 3", usage=Usage(train=9.0))
        else:
            readings = (Reading(metric="val_bpb", split="val", value=value),)
            result = Completed(readings=readings, usage=usage, probes=64, sample="X:1\nK:D\nA2 d")
        yield self.entry(
            ev.RunFinished(
                trial=trial, run=1, role="scoring run", of=trial, seed=trial, result=result
            )
        )

    def trial(self, trial: int) -> Iterator[ev.Entry]:
        yield from self.proposal(trial)
        if trial % 11 == 5:
            yield from self.run(trial, None)
            yield from self.judge(trial, Verdict(word="crash", reason="out of memory at step 3"))
            return
        drift = self.random.gauss(0.012, 0.02)
        value = self.best + drift
        yield from self.run(trial, value)
        sigmas = drift / 0.0022
        word: VerdictWord = "keep" if sigmas < -4 else "simpler" if abs(sigmas) < 0.6 else "discard"
        reason = f"{drift:+.4f} is {sigmas:+.1f} sigma over 2 runs, bound -2.9"
        verdict = Verdict(
            word=word, reason=reason, value=value, delta=drift, sigma=0.0022, sigmas=sigmas, runs=2
        )
        yield from self.judge(trial, verdict)
        if verdict.kept:
            self.best, self.incumbent = value, trial

    def judge(self, trial: int, verdict: Verdict) -> Iterator[ev.Entry]:
        yield self.entry(ev.TrialJudged(trial=trial, verdict=verdict))
        commit = f"{trial:07x}cafe" if verdict.kept else ""
        yield self.entry(ev.TrialSettled(trial=trial, commit=commit))
        text = f"{IDEAS[trial % len(IDEAS)][1]} moved the loss {verdict.delta or 0:+.3f}"
        section = "wins" if verdict.kept else "dead ends"
        yield self.entry(ev.LessonLearned(trial=trial, section=section, text=text))  # type: ignore[arg-type]

    def night(self, trials: int) -> Iterator[ev.Entry]:
        yield from self.opening()
        yield from self.baseline()
        for trial in range(1, trials + 1):
            yield from self.trial(trial)

    def rejected(self, trial: int) -> ev.Entry:
        rejection = Rejected(stage="novelty", reason="it repeats #97, which was discarded")
        return self.entry(
            ev.ProposalRejected(trial=trial, attempt=1, lane="ollama", rejection=rejection)
        )


def loss(elapsed: float, *, floor: float = 1.64, pace: float = 40.0) -> float:
    return 4.8 * math.exp(-elapsed / pace) + floor + 0.03 * math.sin(elapsed)


def training(trial: int, clock: FakeClock, elapsed: float) -> Iterator[ev.Sample]:
    """The samples of a run that is `elapsed` seconds old, its clock included."""
    yield ev.StageReached(trial=trial, stage="train")
    yield ev.ClockStarted(
        trial=trial, run=1, role="scoring run", monotonic=clock.mono - elapsed, budget=300.0
    )
    for at in range(2, int(elapsed), 2):
        yield step(trial, float(at))
    yield ev.LinesLogged(trial=trial, lines=("step 01790 loss 1.921", "step 01800 loss 1.913"))


def step(trial: int, at: float, floor: float = 1.64) -> ev.StepLogged:
    return ev.StepLogged(
        trial=trial,
        run=1,
        step=int(at * 10),
        loss=loss(at, floor=floor),
        elapsed=at,
        tokens_per_second=35_100,
    )


def telemetry(clock: FakeClock, age: float = 0.0) -> ev.Telemetry:
    at = clock.at - age
    busy = 0.0 if 170 < age < 180 else 0.95 + 0.03 * math.sin(at * at)
    device = ev.Device(
        index=0,
        name="NVIDIA GeForce RTX 4090",
        driver="580",
        utilisation=busy,
        memory_used=int(18.4 * 2**30),
        memory_total=24 * 2**30,
        power=318.0,
        temperature=61.0,
    )
    return ev.Telemetry(
        at=at, devices=(device,), cpu=0.2, memory_used=9 * 2**30, memory_total=64 * 2**30
    )


THINKING = "the loss still falls at the end, so a longer warm-down should help more than width does"


class RealClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


def play(listener: Listener, night: Night, trial: int, halt: threading.Event) -> None:
    """Announce one endless run, at the pace of a real one."""
    for item in night.proposal(trial):
        listener(item)
    if "--review" in sys.argv:
        listener(ev.StageReached(trial=trial, stage="review"))
        listener(night.entry(ev.ReviewOpened(trial=trial, until=time.time() + 60)))
        text = "Ollama is not reachable at 127.0.0.1:11434; the sweep goes on"
        listener(night.entry(ev.Noticed(level="warning", topic="model", text=text)))
        return
    listener(ev.AgentSpoke(trial=trial, text=THINKING, thinking=True))
    listener(ev.ContextSized(tokens=5100, window=16384, model="qwen2.5-coder:14b"))
    start = time.monotonic() - 79
    real = FakeClock(at=time.time(), mono=time.monotonic())
    for age in range(300, 0, -1):
        listener(telemetry(real, float(age)))
    for sample in training(trial, real, 79.0):
        listener(sample)
    while not halt.wait(1.0):
        now = FakeClock(at=time.time(), mono=time.monotonic())
        listener(telemetry(now))
        elapsed = now.mono - start
        listener(step(trial, elapsed))
        listener(ev.LinesLogged(trial=trial, lines=(f"step {int(elapsed * 10):05d}",)))


def screen_of(
    count: int, *, theme: str = "night", ascii_only: bool = False
) -> tuple[CockpitApp, threading.Event]:
    """Return the screen of a night that trains its next trial, and what ends that."""
    from cockpit.engine.control import Control
    from cockpit.engine.fold import Fold
    from cockpit.engine.live import LiveRun
    from cockpit.tui.app import CockpitApp
    from cockpit.tui.shelf import Shelf
    from cockpit.tui.view import View

    night = Night(clock=FakeClock(at=time.time() - count * 330))
    fold = Fold(night.night(count))
    night.clock.at = time.time() - 90
    view = View(
        fold=fold,
        live=LiveRun(),
        clock=RealClock(),
        root=Path(__file__).parent / "workspace",
        stop_at=time.time() + 3.2 * 3600,
        ascii_only=ascii_only,
        shelf=Shelf(
            log_of=lambda t: [f"step {at:05d} loss 1.9{t % 10}" for at in range(2970, 3000, 5)],
            steps_of=lambda t: [step(t, float(at), floor=1.66) for at in range(2, 296, 2)],
        ),
    )
    halt, control = threading.Event(), Control()

    def start(listener: Listener) -> None:
        thread = threading.Thread(target=play, args=(listener, night, count + 1, halt), daemon=True)
        thread.start()

    app = CockpitApp(
        view,
        control=control,
        start=start,
        ended=lambda: control.stopping or None,
        theme=theme,
    )
    return app, halt


def main(arguments: list[str]) -> None:
    numbers = [int(a) for a in arguments if a.isdigit()]
    theme = "day" if "--light" in arguments else "night"
    app, halt = screen_of(
        numbers[0] if numbers else 141, theme=theme, ascii_only="--ascii" in arguments
    )
    app.run()
    halt.set()


if __name__ == "__main__":
    main(sys.argv[1:])
