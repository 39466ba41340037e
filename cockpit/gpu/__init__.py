"""One GPU for model and training: who has it when."""

from cockpit.gpu.arbiter import Arbiter
from cockpit.gpu.memory import Memory

__all__ = ["Arbiter", "Memory"]
