import pytest

from cockpit.arena.output import Lines, clean, failure, parse_step, tail

CRASH = """step 1 | loss 4.0 | tok/s 100
Traceback (most recent call last):
  File "/ws/.cockpit/runs/s/3-1/train.py", line 60, in <module>
    main()
  File "/ws/.cockpit/runs/s/3-1/train.py", line 41, in main
    y = scale(x)
        ^^^^^^^^
  File "/ws/sandbox/prepare.py", line 9, in scale
    return x * missing
NameError: name 'missing' is not defined
"""

SYNTAX = """Traceback (most recent call last):
  File "/ws/.cockpit/runs/s/3-1/train.py", line 7
    def f(:
          ^
SyntaxError: invalid syntax
"""


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m text", "red text"),
        ("\x1b]0;my title\x07after", "after"),
        ("\x1b]52;c;c2VjcmV0\x1b\\after", "after"),
        ("\x9b2Jgone", "gone"),
        ("nul\x00 bell\x07 back\x08", "nul bell back"),
        ("10%\r50%\r100%\r\n", "100%\n"),
        ("abc\u202edcb\u2066x", "abcdcbx"),
        ("lone \ud800 half", "lone  half"),
        ("\x1b", ""),
        ("tab\tstop", "tab stop"),
    ],
)
def test_what_could_steer_a_terminal_is_stripped(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_a_progress_line_is_read_in_the_exact_format_only() -> None:
    found = parse_step("step 12 | loss 3.4567 | tok/s 21000")
    assert found is not None
    assert (found.step, found.loss, found.tokens_per_second) == (12, 3.4567, 21000.0)
    assert parse_step("val_bpb: 0.1") is None
    assert parse_step("step 12 | loss nan | tok/s 21000") is None
    assert parse_step("xstep 12 | loss 3.4567 | tok/s 21000") is None


def test_a_traceback_names_the_deepest_line_of_train_py() -> None:
    found = failure(CRASH)
    assert found is not None
    assert found.sentence() == "NameError at line 41: name 'missing' is not defined (y = scale(x))"


def test_a_syntax_error_names_its_line_and_source() -> None:
    found = failure(SYNTAX)
    assert found is not None
    assert (found.kind, found.line, found.source) == ("SyntaxError", 7, "def f(:")


def test_a_qualified_error_and_one_without_message_are_named_shortly() -> None:
    text = CRASH.replace("NameError: name 'missing' is not defined", "torch.cuda.OutOfMemoryError")
    found = failure(text)
    assert found is not None
    assert (found.kind, found.message) == ("OutOfMemoryError", "")


def test_output_without_a_traceback_has_no_failure() -> None:
    assert failure("all went well\n") is None


def test_the_tail_is_short_whatever_was_printed() -> None:
    text = "\n".join(f"line {i} " + "x" * 500 for i in range(1000))
    assert len(tail(text)) <= 4000
    assert tail("a\nb\n\n\n") == "a\nb"


def test_lines_are_cut_across_reads_and_an_endless_line_is_let_go() -> None:
    lines = Lines()
    assert lines.feed(b"step 1 | lo") == []
    assert lines.feed(b"ss 2.0 | tok/s 5\nnext") == ["step 1 | loss 2.0 | tok/s 5"]
    assert len(lines.feed(b"y" * 100_000)[0]) <= 2000
    assert lines.feed(b"\xff\xfe\n") == ["��"]
