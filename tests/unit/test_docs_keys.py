"""docs/KEYS.md says what the table of the keys says; the examples of a remapping are right."""

from __future__ import annotations

import tomllib

from cockpit.tui.keymap import AUDIT_OWN, KEYS, MOVES, REPLAY, problems
from docs.write_keys import PAGE, render


def test_the_page_is_what_the_table_gives() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == render(), "docs/KEYS.md is out of date: run `python -m docs.write_keys`"


def test_every_key_has_a_row_with_its_id() -> None:
    page = render()
    ids = [key.id for key in (*KEYS, *AUDIT_OWN, *REPLAY)]
    assert [name for name in ids if f"| `{name}` | " not in page] == []
    assert [name for name in MOVES if f"`{name}`" not in page] == []
    assert len(ids) == len(set(ids)), "an id names one key"


def test_the_example_of_a_remapping_works_as_it_stands() -> None:
    example = render().split("```toml\n")[1].split("```")[0]
    assert problems(tomllib.loads(example)["keys"]) == []


def test_the_table_as_it_is_has_no_clash() -> None:
    assert problems({}) == []


def test_a_clash_and_an_unknown_id_are_named() -> None:
    said = problems({"pause": "s", "frobnicate": "f", "zoom": ""})
    assert any("s is given to both" in line and "pause" in line and "skip" in line for line in said)
    assert any("frobnicate is no key" in line for line in said)
    assert any("zoom = '' names no key" in line for line in said)
