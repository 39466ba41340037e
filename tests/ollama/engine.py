"""The llama.cpp server of the `xllamacpp` wheel, as a child process on a loopback port."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

_CHILD = """
import sys, threading, xllamacpp
model, port, window, threads = sys.argv[1], *map(int, sys.argv[2:5])
params = xllamacpp.CommonParams()
params.model.path, params.hostnames, params.port = model, ["127.0.0.1"], port
params.n_ctx, params.n_parallel, params.n_gpu_layers = window, 1, 0
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
params.use_jinja, params.offline, params.cache_ram_mib = True, True, 0
server = xllamacpp.Server(params)
sys.stdin.read()  # until whoever started us is gone
"""
_LOAD_SECONDS = 60.0


class EngineError(Exception):
    """The engine did not come up or answered with an error."""


class Engine:
    """At most one model in memory, under one window; loading another one ends the first."""

    def __init__(self) -> None:
        self.name = ""
        self.window = 0
        self.port = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def load(self, name: str, model: Path, window: int) -> float:
        """Bring a model into memory unless it is there; return the seconds that took."""
        with self._lock:
            if self._child and self._child.poll() is None and (name, window) == self._key():
                return 0.0
            self.unload()
            started = time.monotonic()
            self.port = _free_port()
            threads = os.environ.get("COCKPIT_TEST_MODEL_THREADS", "1")
            self._child = subprocess.Popen(
                [sys.executable, "-c", _CHILD, str(model), str(self.port), str(window), threads],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # A second spinning thread on a busy machine is far slower than none.
                env={**os.environ, "OMP_WAIT_POLICY": "passive"},
            )
            self._await_health(started + _LOAD_SECONDS)
            self.name, self.window = name, window
            return time.monotonic() - started

    def unload(self) -> None:
        """End the child; the memory is free when this returns."""
        with self._lock:
            child, self._child, self.name, self.window = self._child, None, "", 0
            if child is None:
                return
            if child.stdin:
                child.stdin.close()
            child.kill()
            child.wait()

    def kill(self) -> None:
        """End the child as a crash would, without the lock that a request may hold."""
        if self._child is not None:
            self._child.kill()

    def _key(self) -> tuple[str, int]:
        return self.name, self.window

    def _await_health(self, until: float) -> None:
        while self._child is not None and self._child.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            try:
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            if time.monotonic() > until:
                break
            time.sleep(0.1)
        self.unload()
        raise EngineError("llama runner process has terminated")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
