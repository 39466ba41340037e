"""Curves: every point lands in its cell, and plain ASCII shows the same shape."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.tui.plot import Curve, bounds, draw

FULL = {"x_range": (0.0, 10.0), "y_range": (0.0, 1.0)}


def lines(curves: list[Curve], width: int = 10, height: int = 3, **ranges: object) -> list[str]:
    canvas = draw(curves, width=width, height=height, x_range=(0.0, 10.0), y_range=(0.0, 1.0))
    return ["".join(text for text, _ in row) for row in canvas.rows()]


def test_a_high_value_is_drawn_above_a_low_one() -> None:
    drawn = lines([Curve(points=[(0.0, 1.0)], style="a"), Curve(points=[(9.9, 0.0)], style="b")])
    assert drawn[0][0] == "⠁"
    assert drawn[2][9] == "⢀"


def test_a_joined_curve_has_no_gap_and_a_loose_one_only_its_points() -> None:
    points = [(0.0, 0.0), (9.9, 1.0)]
    joined = lines([Curve(points=points, style="a")])
    loose = lines([Curve(points=points, style="a", joined=False)])
    assert all(any(row[x] != " " for row in joined) for x in range(10))
    assert sum(c != " " for row in loose for c in row) == 2


def test_the_later_curve_gives_the_colour() -> None:
    points = [(5.0, 0.5)]
    canvas = draw(
        [Curve(points=points, style="ghost"), Curve(points=points, style="now")],
        width=10,
        height=3,
        x_range=(0.0, 10.0),
        y_range=(0.0, 1.0),
    )
    assert {style for row in canvas.rows() for text, style in row if text.strip()} == {"now"}


def test_plain_ascii_marks_the_same_cells() -> None:
    canvas = draw(
        [Curve(points=[(0.0, 1.0), (5.0, 0.2), (9.0, 0.6)], style="a")],
        width=10,
        height=3,
        x_range=(0.0, 10.0),
        y_range=(0.0, 1.0),
    )
    dots = ["".join(t for t, _ in row) for row in canvas.rows()]
    marks = ["".join(t for t, _ in row) for row in canvas.rows(ascii_only=True)]
    assert [[c == " " for c in row] for row in dots] == [[c == " " for c in row] for row in marks]
    assert all(ord(c) < 127 for row in marks for c in row)


def test_the_first_steps_do_not_flatten_the_curve() -> None:
    loss = [(float(x), 90.0 if x == 0 else 2.0 - x / 100) for x in range(50)]
    known = bounds([Curve(points=loss, style="a")], trim=0.05)
    assert known is not None
    assert known[1] < 3.0
    assert bounds([]) is None


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6, allow_nan=False), st.floats(-1e6, 1e6, allow_nan=False)),
        max_size=20,
    ),
    st.integers(1, 40),
    st.integers(1, 10),
)
def test_every_row_has_the_width_asked_for(
    points: list[tuple[float, float]], width: int, height: int
) -> None:
    drawn = lines([Curve(points=points, style="a")], width, height)
    assert [len(row) for row in drawn] == [width] * height
