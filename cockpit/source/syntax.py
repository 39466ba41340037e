"""Reading Python text that may be broken: a tree, or one sentence about why there is none."""

from __future__ import annotations

import ast
import warnings
from typing import Final

DEEPEST: Final = 200
"""Levels of syntax that are read; each takes a visitor up to four of Python's 1,000 frames."""
WIDEST: Final = 13_000
"""Bits of a whole number that is read; Python writes out no more than 4,300 digits of one."""


class _BeyondError(ValueError):
    """A text that Python compiles, and that is not read here."""


def tree(text: str) -> ast.Module | None:
    """Return the syntax tree of `text`, or None when it does not parse or cannot be read."""
    parsed = _parse(text)
    return parsed if isinstance(parsed, ast.Module) else None


def compile_error(text: str) -> str | None:
    """Return why `text` does not compile, in one sentence with its line; None when it does.

    What nests too deep or holds too large a number for the rest of this package counts as such.

    Compiles to byte code without running it, so that `return` outside a function and the like are
    found too, which parsing alone lets pass.
    """
    parsed = _parse(text)
    if not isinstance(parsed, ast.Module):
        return _sentence(parsed, text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(parsed, "train.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _sentence(error, text)
    return None


def _parse(text: str) -> ast.Module | Exception:
    """Parse with warnings silenced (an invalid escape in a candidate is not our warning)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error
    return _beyond(parsed) or parsed


def _beyond(module: ast.Module) -> _BeyondError | None:
    """Say what makes a tree one that visitors, which recurse, or its text form cannot manage."""
    level: list[ast.AST] = [module]
    deepest = 0
    for _ in range(DEEPEST):
        for node in level:
            match node:
                case ast.Constant(value=int() as value) if value.bit_length() > WIDEST:
                    return _BeyondError(f"line {node.lineno} holds a number too large to be read")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        deepest = next((n.lineno for n in level if isinstance(n, ast.expr | ast.stmt)), deepest)
    return _BeyondError(f"line {deepest} nests too deep to be read") if level else None


def _sentence(error: Exception, text: str) -> str:
    """Name the fault, its line and the text of that line."""
    if isinstance(error, _BeyondError):
        return f"train.py cannot be used: {error}"
    if not isinstance(error, SyntaxError) or error.lineno is None:
        return f"train.py does not compile: {error or type(error).__name__}"
    lines = text.splitlines()
    shown = lines[error.lineno - 1].strip() if 0 < error.lineno <= len(lines) else ""
    where = f"line {error.lineno}" + (f", `{shown[:100]}`" if shown else "")
    return f"train.py does not compile: {error.msg} at {where}"
