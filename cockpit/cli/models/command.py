"""`cockpit models`: asks every installed model, prints a line each, recommends one."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from cockpit.agents.client import Limits
from cockpit.agents.composer import Sampling
from cockpit.agents.models import Model, same, usable
from cockpit.agents.ollama import OllamaAgent, available
from cockpit.agents.rules import load as load_rules
from cockpit.cli.flags import settings_of
from cockpit.cli.here import SystemClock
from cockpit.cli.journal import history, workspace_root
from cockpit.cli.models.score import Patience, Score, recommended, score
from cockpit.config import Settings
from cockpit.engine.brief import LEARNINGS_TOKENS, past_trials
from cockpit.engine.fold import Fold
from cockpit.errors import CockpitError, UsageError
from cockpit.lock import holder
from cockpit.memory.learnings import Lessons
from cockpit.ports import Brief
from cockpit.workspace.tree import LEARNINGS, PROGRAM, TRAIN, read_text

HEAD = f"{'model':<28} {'size':>7}  tier  asked parsed applied compiled novel  s each   load"


def models(arguments: argparse.Namespace) -> int:
    """`cockpit models [DIR]`; return 1 when no model is of use."""
    root = workspace_root(arguments.dir)
    settings = settings_of(root, arguments)
    pid = holder(root)
    if pid is not None:
        raise UsageError(
            f"a session is at work here (process {pid}), and asking models would slow its runs",
            "try again when it has ended",
        )
    clock = SystemClock()
    asked = _installed(clock, settings, arguments.only)
    told = brief_of(root, settings)
    if not arguments.json:
        print(f"{arguments.proposals} proposals of each model; nothing is trained\n{HEAD}")
    scores: list[Score] = []
    with interruptible() as stopping:
        for model in asked:
            if not stopping.is_set():
                agent = _agent(model, settings, root, clock, arguments.seconds)
                watch = Patience(clock, arguments.seconds, stopping)
                made = score(agent, model, told, arguments.proposals, watch, clock)
                agent.release(Patience(clock, arguments.seconds, threading.Event()))
                scores.append(made)
                print(json.dumps(facts(made)) if arguments.json else _line(made), flush=True)
    name, why = recommended(scores, settings.session.budget)
    last = json.dumps({"recommended": name or None, "why": why})
    print(last if arguments.json else _advice(name, why))
    if stopping.is_set():
        sys.stderr.write(f"cockpit: stopped after {len(scores)} of {len(asked)} models\n")
    return 0 if name and not stopping.is_set() else 1


def facts(made: Score) -> dict[str, object]:
    """Return a score as the object that `--json` prints."""
    each = None if made.each is None else round(made.each, 3)
    return {**asdict(made), "seconds_each": each, "rate": round(made.rate, 3)}


def brief_of(root: Path, settings: Settings) -> Brief:
    """Return what an agent of the next session would be told before its first proposal."""
    fold = Fold(history(root))
    board = fold.board
    return Brief(
        trial=board.next_number,
        metric=board.metric,
        budget=settings.session.budget,
        text=read_text(root / TRAIN) or "",
        incumbent=board.incumbent or 0,
        incumbent_value=board.incumbent_value,
        sigma=board.sigma,
        program=read_text(root / PROGRAM) or "",
        learnings=Lessons().for_agent(read_text(root / LEARNINGS) or "", LEARNINGS_TOKENS),
        history=past_trials(fold),
        tried=dict(board.tried),
        constraints=settings.constraints,
    )


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into an event; the request under way is cancelled, not broken off."""
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _installed(clock: SystemClock, settings: Settings, only: Sequence[str]) -> tuple[Model, ...]:
    """Return the models to ask, the smallest first.

    Raises:
        CockpitError: the server is away, or has none of them.
    """
    found = available(clock, settings.agent.host or None)
    if isinstance(found, str):
        raise CockpitError(found)
    able = [model for model in found if usable(model)]
    if only:
        missing = [name for name in only if not any(same(name, model.name) for model in able)]
        if missing:
            remedy = f"get it with `ollama pull {missing[0]}`"
            raise UsageError(f"the model {missing[0]} is not installed", remedy)
        able = [model for model in able if any(same(name, model.name) for name in only)]
    if not able:
        raise CockpitError(
            "the model server has no local model that can write",
            "get one with `ollama pull qwen2.5-coder:7b`",
        )
    return tuple(sorted(able, key=lambda model: model.bytes))


def _agent(
    model: Model, settings: Settings, root: Path, clock: SystemClock, seconds: float
) -> OllamaAgent:
    wanted = settings.agent
    return OllamaAgent(
        model.name,
        clock,
        host=wanted.host or None,
        limits=Limits(silence=wanted.silence, total=max(seconds, 1.0)),
        sampling=Sampling(think=wanted.think, thought=wanted.thought),
        rules=load_rules(rules if (rules := root / "rules.md").is_file() else None),
    )


def _line(made: Score) -> str:
    each = "-" if made.each is None else f"{made.each:.1f}"
    short = made.model if len(made.model) <= 28 else made.model[:27] + "…"
    line = (
        f"{short:<28} {made.bytes / 1e9:>4.1f} GB  {made.tier or '-':^4}  {made.asked:>5} "
        f"{made.parsed:>6} {made.applied:>7} {made.compiled:>8} {made.novel:>5}  {each:>6} "
        f"{made.load:>6.1f}"
    )
    return f"{line}\n  {made.why}" if made.why else line


def _advice(name: str, why: str) -> str:
    if not name:
        return f"\n{why}: cockpit run --agent sweep"
    return f"\n{name}: {why}\ncockpit run --model {name}"
