"""A small Ollama API in front of a llama.cpp server: real tokens, for tests alone.

It is not Ollama: one model in memory, one request at a time, no GPU, no thinking, no pull. What it
shares with Ollama is the engine family, the grammar behind `format` and the shape of its answers.

    python -m tests.ollama.front PORT
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ollama.engine import Engine, EngineError
from tests.ollama.install import SHA256, install
from tests.ollama.web import Answer, Body, Lines, Record, Web

MODEL = "smollm2:135m"
_CONTEXT = 8192
_SAME = ("temperature", "top_p", "top_k", "min_p", "seed", "stop", "repeat_penalty")
_DETAILS = {
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "134.52M",
    "quantization_level": "Q4_1",
}


class Front:
    """The API of one model file; `record` holds what was asked and each reply as served."""

    def __init__(self, model: Path, port: int = 0) -> None:
        self._model = model
        self._engine = Engine()
        self._busy = threading.Lock()
        self._web = Web(self._route, port)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._web.url

    @property
    def record(self) -> Record:
        """What was asked and served."""
        return self._web.record

    def kill_engine(self) -> None:
        """Let the engine die in the middle of whatever it does."""
        self._engine.kill()

    def close(self) -> None:
        """End the engine and stop listening."""
        self._engine.unload()
        self._web.close()

    def _route(self, path: str, body: dict[str, Any]) -> Answer | Lines:
        match path:
            case "/api/version":
                return Answer(body={"version": "0.0.0-test-front"})
            case "/api/tags":
                return Answer(body={"models": [self._entry()]})
            case "/api/ps":
                return Answer(body={"models": self._loaded()})
            case "/api/show" | "/api/chat" | "/api/generate":
                if body.get("model") != MODEL:
                    error = f"model '{body.get('model')}' not found"
                    return Answer(body={"error": error}, status=404)
                return self._show() if path == "/api/show" else self._generate(path, body)
            case _:
                return Answer(body={"error": "404 page not found"}, status=404)

    def _entry(self) -> Body:
        return {
            "name": MODEL,
            "model": MODEL,
            "size": self._model.stat().st_size,
            "digest": SHA256,
            "details": _DETAILS,
            "modified_at": "2025-01-01T00:00:00Z",
        }

    def _loaded(self) -> list[Body]:
        if not self._engine.name:
            return []
        window = self._engine.window
        return [{**self._entry(), "size_vram": 0, "context_length": window}]

    def _show(self) -> Answer:
        info = {"general.architecture": "llama", "llama.context_length": _CONTEXT}
        return Answer(
            body={"details": _DETAILS, "model_info": info, "capabilities": ["completion"]}
        )

    def _generate(self, path: str, body: dict[str, Any]) -> Answer | Lines:
        if body.get("think"):
            return Answer(body={"error": f'"{MODEL}" does not support thinking'}, status=400)
        key = "message" if path == "/api/chat" else "response"
        messages = body.get("messages") or []
        if body.get("prompt"):
            messages = [{"role": "user", "content": body["prompt"]}]
        window = (body.get("options") or {}).get("num_ctx", 4096)
        if not messages:
            with self._busy:
                unload = body.get("keep_alive") == 0
                if unload:
                    self._engine.unload()
                else:
                    self._engine.load(MODEL, self._model, window)
            reason = "unload" if unload else "load"
            return Answer(body={**_piece(key, ""), "done": True, "done_reason": reason})
        lines = self._speak(key, messages, body, window)
        try:
            first = next(lines)
        except EngineError as error:
            status = 400 if "context" in str(error) else 500
            return Answer(body={"error": str(error)}, status=status)
        return Lines(bodies=_chain(first, lines))

    def _speak(
        self, key: str, messages: list[Body], body: dict[str, Any], window: int
    ) -> Iterator[Body]:
        """Yield an empty line once the engine took the request, the reply as it comes, the end."""
        started = time.monotonic()
        with self._busy:
            load = self._engine.load(MODEL, self._model, window)
            with self._stream(_request(messages, body)) as chunks:
                yield {**_piece(key, ""), "done": False}
                text, reason = "", "stop"
                usage: dict[str, int] = {}
                for chunk in chunks:
                    usage = chunk.get("usage") or usage
                    for choice in chunk.get("choices") or []:
                        reason = choice.get("finish_reason") or reason
                        piece = (choice.get("delta") or {}).get("content")
                        if piece:
                            text += piece
                            yield {**_piece(key, piece), "done": False}
        self.record.served.append(text)
        yield {
            **_piece(key, ""),
            "done": True,
            "done_reason": reason,
            "total_duration": int((time.monotonic() - started) * 1e9),
            "load_duration": int(load * 1e9),
            "prompt_eval_count": usage.get("prompt_tokens"),
            "eval_count": usage.get("completion_tokens"),
        }

    @contextmanager
    def _stream(self, request: Body) -> Iterator[Iterator[dict[str, Any]]]:
        """Send a request to the engine; leaving early closes the connection, which cancels it."""
        connection = http.client.HTTPConnection("127.0.0.1", self._engine.port)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/v1/chat/completions", json.dumps(request), headers)
            response = connection.getresponse()
            if response.status != 200:
                error = json.loads(response.read() or b"{}").get("error", {})
                raise EngineError(error.get("message", "engine error"))
            yield _chunks(response)
        except (OSError, http.client.HTTPException) as error:
            raise EngineError("llama runner process has terminated") from error
        finally:
            connection.close()


def _chunks(response: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a reply; one that stops short of its end mark broke off."""
    for line in response:
        if line.strip() == b"data: [DONE]":
            return
        if line.startswith(b"data: "):
            yield json.loads(line[6:])
    raise EngineError("llama runner process has terminated")


def _request(messages: list[Body], body: dict[str, Any]) -> Body:
    """Translate a request into the engine's own."""
    options = body.get("options") or {}
    request: dict[str, Any] = {
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        **{name: options[name] for name in _SAME if name in options},
    }
    if "num_predict" in options:
        request["max_tokens"] = options["num_predict"]
    if body.get("format") == "json":
        request["response_format"] = {"type": "json_object"}
    elif body.get("format"):
        schema = {"name": "reply", "strict": True, "schema": body["format"]}
        request["response_format"] = {"type": "json_schema", "json_schema": schema}
    return request


def _piece(key: str, text: str) -> dict[str, Any]:
    said = {"role": "assistant", "content": text} if key == "message" else text
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"model": MODEL, "created_at": now, key: said}


def _chain(first: Body, rest: Iterator[Body]) -> Iterator[Body]:
    """Put the first line back; an engine that dies in mid-stream is an error line, as in Ollama."""
    try:
        yield first
        yield from rest
    except EngineError as error:
        yield {"error": str(error)}


if __name__ == "__main__":
    front = Front(install(), int(sys.argv[1]) if len(sys.argv) > 1 else 11434)
    print(f"{MODEL} on {front.url}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        front.close()
