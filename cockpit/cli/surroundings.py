"""What a session finds when it begins: data, walls, device, agents; said in words."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from cockpit import events as ev
from cockpit.agents.client import Limits
from cockpit.agents.composer import Sampling
from cockpit.agents.human import HumanAgent
from cockpit.agents.mixture import Mixture
from cockpit.agents.models import Choice, Model, choose_model
from cockpit.agents.ollama import OllamaAgent, available
from cockpit.agents.order import InOrder
from cockpit.agents.rules import load as load_rules
from cockpit.agents.sweep import SweepAgent
from cockpit.arena.examiner import Examiner
from cockpit.arena.footing import Footing
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.meter import Meter
from cockpit.arena.probe import Probe, probe
from cockpit.arena.runner import ProcessRunner
from cockpit.arena.telemetry import Gpus
from cockpit.cli.bounds import constraints_notice
from cockpit.cli.notices import data_notice, device_notice, needs_linux, walls_notice
from cockpit.cli.sharing import Card, arbiter, here, takes_turns
from cockpit.config import Settings
from cockpit.engine.desk import Opening
from cockpit.gpu import Arbiter
from cockpit.gpu.arbiter import Say, unheard
from cockpit.metric import VAL_BPB
from cockpit.ports import Clock, Roster, Watch
from cockpit.setup import PreparedData, init, prepare_data
from cockpit.trial import Tier

REHEARSALS_MODEL = 10
REHEARSALS_SWEEP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who proposes in this session, and what there is to say about it."""

    roster: Roster
    name: str
    rehearsals: int
    model: OllamaAgent | None = None
    notice: ev.Noticed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Prepares the opening of a session in `root`; called in the engine's thread."""

    root: Path
    settings: Settings
    clock: Clock
    human: HumanAgent
    session: Callable[[], str]
    gpus: Gpus
    say: Say = unheard
    tier: Callable[[str], Tier] = lambda _: ""
    humans_only: bool = False

    def __call__(self, watch: Watch) -> Opening:
        """Set up what is missing and return what was found.

        Raises:
            CockpitError: data, lock, isolation or arena are not as needed.
        """
        root, sandbox = self.root, self.settings.sandbox
        needs_linux(sys.platform)
        init(root)
        lockbox = Lockbox(root)
        lockbox.check_sandbox()
        touched = lockbox.touched_data()
        python = sandbox.python or sys.executable
        wheel = Path(sandbox.wheel) if sandbox.wheel else None
        data = prepare_data(root, sys.executable, watch, wheel)
        lockbox.seal()
        lockbox.check()
        watch.sample(ev.Progress(text="trying the walls: train.py must not get out"))
        found, trouble = measure(root, self.settings, self.gpus)
        found.require(self.settings.isolation.require)
        cast = self._agents(found, watch)
        watch.sample(ev.Progress(text=""))
        runner = self._runner(python, found, lockbox, cast.model)
        return Opening(
            fingerprint=self._fingerprint(found, lockbox),
            isolation=found.event(),
            data=_data_words(data),
            agent=cast.name,
            roster=cast.roster,
            runner=runner,
            vacate=runner.vacate,
            notices=tuple(
                filter(
                    None,
                    (
                        data_notice(data, touched),
                        device_notice(trouble),
                        walls_notice(found),
                        constraints_notice(root, self.settings.constraints),
                        cast.notice,
                    ),
                )
            ),
            rehearsals=cast.rehearsals,
            offer=self.human.offer,
        )

    def _fingerprint(self, found: Probe, lockbox: Lockbox) -> ev.Fingerprint:
        return ev.Fingerprint(
            metric=VAL_BPB.name,
            budget=self.settings.session.budget,
            data=lockbox.data_digest(),
            prepare=lockbox.prepare_digest(),
            device=found.device_name,
            driver=found.driver,
            torch=found.torch,
            threads=found.threads,
            trust=found.trust,
        )

    def _runner(
        self, python: str, found: Probe, lockbox: Lockbox, model: OllamaAgent | None
    ) -> Arbiter:
        private = self.root / ".cockpit"
        device = "cuda" if found.cuda else "mps" if found.device_name == "mps" else "cpu"
        card = Card(self.gpus)
        runner = ProcessRunner(
            root=self.root,
            examiner=Examiner(
                private / "data",
                private / "vault",
                self.root / "sandbox",
                python=python,
                landlock=landlock_of(self.settings),
            ),
            lockbox=lockbox,
            session=self.session,
            python=python,
            device=device,
            threads=found.threads,
            trust=found.trust,
            landlock=landlock_of(self.settings),
            footing=Footing(walls=found.walls, torch=found.torch, driver=found.driver),
            meter=card.meter if found.cuda else Meter,
        )
        turns = takes_turns(self.settings, cuda=found.cuda)
        return arbiter(
            runner,
            self.clock,
            card,
            model=model if turns or here(self.settings) else None,
            turns=turns,
            gated=found.cuda,
            say=self.say,
        )

    def _agents(self, found: Probe, watch: Watch) -> Cast:
        if self.humans_only:
            return Cast(roster=Mixture([], self.human), name="human", rehearsals=0)
        wanted = self.settings.agent
        sweep = SweepAgent(wanted.seed)
        alone = Cast(roster=InOrder([sweep], self.human), name="sweep", rehearsals=REHEARSALS_SWEEP)
        if wanted.kind == "sweep":
            return alone
        watch.sample(ev.Progress(text="looking for a model server"))
        models = available(self.clock, wanted.host or None)
        choice = models if isinstance(models, str) else pick(models, self.settings, self.gpus)
        if isinstance(choice, str) or not choice.installed:
            why = choice if isinstance(choice, str) else choice.reason
            text = f"{why}; the sweep goes on without a model"
            level: ev.Level = "info" if wanted.kind == "auto" else "warning"
            return replace(alone, notice=ev.Noticed(level=level, topic="ollama", text=text))
        model = OllamaAgent(
            choice.name,
            self.clock,
            host=wanted.host or None,
            limits=Limits(silence=wanted.silence),
            sampling=Sampling(think=wanted.think, thought=wanted.thought),
            rules=load_rules(rules if (rules := self.root / "rules.md").is_file() else None),
            tier=self.tier(choice.name),
            loads=takes_turns(self.settings, cuda=found.cuda),
        )
        only = wanted.kind == "ollama"
        return Cast(
            roster=(InOrder if only else Mixture)([model, sweep], self.human),
            name=choice.name if only else f"{choice.name} and sweep",
            rehearsals=REHEARSALS_MODEL,
            model=model,
            notice=ev.Noticed(level="info", topic="model", text=choice.reason),
        )


