"""The early warning: what a candidate does that its base did not, and no experiment needs.

The wall is the isolation around the run; this only turns back what would be refused or worthless
there, with a sentence that its maker can act on. Only what is new against the base counts.
"""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.source import contract, syntax
from cockpit.source.names import Names
from cockpit.source.syntax import compile_error
from cockpit.trial import Rejected

__all__ = ["check", "compile_error"]

_MODULES = frozenset(
    {"subprocess", "multiprocessing", "concurrent", "asyncio", "signal", "pty", "_thread"}
    | {"ctypes", "cffi", "mmap", "faulthandler", "_ctypes", "_posixsubprocess", "_socket"}
    | {"socket", "ssl", "http", "urllib", "requests", "ftplib", "smtplib"}
    | {"importlib", "runpy", "pkgutil", "imp", "builtins"}
    | {"pickle", "marshal", "shelve", "dill", "joblib", "cockpit"}
)
_ANYWHERE = frozenset({"subprocess", "ctypes", "socket", "importlib", "builtins"})
_PACKAGES = ("torch.multiprocessing", "torch.distributed", "torch.hub", "torch.utils.cpp_extension")
_OS_CALLS = re.compile(
    r"(.+\.)?(os|posix)\.(fork\w*|exec\w*|spawn\w*|posix_spawn\w*|system|popen|kill\w*|setsid|setpgrp|"
    r"abort|_exit|remove|unlink|rename|replace|link|symlink|rmdir|removedirs|chmod|chown|utime|"
    r"truncate|ftruncate|open|write|pwrite|pipe\w*|dup\w*|sched_\w+|nice|ptrace|memfd_create)"
)
_BUILTINS = frozenset({"eval", "exec", "compile", "__import__", "globals", "locals", "breakpoint"})
_INSIDE = frozenset(
    {"__subclasses__", "__globals__", "__builtins__", "__loader__", "__spec__", "__code__"}
    | {"__closure__", "f_globals", "f_locals", "f_back", "tb_frame", "gi_frame", "_getframe"}
    | {"settrace", "setprofile", "addaudithook"}
)
_LOADERS = frozenset({"torch.load", "numpy.load", "torch.jit.load", "torch.export.load"})
_CLOCKS = re.compile(r"(time|datetime)\.\w+")
_ABSOLUTE = re.compile(r"(/|~/|[A-Za-z]:\\)[\w.\-]+")


@dataclass(frozen=True, slots=True)
class _Mark:
    """One thing seen in a program: what it is, whether it is refused, and a word on why."""

    what: str
    why: str
    refused: bool = True


def check(candidate_text: str, base_text: str) -> Rejected | tuple[str, ...]:
    """Compare a candidate with its base.

    Returns:
        Rejected at stage `guard` when it does something new that is refused, or broke the contract
        that the base kept; else warnings, one sentence each.
    """
    module, base = syntax.tree(candidate_text), syntax.tree(base_text)
    if module is None:
        return _rejected([compile_error(candidate_text) or "train.py does not parse"])
    known = Counter(mark for mark, _ in _seen(base_text))
    refusals, warnings = contract.broken(module, base), []
    for mark, line in _seen(candidate_text):
        if known[mark] > 0:
            known[mark] -= 1
        elif mark.refused:
            refusals.append(f"line {line} {mark.what}, which is refused: {mark.why}")
        else:
            warnings.append(f"line {line} {mark.what}: {mark.why}")
    return _rejected(refusals) if refusals else tuple(dict.fromkeys(warnings))


def _rejected(faults: list[str]) -> Rejected:
    faults = list(dict.fromkeys(faults))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Rejected(
        stage="guard",
        reason=f"{faults[0]}{more}",
        advice="The guard refuses this: "
        + "; ".join(faults[:5])
        + ". Send the edit again, mended.",
    )


@functools.lru_cache(maxsize=8)
def _seen(text: str) -> tuple[tuple[_Mark, int], ...]:
    """Return the marks of a text that parses, none of one that does not; a base is asked often."""
    module = syntax.tree(text)
    return () if module is None else tuple(_marks(module))


def _marks(module: ast.Module) -> Iterator[tuple[_Mark, int]]:
    """Yield everything refused or worth a warning, with its line."""
    names = Names(module)
    seeded = contract.seeded_names(module, names)
    yield from _takes(module, names)
    for node in ast.walk(module):
        line = getattr(node, "lineno", 0)
        for mark in (
            *_imports(node),
            *_calls(node, names),
            *_reaches(node, names),
            *_rebinds(node, names),
            *_strings(node),
        ):
            yield mark, line
        seed = contract.literal_seed(node, names, seeded)
        if seed:
            yield _Mark(f"seeds with `{seed}`", "take every seed from prepare.seed()"), line


