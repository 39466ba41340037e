"""One GPU for two: the model leaves it before a run begins."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.agents.ollama import OllamaAgent
from cockpit.ports import Runner, RunOrder, Watch
from cockpit.trial import RunResult


class Releasing:
    """A Runner that has the model unloaded first, where both share one GPU."""

    def __init__(self, runner: Runner, model: OllamaAgent) -> None:
        self._runner = runner
        self._model = model

    def run(self, order: RunOrder, watch: Watch) -> RunResult:
        """Free the GPU, then run."""
        kept = self._model.release(watch)
        if kept is not None:
            watch.sample(ev.LinesLogged(trial=order.trial, lines=(kept,)))
        return self._runner.run(order, watch)

    def recover(self) -> int:
        """Recover the runs."""
        return self._runner.recover()
