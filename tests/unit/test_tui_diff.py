"""The Diff pane's lines: what a unified diff becomes, down to its blank lines."""

from __future__ import annotations

import pytest

from cockpit.tui.drawn import numbered_diff


@pytest.mark.parametrize(
    ("before", "after"), [([" "], []), ([], [" "]), ([" ", " "], [" ", " "]), ([" x"], [" y", " "])]
)
def test_a_hunk_may_begin_and_end_with_blank_lines(before: list[str], after: list[str]) -> None:
    body = [*before, "-A = 1  # dial", "+A = 2  # dial", *after]
    diff = "\n".join(["--- a/train.py", "+++ b/train.py", "@@ -5,3 +5,3 @@", *body]) + "\n"
    drawn = [line.plain.rstrip() for line in numbered_diff(diff, 60)]
    assert len(drawn) == 1 + len(body)
    assert any(line.endswith("- A = 1  # dial") for line in drawn)
    assert any(line.endswith("+ A = 2  # dial") for line in drawn)
    assert drawn[1].split()[0] == "5"
