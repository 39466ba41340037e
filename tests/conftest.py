"""Fixtures that every kind of test may ask for."""

from tests.ollama.fixtures import model_server, serve

__all__ = ["model_server", "serve"]
