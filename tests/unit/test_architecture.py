"""The shape of the code: who may import whom, what stays out of which process, and how long it is.

The directions are those of docs/ARCHITECTURE.md. An import inside a function or for the type
checker alone counts as much as any other.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.events import Entry, Steered
from cockpit.ledgers.sqlite import SqliteLedger

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for folder in ("cockpit", "sandbox")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
COCKPIT = [name for name in FILES if name.startswith("cockpit/")]
TREES = {name: ast.parse(text) for name, text in FILES.items()}

LEAVES = {"constraints", "digest", "errors", "events", "files"} | {
    "metric",
    "orders",
    "ports",
    "trial",
}
ALLOWED = {
    "constraints": {"trial"},
    "digest": set(),
    "errors": set(),
    "files": set(),
    "metric": set(),
    "results": set(),
    "trial": {"results"},
    "events": {"trial"},
    "orders": {"constraints", "metric", "trial"},
    "ports": {"constraints", "events", "metric", "orders", "trial"},
    "engine": LEAVES,
    "source": LEAVES,
    "judges": LEAVES,
    "ledgers": LEAVES,
    "memory": LEAVES,
    "agents": LEAVES | {"source"},
    "arena": LEAVES,
    "workspace": LEAVES | {"source"},
    "gpu": LEAVES,
    "demo": LEAVES | {"source"},
    "lock": {"errors"},
    "hooks": LEAVES,
    "resources": set(),
    "config": {"constraints", "errors", "settings"},
    "settings": {"constraints"},
    "setup": LEAVES | {"resources", "workspace"},
    "headless": LEAVES | {"ledgers"},
    "report": LEAVES | {"engine"},
    "tui": LEAVES | {"engine", "report", "resources"},
}
"""What each part may import besides itself; `cli` puts all of them together."""
SHOWN = {"board", "costs", "exam", "fold", "funnel", "rows", "live", "control", "verification"}
"""What of the engine its front ends may know: the fold, and the buttons to press."""
CHILDREN = {"cockpit/arena/launcher.py", "cockpit/arena/scorer.py", "cockpit/arena/device.py"}
"""They run in processes of their own, never in the cockpit's."""
HEAVY = {"textual", "optuna", "git", "torch", "ollama", "numpy", "pynvml"}
LONGEST_FILE, LONGEST_FUNCTION = 250, 50


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of all that is imported anywhere in a tree."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                raise AssertionError("imports are written in full")
            case ast.Call(
                func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def at_start(tree: ast.Module) -> Iterator[str]:
    """Yield what is imported with the module itself."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(node)


def part(name: str) -> str:
    """Return the part of the cockpit that a file belongs to."""
    return Path(name).relative_to("cockpit").parts[0].removesuffix(".py")


def users(package: str) -> set[str]:
    """Return the files that import `package`, from anywhere in them."""
    return {
        name
        for name, tree in TREES.items()
        if any(full.partition(".")[0] == package for full in imported(tree))
    }


def strays(name: str) -> Iterator[str]:
    """Yield the imports of a file that point the wrong way."""
    here = part(name)
    for full in imported(TREES[name]):
        package, _, rest = full.partition(".")
        other, _, inner = rest.partition(".")
        if package == "cockpit" and rest and other not in ALLOWED[here] | {here}:
            yield f"{name} imports {full}"
        if other == "engine" and here != "engine" and inner.partition(".")[0] not in SHOWN:
            yield f"{name} imports {full}, which is no part of the fold"


def test_imports_point_one_way() -> None:
    free = ("cli", "__main__", "__init__")
    assert [line for name in COCKPIT if part(name) not in free for line in strays(name)] == []


def test_only_the_screen_knows_textual() -> None:
    assert {name for name in users("textual") if not name.startswith("cockpit/tui/")} == set()
    begin = (name for name in COCKPIT if not name.startswith("cockpit/tui/"))
    loads = {name for name in begin if any("cockpit.tui" in full for full in at_start(TREES[name]))}
    assert loads == {"cockpit/cli/screen.py"}


def test_torch_stays_in_children() -> None:
    ours = {name for name in users("torch") | users("safetensors") if name in COCKPIT}
    assert ours == CHILDREN


def test_cockpit_and_sandbox_meet_in_no_process() -> None:
    assert {name for name in users("cockpit") if name.startswith("sandbox/")} == set()
    for module in ("sandbox", "prepare", "train", "tunes"):
        assert users(module) & set(COCKPIT) == set()


def test_slow_imports_wait_until_they_are_needed() -> None:
    slow = {"optuna", "git", "ollama", "pynvml", "torch"}
    early = {
        name for name in COCKPIT
        if any(full.partition(".")[0] in slow for full in at_start(TREES[name]))
    }  # fmt: skip
    assert early == set()


def test_files_and_functions_are_short() -> None:
    files = {name: len(text.splitlines()) for name, text in FILES.items()}
    assert {name: length for name, length in files.items() if length > LONGEST_FILE} == {}
    functions = {
        f"{name}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: n for name, n in functions.items() if n > LONGEST_FUNCTION} == {}


def test_every_module_says_what_it_is() -> None:
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


LOADED = """
import sys
from cockpit.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [("--help",), ("status", "DIR"), ("ledger", "DIR")])
def test_commands_that_only_look_load_nothing_heavy(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "cockpit.toml").touch()
    (tmp_path / ".cockpit").mkdir()
    with SqliteLedger(tmp_path / ".cockpit" / "ledger.db") as journal:
        journal.append(Entry(seq=0, at=1.0, session="s", slot=0, event=Steered(text="go")))
    given = [str(tmp_path) if argument == "DIR" else argument for argument in arguments]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *given], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert set(done.stderr.split()) & HEAVY == set()
