"""Tier B: which lines are on offer, and what takes their place."""

from __future__ import annotations

import ast

import pytest

from cockpit.agents.lines import edit_of, real_lines, schema
from cockpit.source.edits import apply
from cockpit.trial import Rejected
from tests.ollama.fixtures import TRAIN

TEXT = '''"""A script.

x = y  # not code
"""
import prepare

LR = 3e-4
def step(x):
    if x > 0:
        y = x * 2
        return y
    return 0
def other(x):
    return 0
'''


def edited(line: str, new: str) -> str:
    edit = edit_of(TEXT, line, new)
    assert not isinstance(edit, Rejected), edit
    text = apply(edit, TEXT)
    assert isinstance(text, str), text
    ast.parse(text)
    return text


def test_only_lines_of_code_that_stand_there_once_and_are_no_contract_are_offered() -> None:
    found = ("LR = 3e-4", "def step(x):", "if x > 0:", "y = x * 2", "return y", "def other(x):")
    assert real_lines(TEXT) == found
    assert schema(found)["properties"]["line"]["enum"] == list(found)


@pytest.mark.parametrize(
    ("line", "new", "then"),
    [
        ("LR = 3e-4", "LR = 1e-3", "LR = 1e-3\n"),
        ("y = x * 2", "y = x * 3", "        y = x * 3\n"),
        ("        y = x * 2", "        y = x * 3", "        y = x * 3\n"),
        ("y = x * 2", "y = x\ny = y * 3", "        y = x\n        y = y * 3\n"),
        ("y = x * 2", "y = x\n        y = y * 3", "        y = x\n        y = y * 3\n"),
        ("y = x * 2", "if y:\n    y = 1", "        if y:\n            y = 1\n"),
        ("y = x * 2", "for _ in y:\n            y = 1", "        for _ in y:\n            y = 1\n"),
    ],
)
def test_new_text_stands_at_the_indent_of_the_old(line: str, new: str, then: str) -> None:
    assert then in edited(line, new)


@pytest.mark.parametrize(
    ("line", "new", "said"),
    [
        ("y = x * 4", "y = 1", "was not on offer"),
        ("import prepare", "import os", "was not on offer"),
        ("return 0", "return 1", "was not on offer"),
        (7, "y = 1", "was not on offer"),
        ("y = x * 2", " y = x * 2 ", "leaves"),
        ("y = x * 2", None, "leaves"),
    ],
)
def test_what_cannot_be_used_goes_back_with_advice(line: object, new: object, said: str) -> None:
    edit = edit_of(TEXT, line, new)
    assert isinstance(edit, Rejected)
    assert said in edit.reason
    assert edit.advice


def test_every_line_on_offer_of_the_shipped_file_can_be_replaced() -> None:
    text = TRAIN.read_text()
    offered = real_lines(text)
    assert len(offered) > 60
    for line in offered:
        edit = edit_of(text, line, "pass")
        assert not isinstance(edit, Rejected)
        assert isinstance(apply(edit, text), str), line
