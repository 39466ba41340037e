"""A scripted Ollama server: it replays, one per request, what real servers were seen to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from tests.ollama.web import Answer, Body, Lines, Record, Web

MODEL = "tester:7b"
Trap = Callable[["Scripted"], Answer | Lines]


class Scripted:
    """Answers chat requests with the traps it was given, in order, the last one for ever."""

    def __init__(
        self,
        *traps: Trap,
        parameters: str = "7.6B",
        capabilities: Sequence[str] = ("completion",),
        context: int = 32768,
        window: int | None = None,
        vram: float = 1.0,
        unload_lag: int = 0,
        broken: Sequence[str] = (),
    ) -> None:
        self.traps = list(traps)
        self.closing = threading.Event()
        self.passing: Callable[[float], None] = lambda _: None
        """Told the seconds that the server lets pass; a fake clock's `advance`."""
        self.mute = False
        """Whether /api/ps fails."""
        self.load_seconds = 0.0
        """Seconds that loading the model took for the request in hand."""
        self.skip: Callable[[], None] = lambda: None
        """Pressed by the human while the server is at work."""
        self._parameters = parameters
        self._capabilities = list(capabilities)
        self._context = context
        self._window = window
        self._vram = vram
        self._unload_lag = unload_lag
        self._broken = tuple(broken)
        """Models that are listed, but not there when they are asked."""
        self._loaded = 0
        self._leaving = 0
        self._web = Web(self._route)

    @property
    def url(self) -> str:
        return self._web.url

    @property
    def record(self) -> Record:
        return self._web.record

    def close(self) -> None:
        self.closing.set()
        self._web.close()

    @property
    def held(self) -> int:
        """Bytes of device memory that the model holds now."""
        return int(self._entry()["size"] * self._vram) if self._loaded else 0

    def expire(self) -> None:
        """Drop the model from memory, as its keep-alive does when nobody asks for long."""
        self._loaded = 0

    def restart(self, window: int) -> None:
        """Have gone away and come back, with a window of its own choice."""
        self._window = self._loaded = window
        self.load_seconds = 5.0

    def _route(self, path: str, body: dict[str, Any]) -> Answer | Lines:
        match path:
            case "/api/tags":
                listed = [{**self._entry(), "name": n, "model": n} for n in self._broken]
                return Answer(body={"models": [*listed, self._entry()]})
            case "/api/show":
                if body.get("model") != MODEL:
                    return _missing(body)
                return Answer(
                    body={
                        "details": self._details(),
                        "model_info": {"test.context_length": self._context},
                        "capabilities": self._capabilities,
                    }
                )
            case "/api/ps" if self.mute:
                return Answer(body={"error": "cannot tell"}, status=500)
            case "/api/ps":
                return Answer(body={"models": self._in_memory()})
            case "/api/generate" if body.get("keep_alive"):
                self._leaving = 0
                self._loaded = self._window or (body.get("options") or {}).get("num_ctx", 4096)
                done = {"response": "", "done": True, "done_reason": "load"}
                return Answer(body={"model": MODEL, **done})
            case "/api/generate":
                self._leaving = self._unload_lag
                self._loaded = 0 if self._unload_lag == 0 else self._loaded
                done = {"response": "", "done": True, "done_reason": "unload"}
                return Answer(body={"model": MODEL, **done})
            case _:
                if body.get("model") != MODEL:
                    return _missing(body)
                asked = (body.get("options") or {}).get("num_ctx", 4096)
                self.load_seconds = 0.02 if self._loaded else 5.0
                self._loaded = self._window or asked
                trap = self.traps.pop(0) if len(self.traps) > 1 else self.traps[0]
                return trap(self)

    def _in_memory(self) -> list[Body]:
        if self._leaving:
            self.passing(1.0)
            self._leaving -= 1
            if not self._leaving:
                self._loaded = 0
        if not self._loaded:
            return []
        entry = self._entry()
        vram = int(entry["size"] * self._vram)
        return [{**entry, "size_vram": vram, "context_length": self._loaded}]

    def _entry(self) -> dict[str, Any]:
        size = 4_700_000_000
        return {"name": MODEL, "model": MODEL, "size": size, "details": self._details()}

    def _details(self) -> Body:
        return {"family": "test", "parameter_size": self._parameters}


