"""Where the files are that come with the cockpit: the template of a workspace, and the themes.

An installed wheel carries them in `cockpit/template/`; a clone has them at its top level.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
TEMPLATE = ("sandbox", "program.md", "learnings.md", "cockpit.toml")
"""What a fresh workspace is made of."""


def home() -> Path:
    """Return the folder that holds `sandbox/`, `themes/`, `program.md` and `cockpit.toml`."""
    packed = PACKAGE / "template"
    return packed if packed.is_dir() else PACKAGE.parent


def template_files() -> dict[str, Path]:
    """Return the files of a fresh workspace: name relative to its root, and where to copy from."""
    found: dict[str, Path] = {}
    for name in TEMPLATE:
        source = home() / name
        if source.is_file():
            found[name] = source
        for path in sorted(source.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found[path.relative_to(home()).as_posix()] = path
    return found


def cheats() -> Path:
    """Return the folder of the dishonest `train.py` files that `cockpit calibrate` runs."""
    packed = PACKAGE / "template"
    return packed / "cheats" if packed.is_dir() else PACKAGE.parent / "tests" / "e2e" / "cheats"


def demo() -> Path:
    """Return upstream's night of March 8, the table that `cockpit replay --demo` plays.

    Source: karpathy/autoresearch, branch exp/H100/mar8, results.tsv; MIT by its README.
    """
    name = "upstream-mar8.tsv"
    packed = PACKAGE / "template"
    return packed / name if packed.is_dir() else PACKAGE.parent / "tests" / "data" / name


def themes() -> Path:
    """Return the folder of the themes that come with the cockpit."""
    return home() / "themes"