def _imports(node: ast.AST) -> Iterator[_Mark]:
    """Modules that start processes, open connections, reach into memory or load code."""
    if isinstance(node, ast.Import):
        paths = [item.name for item in node.names]
    elif isinstance(node, ast.ImportFrom):
        paths = [f"{node.module or ''}.{item.name}" for item in node.names]
    else:
        return
    for path in paths:
        if path.split(".")[0] in _MODULES or path.startswith(_PACKAGES):
            yield _Mark(f"imports {path}", "a candidate trains, in this one process")
        elif path.endswith(".*"):
            yield _Mark(f"imports {path}", "name what you need, so that it can be checked")


def _calls(node: ast.AST, names: Names) -> Iterator[_Mark]:
    """Calls that leave the process, run text, read clocks or open files."""
    if not isinstance(node, ast.Call):
        return
    path = names.path(node.func)
    root = path.split(".")[0]
    if _OS_CALLS.fullmatch(path):
        yield _Mark(f"calls {path}", "processes and files outside training are not the edit's")
    elif path in _BUILTINS or path.removeprefix("builtins.") in _BUILTINS:
        yield _Mark(f"calls {path}", "write the code out instead of running text")
    elif path in _LOADERS:
        yield _Mark(f"calls {path}", "a candidate starts from fresh weights")
    elif path.startswith(_PACKAGES) or root in _MODULES or _ANYWHERE & set(path.split(".")):
        yield _Mark(f"calls {path}", "a candidate trains, in this one process")
    elif path == "open" or path.endswith(".open"):
        absolute = bool(node.args) and _absolute(node.args[0])
        yield _Mark("opens a file", "data comes from prepare.batches alone", refused=absolute)
    elif path in ("setattr", "delattr") and node.args and _prepare(names.path(node.args[0])):
        yield _Mark(f"calls {path} on prepare", "prepare.py is locked")
    elif path == "vars" and node.args and _prepare(names.path(node.args[0])):
        yield _Mark("calls vars on prepare", "prepare.py is locked")
    elif _CLOCKS.fullmatch(path):
        yield _Mark(f"reads {path}", "the budget is prepare.time_left() alone", refused=False)
    elif path in ("torch.set_num_threads", "torch.set_num_interop_threads"):
        why = "a run is held to its processors, and more threads only wait for each other"
        yield _Mark(f"calls {path}", why, refused=False)
    if any(given.arg == "num_workers" and not _zero(given.value) for given in node.keywords):
        why = "a run on the CPU may not start processes, and prepare.batches needs none"
        yield _Mark("sets num_workers", why, refused=False)


def _reaches(node: ast.AST, names: Names) -> Iterator[_Mark]:
    """Attributes and names that reach into the interpreter or into what prepare keeps private."""
    if isinstance(node, ast.Name) and node.id in ("__builtins__", "__loader__", "__spec__"):
        yield _Mark(f"uses {node.id}", "write plain code")
    if not isinstance(node, ast.Attribute):
        return
    path = names.path(node)
    if node.attr in _INSIDE:
        yield _Mark(f"uses .{node.attr}", "write plain code")
    elif path == "sys.modules" or path.startswith("sys.modules."):
        yield _Mark("uses sys.modules", "import by name")
    elif path.startswith("prepare._"):
        yield _Mark(f"uses {path}", "it is private to prepare.py")


def _rebinds(node: ast.AST, names: Names) -> Iterator[_Mark]:
    """Assignment to, or deletion of, attributes and items of prepare and of the environment."""
    match node:
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del())
        ):
            owner = names.path(node.value)
            if _prepare(owner):
                yield _Mark(f"changes {ast.unparse(node)}", "prepare.py is locked")
            elif owner == "os.environ":
                yield _Mark("changes os.environ", "prepare.py reads it", refused=False)
        case _:
            return


def _takes(module: ast.Module, names: Names) -> Iterator[tuple[_Mark, int]]:
    """Names of prepare that the module gives another meaning; local variables are free to."""
    waiting: list[ast.AST] = list(module.body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                waiting += [child for child in ast.walk(node) if isinstance(child, ast.Global)]
                taken = [name]
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                taken = [name]
            case ast.Global(names=listed):
                taken = listed
            case _:
                waiting += ast.iter_child_nodes(node)
                continue
        for name in taken:
            path = names.path(ast.Name(id=name))
            if name == "prepare" or (_prepare(path) and path == f"prepare.{name}"):
                yield (
                    _Mark(f"gives {name} another meaning", "it belongs to prepare.py"),
                    node.lineno,
                )


def _strings(node: ast.AST) -> Iterator[_Mark]:
    """Paths that lead out of the run folder, and the settings that are for prepare alone."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    if node.value.startswith("COCKPIT_"):
        yield _Mark(f"names {node.value[:60]}", "it is for prepare.py alone")
    elif _absolute(node):
        yield _Mark(
            f"names the path {node.value[:60]!r}", "a run sees its own folder only", refused=False
        )


def _zero(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _absolute(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _ABSOLUTE.match(node.value) is not None
    )


def _prepare(path: str) -> bool:
    return path == "prepare" or path.startswith("prepare.")
