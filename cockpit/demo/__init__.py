"""Fakes of every port, shipped: for tests, for the screen without a GPU, for trying the loop.

They keep the contracts of `cockpit.ports`; nothing here trains. The simulated runner "measures"
a candidate by its constants, with seeded noise, and lets a fake clock pass the budget.
"""

from cockpit.demo.agent import ScriptedAgent, Single, setting
from cockpit.demo.runner import FakeClock, SimulatedRunner, landscape
from cockpit.demo.workspace import TRAIN, MemoryWorkspace, PlainScribe

__all__ = [
    "TRAIN",
    "FakeClock",
    "MemoryWorkspace",
    "PlainScribe",
    "ScriptedAgent",
    "SimulatedRunner",
    "Single",
    "landscape",
    "setting",
]
