"""Fixtures of the tests of the screen."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show every time in UTC, wherever the test runs."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
