"""What a model is sent when its proposal is turned back: every refusal, word for word."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import cockpit
from tests.advice import FOLDER, STAGES, page, refusals

ROOT = Path(cockpit.__file__).parent
REFUSING = (
    "agents/lines.py",
    "agents/reply.py",
    "constraints.py",
    "engine/rejections.py",
    "source/edits.py",
    "source/guard.py",
    "source/limits.py",
    "source/stage.py",
)
MAKERS = ("Rejected", "_rejected", "broken", "_Mark")
LONGEST = 900
"""Characters of the longest refusal but for a traceback: a model reads the first lines best."""


@pytest.mark.parametrize("stage", STAGES)
def test_every_refusal_reads_as_it_did(stage: str) -> None:
    kept = (FOLDER / f"{stage}.txt").read_text("utf-8")
    assert page(stage) == kept, "read the diff after `python -m tests.advice`"


@pytest.mark.parametrize("stage", STAGES)
def test_every_refusal_is_short_and_says_what_to_do_in_plain_text(stage: str) -> None:
    for name, refusal in refusals(stage).items():
        assert 20 <= len(refusal.advice) <= LONGEST, name
        assert refusal.advice.replace("\n", "").isprintable(), name
        assert refusal.reason.isprintable(), name
        assert len(refusal.reason) <= 160, name


def test_no_refusal_was_forgotten() -> None:
    seen: set[tuple[str, int]] = set()
    files = {str(ROOT / name): name for name in REFUSING}

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        name = files.get(frame.f_code.co_filename)
        if name is None:
            return None
        seen.add((name, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for stage in STAGES:
            refusals(stage)
    finally:
        sys.settrace(before)
    missed = {
        f"{name}:{call.lineno}"
        for name in REFUSING
        for call in _refusals_in(ROOT / name)
        if not any((name, line) in seen for line in range(call.lineno, call.end_lineno or 0))
        and (name, call.lineno) not in seen
    }
    assert not missed, "refusals that tests/advice.py has no case for"


def _refusals_in(path: Path) -> list[ast.Call]:
    """Return the calls that make a refusal.

    A mark that only warns makes none, and what went wrong with the server is not sent to a model.
    """
    return [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in MAKERS
        and not any(
            isinstance(word.value, ast.Constant)
            and (word.arg, word.value.value) in (("refused", False), ("stage", "ask"))
            for word in node.keywords
        )
    ]
