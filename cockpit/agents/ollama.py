"""The `ollama` lane: a local model asked for one edit at a time, through whatever may go wrong.

Nothing raises out of `propose`: a server that is away, a model that rambles or a prompt that does
not fit each become one sentence, and the other lane carries on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cockpit.agents import handover, prompt, reading, reply, spares, window
from cockpit.agents.boundaries import held
from cockpit.agents.client import Limits, ModelServer
from cockpit.agents.composer import Composer, Sampling, Turn
from cockpit.agents.failures import Failure
from cockpit.agents.ladder import BackOff
from cockpit.agents.models import Model, same
from cockpit.agents.rules import Rules, load
from cockpit.agents.talk import Part, Reply
from cockpit.events import AgentSpoke, ContextSized
from cockpit.ports import Brief, Clock, Watch
from cockpit.trial import Declined, Lane, Proposal, Rejected, Tier

LOADED_ANEW: Final = 1.0
"""Seconds of loading from which a model was not in memory, and may have got another window."""


def available(clock: Clock, host: str | None = None) -> tuple[Model, ...] | str:
    """Return the models that the server at `host` has installed, or one sentence why not."""
    found = ModelServer(host, clock).models()
    return found.sentence if isinstance(found, Failure) else found


class OllamaAgent:
    """Asks the model `model` of the server at `host` (default OLLAMA_HOST) for edits.

    Args:
        model: its name, as the server lists it.
        clock: for deadlines and the back-off.
        host: address of the server.
        limits: seconds that a request may take.
        sampling: temperature and keep-alive.
        rules: the template of the system rules.
        tier: the edit tier to start with; by the model's size when empty.
        frozen: names of constants that are not offered.
        loads: whether each turn loads the model anew, since it leaves the device to training;
            then ideas are made ahead, and wait in `spares`.
    """

    def __init__(
        self,
        model: str,
        clock: Clock,
        *,
        host: str | None = None,
        limits: Limits | None = None,
        sampling: Sampling | None = None,
        rules: Rules | None = None,
        tier: Tier = "",
        frozen: frozenset[str] = frozenset(),
        loads: bool = False,
    ) -> None:
        self._loads = loads
        self._model = model
        self._clock = clock
        self._server = ModelServer(host, clock, limits)
        self._sampling = sampling or Sampling()
        self._rules = rules or load()
        self._first_tier: Tier = tier
        self._frozen = frozen
        self._pause = BackOff(clock)
        self._composer: Composer | None = None
        self._checked = False
        self._proposed: tuple[int, Proposal] | None = None
        self.spares = spares.Spares()

    @property
    def lane(self) -> Lane:
        """The lane its proposals are credited to."""
        return "ollama"

    @property
    def model(self) -> str:
        """The model's name."""
        return self._model

    @property
    def tier(self) -> Tier:
        """The edit tier the model is asked for now; empty before the first question."""
        return self._composer.ladder.tier if self._composer else ""

    @property
    def server(self) -> ModelServer:
        """The server that has it."""
        return self._server

    @property
    def window(self) -> int:
        """The window in tokens that is asked for; 0 before the first question."""
        return self._composer.window.size or 0 if self._composer else 0

    def propose(
        self, brief: Brief, rejection: Rejected | None, watch: Watch
    ) -> Proposal | Rejected | Declined:
        """Ask the model for one edit of `brief.text`; see `ports.Agent`."""
        started = self._clock.monotonic()
        spare = self.spares.take(brief) if rejection is None else None
        if spare is not None and self._composer is not None:
            self._learn(self._composer, brief, None)
            self._proposed = (brief.trial, spare)
            return spare
        if self._pause.waiting:
            return Declined(reason=self._pause.reason, kind="unavailable")
        composer = self._meet(watch)
        if isinstance(composer, Failure):
            return self._failed(composer)
        self._learn(composer, brief, rejection)
        turn = composer.compose(brief, rejection)
        if isinstance(turn, Declined):
            return turn
        watch.sample(
            ContextSized(tokens=turn.prompt.tokens, window=turn.num_ctx, model=self._model)
        )
        answer = self._talk(turn, watch)
        if isinstance(answer, Failure):
            return self._failed(answer)
        self._pause.succeeded()
        if answer.prompt_tokens:
            watch.sample(
                ContextSized(tokens=answer.prompt_tokens, window=turn.num_ctx, model=self._model)
            )
        cut = self._cut_prompt(composer, turn, answer, watch)
        made = cut or self._read(composer, turn, answer)
        made = made if isinstance(made, Rejected) else held(brief, made)
        if isinstance(made, Rejected):
            return made
        if self._loads and brief.trial > 0 and not self.spares:
            ahead = spares.make(composer, brief, made, lambda ask: self._talk(ask, watch))
            self.spares.keep(ahead, brief)
        seconds = self._clock.monotonic() - started
        made = replace(made, seconds=seconds, load=answer.load_seconds)
        self._proposed = (turn.trial, made)
        return made

    def release(self, watch: Watch) -> str | None:
        """Unload the model and wait until the server no longer lists it.

        Returns:
            None when it is gone, else a sentence why it may be there.
        """
        left = handover.unload(self._server, self._model, self._clock, watch)
        if left is None:
            self._checked = False
        return left

    def _meet(self, watch: Watch) -> Composer | Failure:
        """Ask once what the model can do; it decides tier, window and thinking."""
        if self._composer is None:
            facts = self._server.facts(self._model, watch)
            if isinstance(facts, Failure):
                return facts
            self._composer = Composer(
                self._model, facts, self._rules, self._sampling, self._frozen, self._first_tier
            )
        return self._composer

    def _learn(self, composer: Composer, brief: Brief, rejection: Rejected | None) -> None:
        """Learn from how the last proposal fared."""
        last, self._proposed = self._proposed, None
        if rejection is not None:
            composer.turned_back(rejection, last[1] if last else None)
        elif last is not None and any(
            past.trial == last[0] and past.lane == self.lane for past in brief.history
        ):
            composer.note(composer.ladder.succeeded())

    def _talk(self, turn: Turn, watch: Watch) -> Reply | Failure:
        """Send the request and show what the model says while it says it."""
        watch.sample(AgentSpoke(trial=turn.trial, text=""))

        def hear(part: Part) -> None:
            text = prompt.clean(part.text)
            watch.sample(AgentSpoke(trial=turn.trial, text=text, thinking=part.thinking))

        return self._server.chat(turn.ask, watch, hear)

    def _cut_prompt(
        self, composer: Composer, turn: Turn, answer: Reply, watch: Watch
    ) -> Rejected | None:
        """Refuse a reply to a prompt of which the server silently left a part out."""
        sent, counted = turn.prompt.tokens, answer.prompt_tokens
        held: int | None = None
        anew = answer.load_seconds > LOADED_ANEW
        if anew or not self._checked or window.was_cut(sent, counted, turn.num_ctx, None):
            held = self._look_at_load(composer, turn.num_ctx, watch)
        if not window.was_cut(sent, counted, turn.num_ctx, held):
            return None
        if held is None:
            composer.shorten()
        read = "a part" if counted is None else f"{counted}"
        given = f" in a window of {held}" if held else ""
        return Rejected(
            stage="ask",
            reason=f"the model server cut the prompt without a word: it read {read} of about "
            f"{window.likely(sent)} tokens{given}; the next prompt is shorter",
        )

    def _look_at_load(self, composer: Composer, asked: int, watch: Watch) -> int | None:
        """Return the window that the server really gave; note what makes the load a poor one."""
        loaded = self._server.loaded(watch)
        if isinstance(loaded, Failure):
            return None
        mine = next((model for model in loaded if same(model.name, self._model)), None)
        if mine is None:
            return None
        self._checked = True
        if 0 < mine.vram < mine.bytes:
            share = 100 - round(100 * mine.vram / mine.bytes)
            composer.note(f"{share} % of {self._model} is on the CPU, which makes it slow")
        if mine.window is not None and mine.window < asked:
            composer.window.ceiling = composer.window.size = mine.window
            composer.note(f"the server gives {self._model} {mine.window} of {asked} tokens")
        return mine.window

    def _read(self, composer: Composer, turn: Turn, answer: Reply) -> Proposal | Rejected:
        """Turn a whole reply into a proposal."""
        if answer.reason == "thought":
            composer.note(composer.thinking.overran(asked=turn.ask.think is True))
            return reply.all_thought(self._model)
        made = reading.read(turn, answer)
        if isinstance(made, Proposal):
            made = replace(made, notice=composer.take_notices())
        return made

    def _failed(self, failure: Failure) -> Rejected | Declined:
        """Turn a failure into what the engine is told, and leave the server alone for a while."""
        if failure.kind == "halted":
            return Declined(reason=failure.sentence, kind="halted")
        self._checked = False  # It may come back with another window.
        if failure.kind == "context" and self._composer is not None and self._composer.shorten():
            return Rejected(stage="ask", reason=failure.sentence)
        if failure.kind == "thinking" and self._composer and self._composer.thinking.refused():
            return Rejected(stage="ask", reason=failure.sentence)
        reason = self._pause.failed(failure.sentence)
        if failure.kind == "unavailable":
            return Declined(reason=reason, kind="unavailable")
        return Declined(reason=reason, kind="unusable")
