"""The cheats that come with the cockpit: files that say themselves how they must end."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from cockpit import resources
from cockpit.errors import CockpitError
from cockpit.source import guard
from cockpit.trial import Rejected

HONEST = "honest"
"""Name of the file that the cheats differ from, and are judged against."""
PASSES = "passes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheat:
    """One dishonest `train.py`, and what its first lines say about it.

    `guarded` is part of the guard's sentence, or `passes`; `word` the verdict it must come to when
    the guard is bypassed, `says` part of that verdict's sentence; `runs` how many scoring runs it
    is given before it is judged.
    """

    name: str
    title: str
    text: str
    guarded: str
    word: str
    says: str
    runs: int = 1


def honest() -> str:
    """Return the text of the honest file.

    Raises:
        CockpitError: it is not there.
    """
    return _read(resources.cheats() / f"{HONEST}.py")


def read_cheats(*, gpu: bool = False) -> tuple[Cheat, ...]:
    """Return all cheats by name; on a GPU some end in another way.

    Raises:
        CockpitError: a file cannot be read, or does not say how it ends.
    """
    paths = sorted(resources.cheats().glob("*.py"))
    return tuple(_cheat(path, gpu=gpu) for path in paths if path.stem != HONEST)


def guard_sentence(text: str, base: str) -> str:
    """Return the sentence with which the guard refuses `text`, or `passes`."""
    found = guard.check(text, base)
    return found.reason if isinstance(found, Rejected) else PASSES


def _cheat(path: Path, *, gpu: bool) -> Cheat:
    text = _read(path)
    lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    facts = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if gpu:
        facts |= {key.partition(" on a gpu")[0]: facts[key] for key in facts if "on a gpu" in key}
    try:
        return Cheat(
            name=path.stem,
            title=lines[0],
            text=text,
            guarded=facts["guard"],
            word=facts["ends"],
            says=facts["says"],
            runs=int(facts.get("runs", 1)),
        )
    except (LookupError, ValueError) as error:
        raise CockpitError(
            f"{path} does not say how it ends ({error!r})", "install the cockpit again"
        ) from None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise CockpitError(
            f"{path} cannot be read ({error.strerror})", "install the cockpit again"
        ) from None