def says(
    text: str, reason: str = "stop", thinking: str = "", counted: int | None = None, size: int = 40
) -> Trap:
    """Reply with a text, in pieces; `counted` is the prompt_eval_count."""

    def lines(server: Scripted) -> Iterator[Body]:
        if thinking:
            yield _line("", thinking=thinking)
        for start in range(0, len(text), size):
            yield _line(text[start : start + size])
        yield {
            **_line(""),
            "done": True,
            "done_reason": reason,
            "prompt_eval_count": counted,
            "eval_count": len(text) // 4,
            "load_duration": int(server.load_seconds * 1e9),
        }

    return lambda server: Lines(bodies=lines(server))


def fails(status: int, error: object) -> Trap:
    """Refuse with a status."""
    return lambda server: Answer(body={"error": error}, status=status)


def breaks_off(error: object) -> Trap:
    """Report an error in mid-stream, with status 200."""
    return lambda server: Lines(bodies=iter([_line('{"name"'), {"error": error}]))


def hangs_up() -> Trap:
    """Close the connection in mid-stream."""
    return lambda server: Lines(bodies=iter([_line('{"name"')]), whole=False)


def ends_early() -> Trap:
    """End the stream properly, without its last line."""
    return lambda server: Lines(bodies=iter([_line('{"name"')]))


def is_silent(after: str = "", seconds: float = 200.0) -> Trap:
    """Accept the request, say `after`, let so many seconds pass, and then say nothing more."""

    def lines(server: Scripted) -> Iterator[Body]:
        if after:
            yield _line(after)
        _let_pass(server, seconds)
        server.closing.wait(30)

    return lambda server: Lines(bodies=lines(server))


def is_slow(then: Trap, seconds: float = 100.0) -> Trap:
    """Let so many seconds pass before the first byte, then answer."""

    def trap(server: Scripted) -> Answer | Lines:
        _let_pass(server, seconds)
        return then(server)

    return trap


def is_skipped(then: Trap) -> Trap:
    """Be at work when the human skips the trial."""

    def trap(server: Scripted) -> Answer | Lines:
        server.skip()
        return then(server)

    return trap


def rambles() -> Trap:
    """Never come to an end."""

    def lines(server: Scripted) -> Iterator[Body]:
        while not server.closing.wait(0.05):
            server.passing(30.0)
            yield _line("and so on, ")

    return lambda server: Lines(bodies=lines(server))


def fills(template: str, counted: int | None = None) -> Trap:
    """Reply with a template whose NAME and VALUE come from the first branch of the schema."""

    def reply(server: Scripted) -> Answer | Lines:
        branch = server.record.bodies("/api/chat")[-1]["format"]["anyOf"][0]["properties"]
        value = branch["value"]
        chosen = value["enum"][0] if "enum" in value else value["maximum"] / 2
        text = template.replace("NAME", branch["name"]["const"])
        return says(text.replace("VALUE", json.dumps(chosen)), counted=counted)(server)

    return reply


def speaks_html() -> Trap:
    """Answer as a web server that is no Ollama."""
    return lambda server: Lines(bodies=cast("Iterator[Body]", iter(["<html>"])))


def _let_pass(server: Scripted, seconds: float) -> None:
    """Let time pass in small steps, so that whoever waits sees each of them."""
    for _ in range(10):
        server.closing.wait(0.02)
        server.passing(seconds / 10)


def _line(text: str, thinking: str = "") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    if thinking:
        message["thinking"] = thinking
    return {"model": MODEL, "message": message, "done": False}


def _missing(body: Body) -> Answer:
    return Answer(body={"error": f"model '{body.get('model')}' not found"}, status=404)
