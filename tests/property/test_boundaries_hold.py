"""Whatever crashed where: both lanes stay on the near side, and the value of now is inside."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.boundaries import Boundary, boundaries, within
from cockpit.agents.schema import bounds_of, offers
from cockpit.agents.space import dials
from cockpit.ports import Brief, PastTrial
from cockpit.source.constants import render, set_constants, values
from tests.ollama.fixtures import brief

TEXT = "DEPTH = 4\nWIDTH = 128\nLR = 0.05\nSHARE = 0.5\n\n\ndef build_model():\n    return LR\n"
NOW = values(TEXT)
NUMBERS = {
    "DEPTH": st.integers(1, 40),
    "WIDTH": st.integers(8, 2048),
    "LR": st.floats(1e-6, 10.0),
    "SHARE": st.floats(0.0, 1.0),
}
REASONS = ("ran out of memory", "ValueError: loss is not finite")
FALLS = st.sampled_from(sorted(NUMBERS)).flatmap(
    lambda name: st.tuples(st.just(name), NUMBERS[name], st.sampled_from(REASONS))
)


def row(trial: int, name: str, value: float, reason: str) -> PastTrial:
    text = set_constants(TEXT, {name: value})
    return PastTrial(
        trial=trial,
        lane="sweep",
        hypothesis="",
        summary=f"{name} {render(NOW[name])} -> {render(value)}",
        word="crash",
        reason=reason,
        value=None,
        delta=None,
        sigmas=None,
        constants=values(text),
        base="",
    )


def kept_inside(told: Brief) -> tuple[Boundary, ...]:
    """Check that both lanes keep to what was found, and return it."""
    found, narrowed, now = boundaries(told), within(told), values(told.text)
    assert len({(end.name, end.above) for end in found}) == len(found)
    known = dials(told.text, narrowed)
    offered = {o.name: o for o in offers(told.text, told.history, constraints=narrowed)}
    for end in found:
        assert narrowed.allows(end.name, now[end.name])
        assert not narrowed.allows(end.name, end.at)
        assert not any(end.bars(value) for value in known[end.name].others())
        assert not any(end.bars(value) for value in bounds_of(offered[end.name]))
    return found


@settings(max_examples=60)
@given(st.lists(FALLS, max_size=8))
def test_nothing_beyond_a_boundary_is_offered_and_the_present_value_is(
    falls: list[tuple[str, float, str]],
) -> None:
    news = [fall for fall in falls if fall[1] != NOW[fall[0]]]
    rows = tuple(row(at, *fall) for at, fall in enumerate(news, start=1))
    found = kept_inside(brief(text=TEXT, history=rows))
    for past in rows:
        name = past.summary.split()[0]
        assert any(end.bars(past.constants[name]) for end in found if end.name == name)


@settings(max_examples=60)
@given(st.lists(NUMBERS["LR"], max_size=5), NUMBERS["LR"])
def test_it_holds_though_the_file_has_moved_towards_a_boundary(
    falls: list[float], present: float
) -> None:
    rows = [row(at, "LR", rate, REASONS[0]) for at, rate in enumerate(falls, 1) if rate != 0.05]
    kept_inside(brief(text=set_constants(TEXT, {"LR": present}), history=tuple(rows)))
