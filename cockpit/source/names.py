"""What a name in a program stands for: dotted paths through imports and plain aliases."""

from __future__ import annotations

import ast


class Names:
    """Resolves expressions of one module to dotted paths, `np.random.seed` to `numpy.random.seed`.

    Scopes are not told apart: an alias made anywhere counts everywhere, which errs on the side of
    seeing too much.
    """

    def __init__(self, module: ast.Module) -> None:
        self._known: dict[str, str] = {}
        for node in ast.walk(module):
            self._import(node)
        for node in ast.walk(module):
            self._alias(node)

    def path(self, node: ast.AST) -> str:
        """Return the dotted path an expression stands for, or empty when it has none."""
        match node:
            case ast.Name(id=name):
                return self._known.get(name, name)
            case ast.Attribute(value=value, attr=attr):
                base = self.path(value)
                return f"{base}.{attr}" if base else ""
            case ast.Call(
                func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str() as attr), *_]
            ):
                base = self.path(owner)
                return f"{base}.{attr}" if base else ""
            case ast.Call(
                func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str() as name), *_],
            ):
                return name
            case _:
                return ""

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for item in node.names:
                root = item.name.split(".")[0]
                self._known[item.asname or root] = item.name if item.asname else root
        elif isinstance(node, ast.ImportFrom):
            for item in node.names:
                self._known[item.asname or item.name] = f"{node.module or ''}.{item.name}"

    def _alias(self, node: ast.AST) -> None:
        """Follow `p = prepare` and `s = prepare.seed`; calls are not followed."""
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute() as value
            ):
                target = self.path(value)
                if target.split(".")[0] in self._roots() and name not in self._known:
                    self._known[name] = target
            case _:
                return

    def _roots(self) -> set[str]:
        return {path.split(".")[0] for path in self._known.values()}
