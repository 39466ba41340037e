import pytest

from cockpit.source.constants import coerce, constants, render, set_constants, values
from cockpit.trial import Constant

TEXT = '''"""Dials."""
DEPTH = 2  # blocks
LR = 3e-4  # step size, µ
FLAG = False
KIND = "gelu"  # gelu | relu2 | swiglu
SIZES: int = 8  # 4 | 8 | 16
SHIFT = -0.5
TWICE = 1
TWICE = 2
lower = 3
PAIR = (1, 2)
SUM = 1 + 1
LONG = """a
b"""


def inner():
    HIDDEN = 3
    return HIDDEN
'''


def test_finds_literals_of_capitals_assigned_once_on_one_line() -> None:
    assert values(TEXT) == {
        "DEPTH": 2,
        "LR": 3e-4,
        "FLAG": False,
        "KIND": "gelu",
        "SIZES": 8,
        "SHIFT": -0.5,
    }


def test_reads_comment_line_and_choices_in_the_type_of_the_value() -> None:
    found = constants(TEXT)
    assert found["KIND"].choices == ("gelu", "relu2", "swiglu")
    assert found["SIZES"].choices == (4, 8, 16)
    assert found["FLAG"].choices == (False, True)
    assert found["LR"].comment == "step size, µ"
    assert (found["LR"].line, found["DEPTH"].choices) == (3, ())


def test_choices_without_the_present_value_are_no_choices() -> None:
    assert constants('KIND = "gelu"  # see a | b\n')["KIND"].choices == ()


def test_changes_the_literal_and_not_one_byte_more() -> None:
    edited = set_constants(TEXT, {"LR": 0.0012, "KIND": "swiglu", "FLAG": True})
    expected = (
        TEXT.replace("LR = 3e-4", "LR = 1.2e-3")
        .replace('KIND = "gelu"', 'KIND = "swiglu"')
        .replace("FLAG = False", "FLAG = True")
    )
    assert edited == expected


def test_spans_are_bytes_so_letters_beyond_ascii_move_nothing() -> None:
    text = 'NAME = "µß€"; LR = 0.1  # ändern\r\nB = 2\r\n'
    assert (
        set_constants(text, {"LR": 0.2, "B": 3}) == 'NAME = "µß€"; LR = 0.2  # ändern\r\nB = 3\r\n'
    )


def test_a_value_keeps_its_type() -> None:
    edited = values(set_constants(TEXT, {"DEPTH": 4.0, "LR": 1, "FLAG": 1}))
    assert (edited["DEPTH"], type(edited["DEPTH"])) == (4, int)
    assert (edited["LR"], type(edited["LR"])) == (1.0, float)
    assert edited["FLAG"] is True


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"DEPTH": 2.5}, "DEPTH is 2 and takes int, not 2.5"),
        ({"LR": float("nan")}, "LR"),
        ({"LR": "1e-3"}, "LR is 3e-4 and takes float"),
        ({"LR": True}, "LR"),
        ({"FLAG": 3}, "FLAG is False and takes False | True"),
        ({"KIND": "tanh"}, "gelu | relu2 | swiglu"),
        ({"MISSING": 1}, "no constant MISSING"),
    ],
)
def test_a_wrong_value_is_refused_with_what_the_constant_takes(
    changes: dict[str, Constant], says: str
) -> None:
    with pytest.raises(ValueError) as caught:
        set_constants(TEXT, changes)
    assert says in str(caught.value)


def test_text_that_does_not_parse_has_no_constants() -> None:
    assert constants("LR = = 3") == {}
    assert constants("LR = 3\0") == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0003, "3e-4"),
        (0.0012, "1.2e-3"),
        (0.02, "0.02"),
        (0.95, "0.95"),
        (10000.0, "10000.0"),
        (2e7, "2e7"),
        (-0.001, "-1e-3"),
        (0.0, "0.0"),
        (7, "7"),
        (True, "True"),
        ("muon", '"muon"'),
    ],
)
def test_values_are_spelled_as_a_person_would(value: Constant, text: str) -> None:
    assert render(value) == text


def test_a_quote_in_a_string_survives() -> None:
    span = constants('NAME = "a"\n')["NAME"]
    assert coerce(span, 'say "x"') == 'say "x"'
    assert values(set_constants('NAME = "a"\n', {"NAME": 'say "x"\n'}))["NAME"] == 'say "x"\n'
