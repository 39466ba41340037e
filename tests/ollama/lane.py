"""The lane as the tests of it start it: limits fit for a busy machine, a clock to be moved on."""

from __future__ import annotations

from cockpit.agents.client import Limits
from cockpit.agents.ollama import OllamaAgent
from cockpit.trial import Declined, Proposal, Rejected
from tests.ollama.fixtures import RealClock
from tests.ollama.scripted import MODEL

PATIENT = Limits(silence=20.0)
BLOCK = """Hypothesis: deeper is better.

<<<<<<< SEARCH
DEPTH = 2  # transformer blocks
=======
DEPTH = 4  # transformer blocks
>>>>>>> REPLACE
"""


class Clock(RealClock):
    """Real time, that a test can also move on."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


def agent(
    url: str, model: str = MODEL, clock: Clock | None = None, limits: Limits = PATIENT
) -> OllamaAgent:
    return OllamaAgent(model, clock or Clock(), host=url, limits=limits)


def declined(outcome: Proposal | Rejected | Declined) -> Declined:
    assert isinstance(outcome, Declined), outcome
    return outcome
