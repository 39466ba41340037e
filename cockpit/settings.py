"""What can be set, by section, with its defaults, the words it may be and the least it may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.constraints import UNBOUND, Constraints


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """How long a run and a night are. `budget` in seconds, `until` as HH:MM."""

    budget: float = 300.0
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """Who proposes. `silence` in seconds, `thought` in tokens; `unload`: before each run."""

    kind: str = "auto"
    model: str = ""
    host: str = ""
    silence: float = 60.0
    think: str = "auto"
    thought: int = 1024
    unload: str = "auto"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """Where `train.py` runs; empty and zero mean detected."""

    python: str = ""
    threads: int = 0
    device: str = ""
    wheel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """What the human is shown before it trains; `seconds` a timed review waits."""

    mode: str = "timed"
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalSettings:
    """The rehearsal; -1 iterations: ten with a model, three with the sweep."""

    iterations: int = -1
    tokens: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """The re-measurement at the end."""

    remeasure_pairs: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationSettings:
    """The least isolation to train at; `landlock` -1 is the kernel's own ABI, 0 none."""

    require: str = "open"
    landlock: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSettings:
    """The look of the screen; an empty theme is the one last chosen on it."""

    theme: str = ""
    mouse: bool = True
    ascii: bool = False
    bell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSettings:
    """Shell commands to run when something happens; empty ones are not run."""

    needs_human: str = ""
    keep: str = ""
    stopped: str = ""
    stalled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything configurable, by section; `keys` maps action ids to keys."""

    session: SessionSettings = field(default_factory=SessionSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)
    rehearsal: RehearsalSettings = field(default_factory=RehearsalSettings)
    judge: JudgeSettings = field(default_factory=JudgeSettings)
    constraints: Constraints = field(default_factory=Constraints)
    isolation: IsolationSettings = field(default_factory=IsolationSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    hooks: HookSettings = field(default_factory=HookSettings)
    keys: dict[str, str] = field(default_factory=dict)


CHOICES = {
    ("agent", "kind"): ("auto", "mixture", "ollama", "sweep"),
    ("agent", "think"): ("auto", "on", "off"),
    ("agent", "unload"): ("auto", "always", "never"),
    ("review", "mode"): ("timed", "ask", "off", "keeps"),
    ("isolation", "require"): ("sealed", "walled", "netless", "open"),
    ("sandbox", "device"): ("", "cuda", "mps", "cpu"),
}
LEAST = {
    ("session", "budget"): 1.0,
    ("agent", "silence"): 1.0,
    ("agent", "thought"): 1,
    ("sandbox", "threads"): 0,
    ("isolation", "landlock"): -1,
    ("review", "seconds"): 0.0,
    ("rehearsal", "iterations"): -1,
    ("rehearsal", "tokens"): 1,
    ("judge", "remeasure_pairs"): 0,
    ("constraints", "memory"): 0,
    ("constraints", "parameters"): 0,
    ("constraints", "added_nodes"): UNBOUND,
    ("constraints", "nodes"): UNBOUND,
}