def measure(root: Path, settings: Settings, gpus: Gpus) -> tuple[Probe, str]:
    """Try the walls on the device that is wanted, else on the best there is; what is wrong with it.

    Raises:
        ArenaError: the attempt could not be made.
    """
    wanted, threads = settings.sandbox.device, thread_count(settings)
    python = settings.sandbox.python or sys.executable
    seen = next((gpu.name for gpu in gpus.read()), "")
    device = wanted or ("cuda" if seen else "mps" if sys.platform == "darwin" else "cpu")
    landlock = landlock_of(settings)
    found = probe(root, python=python, device=device, threads=threads, landlock=landlock)
    if device != "cuda" or found.cuda:
        return found, found.trouble
    again = probe(root, python=python, device="cpu", threads=threads, landlock=landlock)
    return again, f"{seen or 'a GPU'} is there, but torch does not see it; training on the CPU"


def pick(models: Sequence[Model], settings: Settings, gpus: Gpus) -> Choice:
    """Choose the model: as set, else the best that fits the device it would run on."""
    sizes = [gpu.memory_total for gpu in gpus.read() if gpu.memory_total]
    most = max(sizes, default=psutil.virtual_memory().total)
    memory = most if here(settings) else None
    return choose_model(models, settings.agent.model, memory)


def landlock_of(settings: Settings) -> int | None:
    """Return the newest Landlock ABI to use, None for the kernel's own."""
    newest = settings.isolation.landlock
    return None if newest < 0 else newest


def thread_count(settings: Settings) -> int:
    """Return the CPU threads of a run: as set, else the physical cores less one, at least one."""
    if settings.sandbox.threads:
        return settings.sandbox.threads
    return max(1, (psutil.cpu_count(logical=False) or os.cpu_count() or 2) - 1)


def _data_words(data: PreparedData) -> str:
    return str(data.meta.get("source", "tunes"))
