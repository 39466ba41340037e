"""What model servers and models were seen to do, what the user must see of it, what the ledger.

Each row is a night of its own. Its server springs the trap once, or keeps to it, and is otherwise
served by a good model; the sources are Ollama's own code and issues, and hands-on probes of models
from 135M to 1.5B.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cockpit.trial import Lane
from tests.ollama.minds import sensible
from tests.ollama.night import Terms
from tests.ollama.scripted import Trap

Shown = Literal["notice", "refusal", "abandoned", "thinking", "hypothesis", "nothing"]
GOOD = sensible()
ONE = ["Asked", "Proposed", "Staged"]
REPAIRED = ["Asked", "ProposalRejected", *ONE]
TURNED_BACK = ["Asked", "Proposed", "ProposalRejected", *ONE]
PASSED_ON = ["Asked", "AgentDeclined", "Noticed", *ONE]
NOTICED = ["Asked", "Proposed", "Noticed", "Staged"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One trap.

    `does` are the server's answers, the last one for ever; `sees` is the sentence, or its
    beginning, and `shown` where it stands; `ledger` are the first events of trial `at`, whose
    candidate is `by` that lane.
    """

    name: str
    issue: str = ""
    does: tuple[Trap, ...]
    server: Mapping[str, object] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    sees: str
    shown: Shown
    ledger: list[str]
    at: int = 1
    by: Lane = "ollama"
