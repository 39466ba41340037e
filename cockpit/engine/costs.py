"""Where the seconds and tokens of a trial went: a fold of its events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cockpit import events as ev
from cockpit.trial import Lane, Usage


@dataclass(slots=True, kw_only=True)
class Spent:
    """What one trial cost, or several together; advanced by `apply` and `add` alone.

    Seconds are wall clock and do not overlap. `asking` is from question to answer, by lane, of
    which the server loaded the model for `load`. Of scoring runs and repeats: `wait` until the
    device was free, `launch`, `train`, `examine`; `dry` is all of the dry runs. `turns`, and the
    tokens read and written, are by lane too: a trial may have been several lanes' turn.
    """

    turns: Counter[Lane] = field(default_factory=Counter)
    read: Counter[Lane] = field(default_factory=Counter)
    written: Counter[Lane] = field(default_factory=Counter)
    asking: dict[Lane, float] = field(default_factory=dict)
    load: float = 0.0
    dry: float = 0.0
    wait: float = 0.0
    launch: float = 0.0
    train: float = 0.0
    examine: float = 0.0
    asked: tuple[Lane, float] | None = None
    begun: tuple[float, float] | None = None

    @property
    def model(self) -> float:
        """Return the seconds in which a model read and wrote, loading left out."""
        return max(0.0, self.asking.get("ollama", 0.0) - self.load)

    def apply(self, event: ev.Event, at: float) -> None:
        """Advance by one event of the trial, recorded at `at` (Unix time)."""
        match event:
            case ev.Asked(lane=lane, attempt=attempt):
                self.asked = lane, at
                self.turns[lane] += attempt == 1
            case ev.AgentDeclined() | ev.ProposalRejected():
                self._answered(at)
            case ev.Proposed(proposal=made):
                self._answered(at)
                self.load += made.load
                self.read[made.lane] += made.prompt_tokens
                self.written[made.lane] += made.reply_tokens
            case ev.RunStarted(budget=budget):
                self.begun = at, budget
            case ev.RunFinished():
                self._ran(event, at)
            case _:
                pass

    def add(self, other: Spent, share: float = 1.0) -> None:
        """Add what another trial cost, or a share of its seconds."""
        self.turns.update(other.turns)
        self.read.update(other.read)
        self.written.update(other.written)
        for lane, seconds in other.asking.items():
            self.asking[lane] = self.asking.get(lane, 0.0) + share * seconds
        for name in ("load", "dry", "wait", "launch", "train", "examine"):
            setattr(self, name, getattr(self, name) + share * getattr(other, name))

    def seconds(self) -> dict[str, float]:
        """Return the seconds by what they were spent on, in the order of a trial."""
        return {
            "model": self.model,
            "loading": self.load,
            "sweep": self.asking.get("sweep", 0.0),
            "dry runs": self.dry,
            "GPU wait": self.wait,
            "launch": self.launch,
            "training": self.train,
            "examination": self.examine,
        }

    def _answered(self, at: float) -> None:
        if self.asked is not None:
            lane, since = self.asked
            self.asking[lane] = self.asking.get(lane, 0.0) + max(0.0, at - since)
            self.asked = None

    def _ran(self, event: ev.RunFinished, at: float) -> None:
        since, budget = self.begun or (at, 0.0)
        self.begun = None
        usage = getattr(event.result, "usage", None)
        if usage is None:  # Refused for what it held or gave away, after it was trained.
            usage = Usage(train=min(max(0.0, at - since), budget))
        self.wait += usage.wait
        if event.role == "dry run":
            self.dry += usage.launch + usage.train + usage.examine
            return
        self.launch += usage.launch
        self.train += usage.train
        self.examine += usage.examine
