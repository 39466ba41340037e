"""The contract of `train.py`, as far as its syntax tree can tell; the base is the yardstick.

A script that never had a `build_model` owes none; one that had, still owes it.
"""

from __future__ import annotations

import ast

from cockpit.source.names import Names

_HANDED = ("prepare.submit", "prepare.time_left", "prepare.seed", "prepare.batches")
_SEEDERS = frozenset({"default_rng", "RandomState", "Random", "set_rng_state"})


def broken(module: ast.Module, base: ast.Module | None) -> list[str]:
    """Return what the base kept of the contract and the candidate does not, one clause each."""
    lost = _kept(base) - _kept(module) if base else set()
    return [clause for item, clause in _OWED.items() if item in lost]


def seeded_names(module: ast.Module, names: Names) -> frozenset[str]:
    """Return the names that hold something made from `prepare.seed()`, directly or by way of one.

    Followed through plain assignments and keyword arguments until nothing new turns up.
    """
    found: set[str] = set()
    pairs = [
        (target.id, node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]
    while True:
        new = {name for name, value in pairs if _from_seed(value, names, found)} - found
        if not new:
            return frozenset(found)
        found |= new


def literal_seed(node: ast.AST, names: Names, seeded: frozenset[str]) -> str:
    """Return the source of a call that seeds a generator with a fixed number, else empty.

    A seed that comes in as a parameter is let pass; the call that fills it is looked at instead.
    """
    if not isinstance(node, ast.Call):
        return ""
    called = node.func.attr if isinstance(node.func, ast.Attribute) else names.path(node.func)
    seeds = [word.value for word in node.keywords if word.arg == "seed"]
    word = called.split(".")[-1]
    if word in _SEEDERS or "seed" in word.lower():
        seeds += node.args[:1]
    if any(_fixed(value) and not _from_seed(value, names, set(seeded)) for value in seeds):
        return ast.unparse(node)[:80]
    return ""


def _kept(module: ast.Module) -> set[str]:
    """Return the items of the contract that a module keeps."""
    names = Names(module)
    kept = {
        item
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and (item := names.path(node.func)) in _HANDED
    }
    for node in module.body:
        match node:
            case ast.FunctionDef(name="build_model", args=args) if not node.decorator_list:
                needed = len(args.posonlyargs) + len(args.args) - len(args.defaults)
                if needed <= 0 and None not in args.kw_defaults:
                    kept.add("build_model")
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                kept.add("main guard")
            case _:
                continue
    return kept


def _from_seed(value: ast.expr, names: Names, seeded: set[str]) -> bool:
    """Say whether an expression uses `prepare.seed()` or a name that came from it."""
    return any(
        (isinstance(node, ast.Call) and names.path(node.func) == "prepare.seed")
        or (isinstance(node, ast.Name) and node.id in seeded)
        for node in ast.walk(value)
    )


def _fixed(value: ast.expr) -> bool:
    """Say whether an expression is made of literals and constants in capitals alone."""
    leaves = [node for node in ast.walk(value) if isinstance(node, ast.Name | ast.Constant)]
    return bool(leaves) and all(
        isinstance(leaf, ast.Constant) or leaf.id.isupper() or leaf.id in ("int", "abs", "hash")
        for leaf in leaves
    )


_OWED = {
    "build_model": "build_model() is gone or needs arguments; keep it at module level, callable "
    "without any",
    "main guard": 'the guard `if __name__ == "__main__":` is gone; importing must not train',
    "prepare.submit": "prepare.submit(model) is no longer called; without it nothing is scored",
    "prepare.time_left": "prepare.time_left() is no longer asked; the budget is strict",
    "prepare.seed": "prepare.seed() is no longer used; repeats need different seeds",
    "prepare.batches": "prepare.batches(...) is no longer used; it is the only training data",
}
