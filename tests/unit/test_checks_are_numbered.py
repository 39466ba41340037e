"""Each of the twenty-five checks of the screen has a test that is named after its number."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"^(?:async )?def test_check_(\d\d)_", re.MULTILINE)


def test_every_number_has_a_test() -> None:
    found = {
        int(number)
        for path in TESTS.rglob("test_*.py")
        for number in NAMED.findall(path.read_text("utf-8"))
    }
    assert found == set(range(1, 26))
