"""Whatever a model sends, reading it neither raises nor invents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.agents.prompt import clean
from cockpit.agents.reply import Idea, read_blocks, read_constant
from cockpit.agents.schema import Offer
from cockpit.trial import Block, Rejected, Replace, SetConstants

OFFERED = (
    Offer(name="LR", value=3e-4, comment="", choices=(), tried={}),
    Offer(name="DEPTH", value=2, comment="", choices=(1, 4), tried={}),
)
MARKS = ("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "```", "<think>", "</think>", "x = 1")
JSON = ("{", "}", '{"name": "LR",', '"value"', ": 1e-3", ": -Infinity", ": [[[", "\n", "\x1b[2J")
SHARDS = st.sampled_from(MARKS + JSON)
REPLIES = st.one_of(st.text(), st.lists(SHARDS).map("".join), st.lists(SHARDS).map("\n".join))
LINES = st.from_regex(r"[ ]{0,4}[a-z_]{1,8} = [0-9]{1,3}", fullmatch=True)
BODIES = st.lists(LINES, min_size=1, max_size=3).map("\n".join)


@given(REPLIES)
def test_a_reply_is_an_idea_or_a_rejection_with_advice(text: str) -> None:
    for idea in (read_constant(text, OFFERED), read_blocks(text)):
        if isinstance(idea, Rejected):
            assert idea.reason
            assert idea.advice
            continue
        assert idea.hypothesis.isprintable()
        if isinstance(idea.edit, SetConstants):
            assert all(name in {"LR", "DEPTH"} for name, _ in idea.edit.changes)


@given(st.lists(st.tuples(BODIES, BODIES), min_size=1, max_size=3), st.booleans())
def test_well_formed_blocks_come_back_as_written(pairs: list[tuple[str, str]], fence: bool) -> None:
    body = "\n".join(
        f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE"
        for search, replace in pairs
    )
    idea = read_blocks(f"Hypothesis: x\n\n```python\n{body}\n```" if fence else body)
    assert isinstance(idea, Idea)
    wanted = tuple(Block(search=search, replace=replace) for search, replace in pairs)
    assert idea.edit == Replace(blocks=wanted)


@given(st.text())
def test_cleaned_text_has_no_control_codes_and_no_record_marks(text: str) -> None:
    cleaned = clean(text)
    assert all(c.isprintable() or c in "\t\n" or ord(c) > 0x9F for c in cleaned)
    assert "\x1b" not in cleaned
