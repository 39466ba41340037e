"""README.md and the tree of docs/ARCHITECTURE.md name what is there, and nothing else."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.cli.parser import COMMANDS
from cockpit.tui.keymap import KEYS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md"))


def section(title: str, page: str = README) -> str:
    """Return the text below a heading of the second level."""
    found = re.search(rf"(?ms)^## {title}\n(.*?)(?=^## |\Z)", page)
    assert found, f"there is no section {title!r}"
    return found[1]


def tree(text: str) -> Iterator[str]:
    """Yield the paths of the annotated tree in `text`, relative to the top."""
    block = re.search(r"(?s)```\n(.*?)```", text)
    assert block, "there is no tree"
    above: list[str] = []
    for line in block[1].splitlines():
        found = re.fullmatch(r"((?:  )*)(\S+) {2,}\S.*", line)
        assert found, f"this line of the tree has no path or no clause: {line!r}"
        depth = len(found[1]) // 2
        above[depth:] = [found[2].rstrip("/")]
        yield "/".join(above)


def tracked() -> set[str]:
    """Return the top-level names that git knows."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: nothing says which files belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.split("/")[0] for name in listed.stdout.split("\0") if name}


ON_README = list(tree(section("The repository")))
ON_ARCHITECTURE = list(tree(section("The tree", ARCHITECTURE)))


@pytest.mark.parametrize("paths", [ON_README, ON_ARCHITECTURE], ids=["README", "ARCHITECTURE"])
def test_every_path_of_the_tree_exists(paths: list[str]) -> None:
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_top_level_entry_is_in_the_tree() -> None:
    assert tracked() - set(ON_README) == set()


def test_every_module_and_package_of_the_cockpit_is_in_the_tree() -> None:
    entries = {
        f"cockpit/{entry.name}"
        for entry in (ROOT / "cockpit").iterdir()
        if entry.suffix == ".py" or (entry / "__init__.py").is_file()
    }
    assert entries - set(ON_README) == {"cockpit/__init__.py"}


def test_every_module_of_the_cockpit_has_its_clause_in_the_architecture() -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cockpit").rglob("*.py")
        if path.name != "__init__.py" and "template" not in path.parts
    }
    assert modules - set(ON_ARCHITECTURE) == set()


def test_the_commands_are_those_of_the_help() -> None:
    named = set(re.findall(r"(?m)^\| `cockpit ([a-z]+)", section("Commands")))
    assert named == set(COMMANDS)


def test_the_keys_are_those_that_work() -> None:
    rows = re.findall(r"(?m)^\| (`.*?) \|", section("Keys"))
    named = {key for row in rows for key in re.findall(r"`([^`]+)`", row)}
    assert named - {key.show for key in KEYS} - {":"} == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *PAGES])
def test_the_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
