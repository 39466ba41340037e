"""The HTTP that both test servers share: routes in, JSON or lines of JSON out, all recorded."""

from __future__ import annotations

import json
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One JSON body."""

    body: Body
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A stream of JSON bodies; `whole` False hangs up after the last, without the end mark."""

    bodies: Iterable[Body]
    whole: bool = True


@dataclass(slots=True, kw_only=True)
class Record:
    """What was asked of a server and what it served, in order."""

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    served: list[str] = field(default_factory=list)

    def count(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(asked == path for asked, _ in list(self.requests))

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """Return what was sent to a path."""
        return [body for asked, body in list(self.requests) if asked == path]


Route = Callable[[str, dict[str, Any]], Answer | Lines]


class Web:
    """A server on a free loopback port, in a thread of this process."""

    def __init__(self, route: Route, port: int = 0) -> None:
        self.record = Record()
        web = self

        class Handler(_Handler):
            def respond(self, path: str, body: dict[str, Any]) -> Answer | Lines:
                if path == "/_served":
                    return Answer(body={"served": list(web.record.served)})
                web.record.requests.append((path, body))
                return route(path, body)

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @abstractmethod
    def respond(self, path: str, body: dict[str, Any]) -> Answer | Lines:
        """Return the answer to a request; each server makes its own."""

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._serve(json.loads(raw or b"{}"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _serve(self, body: dict[str, Any]) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            answer = self.respond(self.path, body)
            if isinstance(answer, Answer):
                self._whole(answer)
            else:
                self._stream(answer)

    def _whole(self, answer: Answer) -> None:
        raw = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, lines: Lines) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for body in lines.bodies:
                raw = json.dumps(body).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw))
                self.wfile.flush()
            if lines.whole:
                self.wfile.write(b"0\r\n\r\n")
            else:
                self.close_connection = True
        finally:
            if close := getattr(lines.bodies, "close", None):
                close()
