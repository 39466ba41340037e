"""Facts that only the doctor asks for: of the sandbox's interpreter and the model server."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from pathlib import Path

from cockpit.arena.runner import PROGRAMS

INTERPRETER = """
import json, sys
prefixes = sorted({sys.prefix, sys.base_prefix, sys.exec_prefix})
print(json.dumps([prefixes, sys.path]))
"""
PACKAGES = ("site-packages", "dist-packages")
SECONDS = 20.0


def corpus_copies(python: str, *, gpu: bool) -> tuple[Path, ...]:
    """Return where music21, of which the corpus is a part, lies open to a jailed process.

    Looked at is what the walls leave readable: the packages of the interpreter `python`, those of
    its base, and the system's; on a GPU machine all of /usr.
    """
    try:
        told = subprocess.run(
            [python, "-I", "-c", INTERPRETER],
            capture_output=True, check=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
        ).stdout  # fmt: skip
        prefixes, search = json.loads(told)
    except (OSError, subprocess.SubprocessError, ValueError):
        prefixes, search = [], []
    found = {Path(place) for place in search if Path(place).name in PACKAGES}
    for prefix in (*prefixes, "/usr", *(["/usr/local"] if gpu else [])):
        for name in PACKAGES:
            found |= set(Path(prefix).glob(f"lib*/python3*/{name}"))
    copies = {place.resolve() / "music21" / "corpus" for place in found}
    return tuple(sorted(place for place in copies if place.is_dir()))


def compiler() -> str:
    """Return the C compiler that a run would find, empty when there is none."""
    found = (shutil.which(name, path=PROGRAMS) for name in ("cc", "gcc", "clang"))
    return next(filter(None, found), "")


def server_version(url: str) -> str:
    """Return the version of the Ollama server at `url`, empty when it does not tell."""
    # A proxy from the environment must not come between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}/api/version", timeout=SECONDS) as answer:
            told = json.load(answer)
    except (OSError, ValueError):
        return ""
    return str(told.get("version", "")) if isinstance(told, dict) else ""
