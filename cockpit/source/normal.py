"""The normal form of a program: what is left when comments, docstrings and spelling are not.

Two texts with one normal form are the same experiment; so a key of it is what novelty asks for.
"""

from __future__ import annotations

import ast
import functools
import hashlib

from cockpit.source import syntax
from cockpit.source.constants import constants

_once = functools.lru_cache(maxsize=8)
"""The base of a proposal is asked for again with each one, and a candidate at every gate."""


@_once
def normal_form(text: str) -> str:
    """Return the syntax tree of `text` as a string, without comments, docstrings and layout.

    `1e-3` and `0.001` come out the same; `1` and `1.0` do not. Text that does not parse is its
    own normal form.
    """
    module = bare(text)
    return text if module is None else ast.dump(module)


def key(text: str) -> str:
    """Return the SHA-256 of the normal form, in hexadecimal: equal keys, equal experiments."""
    return hashlib.sha256(normal_form(text).encode()).hexdigest()


@_once
def nodes(text: str) -> int:
    """Count the syntax nodes of the normal form: a size of the program that layout cannot move."""
    module = bare(text)
    return 0 if module is None else sum(1 for _ in ast.walk(module))


def bare(text: str) -> ast.Module | None:
    """Return the tree of `text` without docstrings and spelling, or None when it does not parse."""
    module = syntax.tree(text)
    if module is not None:
        _Bare().visit(module)
    return module


@_once
def shape(text: str) -> str:
    """Return a key of all but the values of the constants.

    Texts of one shape differ in constants at most, so equal constants on them are one experiment.
    """
    module = syntax.tree(text)
    if module is None:
        return key(text)
    bare = _Blank(set(constants(text))).visit(_Bare().visit(module))
    return hashlib.sha256(ast.dump(bare).encode()).hexdigest()


class _Bare(ast.NodeTransformer):
    """Drops statements that are a bare literal (docstrings among them), and string prefixes."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        if isinstance(node.value, ast.Constant):
            return None
        self.generic_visit(node)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        node.kind = None
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        had = bool(getattr(node, "body", None))
        super().generic_visit(node)
        if had and getattr(node, "body", None) == [] and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]  # type: ignore[attr-defined]  # only nodes with a body
        return node


class _Blank(ast.NodeTransformer):
    """Blanks the values of the named module-level constants."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id in self._names:
            node.value = ast.Constant(value=None)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        if isinstance(node.target, ast.Name) and node.target.id in self._names:
            node.value = ast.Constant(value=None)
        return node
