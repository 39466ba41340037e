"""Diffs: numbers, signs and the words that changed."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from cockpit.tui.hunks import parse, totals

DIFF = """--- a
+++ b
@@ -10,4 +10,4 @@ def main()
 lr = 1
-width = 64  # cells
+width = 96  # cells
 depth = 2
"""


def test_lines_are_numbered_on_their_own_side() -> None:
    hunk, first, removed, added, last = parse(DIFF)
    assert hunk.text == "@@ 10 @@ def main()"
    assert (first.old, first.new) == (10, 10)
    assert (removed.old, removed.new) == (11, None)
    assert (added.old, added.new) == (None, 11)
    assert (last.old, last.new) == (12, 12)
    assert totals(parse(DIFF)) == (1, 1)


def test_only_the_words_that_changed_are_marked() -> None:
    _, _, removed, added, _ = parse(DIFF)
    assert [removed.text[a:b] for a, b in removed.words] == ["64"]
    assert [added.text[a:b] for a, b in added.words] == ["96"]


def test_lines_with_little_in_common_are_not_marked() -> None:
    lines = parse("@@ -1 +1 @@\n-import torch\n+x = [y for y in z]\n")
    assert all(not line.words for line in lines)


def test_nothing_is_an_empty_diff() -> None:
    assert parse("") == ()


text = st.lists(st.sampled_from(["a = 1", "b = 2", "-x", "+y", "", "@@"]), max_size=12)


@given(text, text)
def test_both_sides_can_be_read_back(old: list[str], new: list[str]) -> None:
    diff = "\n".join(difflib.unified_diff(old, new, "a", "b", lineterm="", n=50))
    lines = parse(diff)
    if old != new:
        assert [x.text for x in lines if x.kind in ("same", "removed")] == old
        assert [x.text for x in lines if x.kind in ("same", "added")] == new
