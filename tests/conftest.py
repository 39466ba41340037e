"""Fixtures that every kind of test may ask for."""

from hypothesis import HealthCheck, settings

from tests.ollama.fixtures import model_server, serve

__all__ = ["model_server", "serve"]

# A busy machine makes a slow example, not a wrong one: properties assert behaviour, never seconds.
# A plain run tries the same examples each time, so that what fails failed by the last change;
# `--hypothesis-profile searching` looks for new ones.
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("plain", settings.get_profile("searching"), derandomize=True)
settings.load_profile("plain")
