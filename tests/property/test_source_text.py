import math
import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.source import normal
from cockpit.source.constants import constants, render, set_constants, values
from cockpit.source.edits import apply
from cockpit.trial import Block, Constant, Replace

calm = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Script = tuple[dict[str, Constant], str]

names = st.text(string.ascii_uppercase, min_size=1, max_size=6)
floats = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(codec="utf-8"), max_size=12)
literals = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), floats, words)
comments = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs", "P")), max_size=20)


@st.composite
def scripts(draw: st.DrawFn) -> tuple[dict[str, Constant], str]:
    dials = draw(st.dictionaries(names, literals, min_size=1, max_size=6))
    lines = []
    for name, value in dials.items():
        lines.append(f"{name} = {render(value)}  # {draw(comments)}")
        lines.append(draw(st.sampled_from(["", "# über", "x = 'µ'; y = 2", "def f():\n    pass"])))
    return dials, draw(st.sampled_from(["\n", "\r\n"])).join(lines) + "\n"


def letters(text: str) -> str:
    """Squeeze white space out of lines, and blank lines out of the text."""
    return "\n".join("".join(line.split()) for line in text.split("\n") if line.strip())


@given(literals)
@calm
def test_rendering_reads_back_as_the_same_value(value: Constant) -> None:
    back = values(f"A = {render(value)}\n")["A"]
    assert type(back) is type(value)
    assert back == value


@given(scripts(), st.data())
@calm
def test_setting_one_constant_touches_its_span_alone(script: Script, data: st.DataObject) -> None:
    dials, text = script
    assert values(text) == dials
    name = data.draw(st.sampled_from(sorted(dials)))
    kind = type(dials[name])
    new = data.draw(literals.filter(lambda value: type(value) is kind))
    span = constants(text)[name]
    if span.choices and isinstance(new, str) and new not in span.choices:
        return
    edited = set_constants(text, {name: new})
    raw, now = text.encode(), edited.encode()
    assert now[: span.start] == raw[: span.start]
    assert now.endswith(raw[span.end :])
    assert values(edited) == {**dials, name: new}


@given(scripts())
@calm
def test_the_normal_form_is_blind_to_comments_and_blank_lines(script: Script) -> None:
    _, text = script
    bare = "\n".join(line for line in text.splitlines() if line and not line.startswith("# "))
    if all(math.isfinite(v) for v in values(bare).values() if isinstance(v, float)):
        assert normal.key(text) == normal.key("# first\n\n" + text)


@given(st.lists(st.sampled_from(["a = 1", "    b = 2", "", "c", "d(e)"]), max_size=12), st.data())
@calm
def test_a_block_replaces_one_place_or_none(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines) + "\n"
    search = data.draw(st.sampled_from(["a = 1", "b = 2", "c", "d(e)", "a = 1\n    b = 2"]))
    edit = Replace(blocks=(Block(search=search, replace="z = 9"),))
    outcome = apply(edit, text)
    if isinstance(outcome, str):
        assert outcome.count("z = 9") == 1
        assert letters(text).count(letters(search)) == 1
