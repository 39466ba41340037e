"""Fixtures that every kind of test may ask for."""

from hypothesis import HealthCheck, settings

from tests.ollama.fixtures import model_server, serve

__all__ = ["model_server", "serve"]

# A busy machine makes a slow example, not a wrong one: properties assert behaviour, never seconds.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
