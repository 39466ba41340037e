"""What a model may send back, and what becomes of it."""

from __future__ import annotations

import pytest

from cockpit.agents.reply import Idea, cut_off, read_blocks, read_constant
from cockpit.agents.schema import Offer
from cockpit.trial import Block, Constant, Rejected, Replace, SetConstants


def offer(name: str, value: Constant, *choices: Constant, **tried: int) -> Offer:
    return Offer(name=name, value=value, comment="", choices=choices, tried={})


LR = offer("LR", 3e-4)
DEPTH = offer("DEPTH", 2)
ACTIVATION = offer("ACTIVATION", "gelu", "relu2", "swiglu")
QK_NORM = offer("QK_NORM", False, True)
OFFERED = (LR, DEPTH, ACTIVATION, QK_NORM)


def changed(text: str) -> tuple[tuple[str, Constant], ...]:
    idea = read_constant(text, OFFERED)
    assert isinstance(idea, Idea), idea
    assert isinstance(idea.edit, SetConstants)
    return idea.edit.changes


def refused(text: str) -> Rejected:
    idea = read_constant(text, OFFERED)
    assert isinstance(idea, Rejected), idea
    return idea


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "LR", "value": 1e-3, "hypothesis": "bigger steps"}',
        'Sure!\n```json\n{"name": "LR", "value": 0.001, "hypothesis": "bigger steps"}\n```\nDone.',
        '<think>{"name": "LR"} or not?</think>{"name": "LR", "value": 0.001, "hypothesis": "x"}',
        'Options {a, b}: {"why": 1} {"name": "LR", "value": 0.001, "hypothesis": "x"}',
    ],
)
def test_the_object_is_found_in_fences_prose_and_after_thoughts(text: str) -> None:
    assert changed(text) == (("LR", 0.001),)


def test_a_choice_keeps_its_type() -> None:
    assert changed('{"name": "QK_NORM", "value": true, "hypothesis": "x"}') == (("QK_NORM", True),)
    assert changed('{"name": "ACTIVATION", "value": "relu2"}') == (("ACTIVATION", "relu2"),)
    assert "one of: True" in refused('{"name": "QK_NORM", "value": 1}').advice


def test_a_missing_hypothesis_is_made_of_the_change() -> None:
    idea = read_constant('{"name": "DEPTH", "value": 3, "hypothesis": ""}', OFFERED)
    assert isinstance(idea, Idea)
    assert idea.hypothesis == "DEPTH 2 -> 3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I would raise the learning rate.", "no JSON object (it begins “I would raise"),
        ("", "it is empty"),
        ('{"name": "LR", "value"', "no JSON object"),
        ('{"name": "TIME_BUDGET", "value": 600}', "'TIME_BUDGET', which was not on offer"),
        ('{"name": "LR", "value": "1e-2"}', "LR is a number"),
        ('{"name": "LR", "value": null}', "gives LR no value"),
        ('{"name": "LR", "value": 0.0003}', "LR is 0.0003 already"),
        ('{"name": "LR", "value": 7}', "LR 7 is out of range"),
        ('{"name": "LR", "value": 1e999}', "LR is a number"),
        (f'{{"name": "LR", "value": {10**400}}}', "LR cannot become a number of 401 digits"),
        ('{"name": "DEPTH", "value": -3}', "out of range (1 to 16)"),
        ('{"name": "ACTIVATION", "value": "gelu"}', "cannot become 'gelu'"),
        (f'{{"name": "ACTIVATION", "value": {10**400}}}', "cannot become a number of 401 digits"),
    ],
)
def test_what_cannot_be_used_says_why(text: str, reason: str) -> None:
    rejection = refused(text)
    assert rejection.stage == "parse"
    assert reason in rejection.reason
    assert rejection.advice


def test_a_tried_number_names_its_trial() -> None:
    tried = Offer(name="LR", value=3e-4, comment="", choices=(), tried={1e-3: 17})
    idea = read_constant('{"name": "LR", "value": 0.001}', (tried,))
    assert isinstance(idea, Rejected)
    assert (idea.stage, idea.repeats) == ("novelty", 17)


BLOCKS = """<<<<<<< SEARCH
LR = 3e-4
=======
LR = 1e-3
>>>>>>> REPLACE
<<<<<<< SEARCH
def norm(x):
    return x
=======
>>>>>>> REPLACE
"""
BOTH = Replace(
    blocks=(
        Block(search="LR = 3e-4", replace="LR = 1e-3"),
        Block(search="def norm(x):\n    return x", replace=""),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        f"Hypothesis: bigger steps learn more.\n\n{BLOCKS}",
        f"**Hypothesis:** bigger steps learn more.\n\ntrain.py\n```python\n{BLOCKS}```\nGood luck!",
        f"<thinking>maybe</thinking>\nbigger steps learn more.\n\n{BLOCKS}",
        f"Hypothesis: bigger steps learn more.\n\n{BLOCKS}".replace("\n", "\r\n"),
        f"Hypothesis: bigger steps learn more.\n\n{BLOCKS}".replace(
            "<<<<<<< SEARCH", "<<<<< search"
        ),
    ],
)
def test_blocks_are_found_among_prose_and_fences(text: str) -> None:
    idea = read_blocks(text)
    assert isinstance(idea, Idea), idea
    assert idea.edit == BOTH
    assert idea.hypothesis == "bigger steps learn more."


def test_a_fence_inside_the_markers_is_no_code() -> None:
    idea = read_blocks("<<<<<<< SEARCH\n```python\na = 1\n```\n=======\na = 2\n>>>>>>> REPLACE")
    assert isinstance(idea, Idea)
    assert idea.edit == Replace(blocks=(Block(search="a = 1", replace="a = 2"),))
    assert idea.hypothesis == "no hypothesis given"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I suggest a larger batch.", "holds no search/replace block"),
        ("<<<<<<< SEARCH\na\n=======\nb", "block 1 of the reply does not end"),
        (f"{BLOCKS}<<<<<<< SEARCH\na", "block 3 of the reply does not end"),
    ],
)
def test_a_reply_without_whole_blocks_says_why(text: str, reason: str) -> None:
    idea = read_blocks(text)
    assert isinstance(idea, Rejected)
    assert reason in idea.reason


def test_control_codes_do_not_reach_the_screen() -> None:
    idea = read_constant(
        '{"name": "DEPTH", "value": 3, "hypothesis": "a\\u001b[31mb\\nc"}', OFFERED
    )
    assert isinstance(idea, Idea)
    assert idea.hypothesis.isprintable()


def test_a_cut_reply_says_how_long_it_was() -> None:
    assert "cut off after 256 tokens" in cut_off(256, 900).reason
    assert "cut off after 65,540 characters" in cut_off(None, 65540).reason
