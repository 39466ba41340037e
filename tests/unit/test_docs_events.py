"""docs/EVENTS.md says what the dataclasses say."""

from __future__ import annotations

from typing import get_args

from cockpit.events import Event
from docs.write_events import PAGE, render


def test_the_page_is_what_the_dataclasses_give() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == render(), "docs/EVENTS.md is out of date: run `python -m docs.write_events`"


def test_every_event_has_a_section() -> None:
    page = render()
    missing = [kind.__name__ for kind in get_args(Event) if f"### {kind.__name__}\n" not in page]
    assert not missing
