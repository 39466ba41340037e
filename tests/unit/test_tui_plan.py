"""The Plan pane's Markdown: what a file's own line breaks become in a narrow pane."""

from __future__ import annotations

from cockpit.tui.panes.plan import markdown, paragraphs


def test_a_paragraph_is_one_line_whatever_its_line_breaks() -> None:
    text = "# Goal\nLower **val_bpb** on tunes that\nthe model has never seen.\n\n"
    text += "- one\n  more\n- two\n"
    assert list(paragraphs(text)) == [
        "# Goal",
        "Lower **val_bpb** on tunes that the model has never seen.",
        "",
        "- one more",
        "- two",
    ]


def test_fenced_text_and_tables_keep_their_lines() -> None:
    text = "```\na\nb\n```\n| x | y |\n| 1 | 2 |\n"
    assert list(paragraphs(text)) == text.splitlines()


def test_lines_are_filled_to_the_width_of_the_pane() -> None:
    lines = [line.plain for line in markdown("Lower **it**:\nbits per byte\non tunes", 24)]
    assert lines == ["Lower it: bits per byte", "on tunes"]
