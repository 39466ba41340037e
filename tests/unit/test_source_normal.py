from cockpit.source import normal

TEXT = '''"""Module."""
LR = 1e-3  # rate


def f(x):
    """Double."""
    return x * 2
'''


def test_comments_docstrings_blank_lines_and_spelling_do_not_count() -> None:
    other = "LR = 0.001\ndef f(x):\n\n    # twice\n    return (x * 2)\n"
    assert normal.key(TEXT) == normal.key(other)
    assert normal.nodes(TEXT) == normal.nodes(other)


def test_a_docstring_alone_is_a_pass() -> None:
    assert normal.key('def f():\n    """Doc."""\n') == normal.key("def f():\n    pass\n")


def test_values_and_types_do_count() -> None:
    assert normal.key(TEXT) != normal.key(TEXT.replace("1e-3", "2e-3"))
    assert normal.key("A = 1\n") != normal.key("A = 1.0\n")
    assert normal.key("A = 1\n") != normal.key("A = True\n")


def test_shape_ignores_the_values_of_constants_and_nothing_else() -> None:
    assert normal.shape(TEXT) == normal.shape(TEXT.replace("1e-3", "2e-3"))
    assert normal.shape(TEXT) != normal.shape(TEXT.replace("* 2", "* 3"))
    assert normal.shape(TEXT) != normal.shape(TEXT.replace("LR", "RATE"))


def test_more_program_is_more_nodes() -> None:
    assert normal.nodes(TEXT) < normal.nodes(TEXT + "x = f(1)\n")


def test_text_that_does_not_parse_is_its_own_form() -> None:
    assert normal.normal_form("def") == "def"
    assert normal.key("def") != normal.key("class")
    assert normal.nodes("def") == 0
