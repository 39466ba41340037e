from cockpit.source.edits import apply
from cockpit.trial import Block, Rejected, Replace, Rewrite, SetConstants

TEXT = """LR = 3e-4  # step size
MUON_LR = 3e-4


class Net:
    def forward(self, x):
        x = norm(x)
        return x

    def other(self, x):
        x = norm( x )
        return x + 1
"""


def replaced(*blocks: tuple[str, str], text: str = TEXT) -> str | Rejected:
    edit = Replace(blocks=tuple(Block(search=old, replace=new) for old, new in blocks))
    return apply(edit, text)


def refused(outcome: str | Rejected) -> Rejected:
    assert isinstance(outcome, Rejected)
    assert outcome.stage == "apply"
    return outcome


def test_exact_lines_are_replaced() -> None:
    new = replaced(("        x = norm(x)\n        return x", "        return norm(x)"))
    assert new == TEXT.replace(
        "        x = norm(x)\n        return x\n\n", "        return norm(x)\n\n"
    )


def test_lines_under_another_indent_match_and_the_new_ones_move_along() -> None:
    new = replaced(("x = norm(x)\nreturn x", "y = norm(x)\nif y:\n    return y\n\nreturn x"))
    assert isinstance(new, str)
    moved = "        y = norm(x)\n        if y:\n            return y\n\n        return x\n"
    assert moved in new


def test_a_search_that_is_indented_too_far_matches_too() -> None:
    new = replaced(("            return x + 1", "            return x + 2"))
    assert new == TEXT.replace("        return x + 1", "        return x + 2")


def test_white_space_alone_does_not_spoil_a_match() -> None:
    new = replaced(("x=norm( x )\n\nreturn x+1", "return 0"))
    assert new == TEXT.replace("        x = norm( x )\n        return x + 1", "        return 0")


def test_part_of_a_line_matches_at_word_borders_and_keeps_its_comment() -> None:
    assert replaced(("LR = 3e-4", "LR = 1e-3"), text="LR = 3e-4  # a\nMUON_LR = 3e-4  # b\n") == (
        "LR = 1e-3  # a\nMUON_LR = 3e-4  # b\n"
    )


def test_a_block_that_matches_twice_is_refused_with_the_lines() -> None:
    text = "a = 1\nb = 2\na = 1\n"
    rejection = refused(replaced(("a = 1", "a = 3"), text=text))
    assert "matches 2 places" in rejection.reason
    assert "lines 1, 3" in rejection.advice


def test_two_loose_matches_are_not_one() -> None:
    refused(replaced(("x=norm(x)", "x = 0")))


def test_a_miss_names_the_block_shows_real_lines_and_what_did_match() -> None:
    rejection = refused(
        replaced(("LR = 3e-4  # step size", "LR = 1"), ("return x + 11", "return 0"))
    )
    assert "block 2 of 2" in rejection.reason
    assert "        return x + 1" in rejection.advice
    assert "Block 1 matched" in rejection.advice


def test_each_reading_is_tried_only_where_the_tighter_one_found_nothing() -> None:
    text = "if a:\n    x = f(1)\nx = f(1)\nx=f( 1 )\n"
    assert replaced(("x = f(1)", "y = 1"), text=text) == text.replace("\nx = f(1)", "\ny = 1")
    assert replaced(("  x = f(1)", "  y = 1"), text=text.replace("\nx = f(1)", "")) == (
        "if a:\n    y = 1\nx=f( 1 )\n"
    )
    assert replaced(("x = f( 1 )", "y = 1"), text="x=f(1)\nx = f(2)\n") == "y = 1\nx = f(2)\n"


def test_a_reading_that_finds_two_places_never_falls_through() -> None:
    indents = "if a:\n    x = f(1)\nelse:\n    x = f(1)\n"
    spaces = "x = f(1)\ny = 2\nx = f( 1 )\n"
    parts = "a = LR * 2\nb = LR * 3\n"
    for text, search, lines in (
        (indents, "x = f(1)", "lines 2, 4"),
        (spaces, "x=f(1)", "lines 1, 3"),
        (parts, "LR", "lines 1, 2"),
    ):
        rejection = refused(replaced((search, "pass"), text=text))
        assert "matches 2 places" in rejection.reason
        assert lines in rejection.advice


def test_of_many_misses_a_few_are_explained() -> None:
    rejection = refused(replaced(*[(f"no_{number} = 1", "x") for number in range(500)]))
    assert "(and 499 more)" in rejection.reason
    assert "497 more blocks did not match either." in rejection.advice
    assert len(rejection.advice) < 1200


def test_an_empty_search_is_explained() -> None:
    assert "empty search" in refused(replaced(("  \n", "x"))).advice


def test_blocks_apply_in_order_or_not_at_all() -> None:
    new = replaced(("LR = 3e-4  # step size", "LR = 1e-3"), ("return x + 1", "return x + LR"))
    assert isinstance(new, str)
    assert new.startswith("LR = 1e-3\nMUON_LR")
    assert new.endswith("return x + LR\n")


def test_an_empty_replacement_deletes_the_lines() -> None:
    assert replaced(("MUON_LR = 3e-4", "")) == TEXT.replace("MUON_LR = 3e-4\n", "")


def test_windows_line_ends_are_kept_by_blocks_and_normalised_by_a_rewrite() -> None:
    windows = TEXT.replace("\n", "\r\n")
    blocks = replaced(("return x + 1", "return x + 2"), text=windows)
    assert blocks == windows.replace("x + 1", "x + 2")
    assert apply(Rewrite(text="LR = 1\r\nB = 2\r\n\r\n"), TEXT) == "LR = 1\nB = 2\n"


def test_edits_that_change_nothing_that_runs_are_refused() -> None:
    for edit in (
        SetConstants(changes=(("LR", 0.0003),)),
        Replace(blocks=(Block(search="# step size", replace="# the step size"),)),
        Rewrite(text=TEXT.replace("3e-4", "0.0003")),
    ):
        assert "changes nothing" in refused(apply(edit, TEXT)).reason


def test_an_unknown_constant_is_refused_with_the_known_ones() -> None:
    rejection = refused(apply(SetConstants(changes=(("DEPTH", 3),)), TEXT))
    assert "LR, MUON_LR" in rejection.advice


def test_no_blocks_is_no_edit() -> None:
    assert "no blocks" in refused(apply(Replace(blocks=()), TEXT)).reason
