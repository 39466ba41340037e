"""The constraints that the text alone can break: frozen names, ranges, added syntax nodes.

Only what a candidate does that its base did not is held against it: a base that breaks a rule, for
the rule is newer, may be left as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cockpit.constraints import UNBOUND, Bounds, Constraints, broken, span
from cockpit.source import normal, syntax
from cockpit.source.constants import render, values
from cockpit.trial import Rejected


def check(text: str, base: str, bounds: Bounds) -> Rejected | None:
    """Return the first constraint that `text` breaks and `base` did not, or None."""
    constraints = bounds.constraints
    return (
        _frozen(text, base, constraints)
        or _ranges(text, base, constraints)
        or _nodes(text, base, bounds)
    )


def unmet(text: str, constraints: Constraints) -> tuple[str, ...]:
    """Say where the constraints do not fit a file: names it has not, values beyond their range."""
    module, now = syntax.tree(text), values(text)
    known = set(_bound(module)) if module else set()
    found = [
        f"[constraints] {rule} names {name}, which train.py has not"
        for rule, names, have in (
            ("frozen", constraints.frozen, known),
            ("ranges", tuple(constraints.ranges), set(now)),
        )
        for name in names
        if name not in have
    ]
    for name, both in constraints.ranges.items():
        if name in now and not constraints.allows(name, now[name]):
            shown = render(now[name])
            found.append(
                f"{name} = {shown} is not within {span(*both)} of [constraints] ranges: "
                "it may stay, but a change must lead inside"
            )
    return tuple(found)


def _frozen(text: str, base: str, constraints: Constraints) -> Rejected | None:
    for name in constraints.frozen:
        if _definitions(text, name) != _definitions(base, name):
            now, was = values(text).get(name), values(base).get(name)
            change = f"{name} was changed"
            if now is not None and was is not None and now != was:
                change = f"{name} {render(was)} -> {render(now)}"
            return broken("frozen", f"{change}, and {name} is frozen", f"Leave {name} as it is.")
    return None


def _ranges(text: str, base: str, constraints: Constraints) -> Rejected | None:
    now, was = values(text), values(base)
    for name, both in constraints.ranges.items():
        if name in was and name not in now:
            fact = f"{name} is no longer one plain number, and must stay within {span(*both)}"
            return broken("ranges", fact, f"Keep the line {name} = {render(was[name])}.")
        if name in now and now[name] != was.get(name) and not constraints.allows(name, now[name]):
            fact = f"{name} = {render(now[name])} is not within {span(*both)}"
            return broken("ranges", fact, f"Keep {name} within {span(*both)}.")
    return None


def _nodes(text: str, base: str, bounds: Bounds) -> Rejected | None:
    constraints = bounds.constraints
    if constraints.added_nodes == UNBOUND and constraints.nodes == UNBOUND:
        return None
    nodes, before = normal.nodes(text), normal.nodes(base)
    added = nodes - before
    if constraints.added_nodes > UNBOUND and added > max(0, constraints.added_nodes):
        fact = f"{added:,} syntax nodes are added, at most {constraints.added_nodes:,} may be"
        return broken("added_nodes", fact, "Make a smaller change, or remove code as well.")
    over = nodes - (before if bounds.baseline_nodes is None else bounds.baseline_nodes)
    if constraints.nodes > UNBOUND and added > 0 and over > constraints.nodes:
        fact = (
            f"train.py would have {over:,} syntax nodes more than the baseline, "
            f"at most {constraints.nodes:,} may be"
        )
        return broken("nodes", fact, "Remove code, or change what is there.")
    return None


def _definitions(text: str, name: str) -> list[str]:
    """Return, without layout and comments, all that gives a module-level name its meaning.

    Besides its definition that is every assignment to it or to an attribute of it, anywhere: a
    class can be changed from outside.
    """
    module = normal.bare(text)
    if module is None:
        return []
    found = [ast.dump(node) for node in module.body if name in _names(node)]
    for node in ast.walk(module):
        match node:
            case ast.Global(names=names) if name in names:
                found.append("global")
            case ast.Name(id=bound, ctx=ast.Store() | ast.Del()) | ast.arg(arg=bound) if (
                bound == name
            ):
                found.append("bound")
            case ast.Attribute(value=ast.Name(id=owner), ctx=ast.Store() | ast.Del()) if (
                owner == name
            ):
                found.append(ast.dump(node))
            case ast.Call(
                func=ast.Name(id="setattr" | "delattr"), args=[ast.Name(id=owner), *_]
            ) if owner == name:
                found.append(ast.dump(node))
            case _:
                pass
    return found


def _bound(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        yield from _names(node)


def _names(node: ast.stmt) -> set[str]:
    """Return the module-level names that a statement gives a meaning."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(item.asname or item.name).split(".")[0] for item in node.names}
    stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    inner = (n for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.ClassDef))
    return {n.id for n in stored if isinstance(n.ctx, ast.Store | ast.Del)} | {
        n.name for n in inner
    }
