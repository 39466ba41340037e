"""Reading Python text that may be broken: a tree, or one sentence about why there is none."""

from __future__ import annotations

import ast
import warnings


def tree(text: str) -> ast.Module | None:
    """Return the syntax tree of `text`, or None when it does not parse."""
    parsed = _parse(text)
    return parsed if isinstance(parsed, ast.Module) else None


def compile_error(text: str) -> str | None:
    """Return why `text` does not compile, in one sentence with its line; None when it does.

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
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error


def _sentence(error: Exception, text: str) -> str:
    """Name the fault, its line and the text of that line."""
    if not isinstance(error, SyntaxError) or error.lineno is None:
        return f"train.py does not compile: {error or type(error).__name__}"
    lines = text.splitlines()
    shown = lines[error.lineno - 1].strip() if 0 < error.lineno <= len(lines) else ""
    where = f"line {error.lineno}" + (f", `{shown[:100]}`" if shown else "")
    return f"train.py does not compile: {error.msg} at {where}"
