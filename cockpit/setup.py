"""Make a workspace: find it, copy what is missing, prepare its data."""

from __future__ import annotations

import json
import os
import queue
import secrets
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cockpit import resources
from cockpit.digest import digest_of_file
from cockpit.errors import DataError, WorkspaceError
from cockpit.events import Progress
from cockpit.files import replace_file
from cockpit.ports import Watch
from cockpit.workspace.creation import make_repository
from cockpit.workspace.tree import PRIVATE

PREPARE = "sandbox/prepare.py"
MARKS = ("sandbox/train.py", PREPARE, "program.md")
"""A folder with all of these is a workspace, as is one with a cockpit.toml."""
GRACE = 2.0
"""Seconds that an interrupted preparation has to remove what it fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedData:
    """The data of a workspace: `meta` as in `meta.json`, and what the human should know of it."""

    meta: dict[str, object]
    notice: str = ""


def find_workspace(start: Path) -> Path | None:
    """Return the workspace that `start` is, or lies in; None when there is none.

    The search goes up as far as the top of the repository, so that it works from `sandbox/` too.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "cockpit.toml").is_file() or all((folder / m).is_file() for m in MARKS):
            return folder
        if (folder / ".git").exists():
            return None
    return None


def init(root: Path) -> tuple[str, ...]:
    """Make `root` a workspace, or add what it lacks; a file that is there is never overwritten.

    Outside a repository it gets one, with a first commit of the template. `.cockpit` is 0700.

    Returns:
        The names of the files that were added.

    Raises:
        WorkspaceError: the folder cannot be written, or git refuses it.
    """
    added = []
    files = resources.template_files()
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name, source in files.items():
            target = root / name
            if not os.path.lexists(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                replace_file(target, source.read_bytes())
                added.append(name)
        private = root / PRIVATE
        private.mkdir(mode=0o700, exist_ok=True)
        private.chmod(0o700)
    except OSError as error:
        raise WorkspaceError(
            f"{error.filename or root} cannot be made ({error.strerror})",
            "choose a folder you can write to",
        ) from error
    make_repository(root.resolve(), files)
    return tuple(added)


def prepare_data(root: Path, python: str, watch: Watch, wheel: Path | None = None) -> PreparedData:
    """Prepare the data of the workspace unless it is complete; report progress to `watch`.

    When the corpus cannot be fetched, tunes are generated from a secret that only the vault holds,
    and `notice` says why. A `wheel` that was asked for is never replaced in that way.

    Raises:
        DataError: no data could be prepared, or `watch` halted.
    """
    meta = complete(root)
    if meta is not None:
        return PreparedData(meta=meta)
    script = root / PREPARE
    if not script.is_file():
        raise DataError(f"{script} is missing", f"restore it with: git checkout {PREPARE}")
    private = root / PRIVATE
    private.mkdir(mode=0o700, exist_ok=True)
    folders = ["--data", str(private / "data"), "--vault", str(private / "vault")]
    command = [python, str(script), *folders, "--json"]
    given = [] if wheel is None else ["--wheel", str(wheel.resolve())]
    meta, fault = _run([*command, *given], root, watch)
    if meta is not None:
        return PreparedData(meta=meta)
    if wheel is not None:
        raise DataError(fault)
    watch.sample(Progress(text="the tunes cannot be fetched: writing some here"))
    meta, second = _run([*command, "--generate", str(_secret(private / "vault"))], root, watch)
    if meta is None:
        raise DataError(second)
    why = fault.removeprefix("the data was not prepared: ").rpartition("; ")[0] or fault
    return PreparedData(
        meta=meta,
        notice=f"{why}, so the tunes were written here from a secret of this workspace; "
        "their values compare with no other data",
    )


def complete(root: Path) -> dict[str, object] | None:
    """Return the meta data if every file it names is there with its digest, else None."""
    data, vault = root / PRIVATE / "data", root / PRIVATE / "vault"
    try:
        meta = json.loads((data / "meta.json").read_bytes())
        for split, expected in meta["sha256"].items():
            path = (data if split == "train" else vault) / f"{split}.bin"
            if digest_of_file(path) != expected:
                return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return dict(meta)


def _secret(vault: Path) -> Path:
    """Return the file with the seed of this workspace's generated tunes, made once.

    It is passed on as a file: a command line can be read by every user of the machine.
    """
    path = vault / "seed"
    vault.mkdir(mode=0o700, exist_ok=True)
    try:
        if len(bytes.fromhex(path.read_text().strip())) >= 16:
            return path
    except (OSError, ValueError):
        pass
    replace_file(path, f"{secrets.token_hex(32)}\n".encode(), mode=0o600)
    return path


def _run(command: list[str], root: Path, watch: Watch) -> tuple[dict[str, object] | None, str]:
    """Run one preparation; return its meta data, or None and the sentence that says why."""
    quiet = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command, cwd=root, env=quiet, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise DataError(
                f"{command[0]} cannot be started ({error.strerror})", "set [sandbox] python"
            ) from error
        with process:
            meta = _follow(process, watch)
        if process.returncode == 0 and meta is not None:
            return meta, ""
        errors.seek(0)
        told = errors.read().decode("utf-8", "replace").strip().splitlines()
    return None, told[-1] if told else f"{PREPARE} ended with status {process.returncode}"


def _follow(process: subprocess.Popen[bytes], watch: Watch) -> dict[str, object] | None:
    """Pass progress on until the output ends; return the result among it."""
    assert process.stdout is not None
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        return _result(lines, watch)
    except BaseException:
        _end(process)
        raise
    finally:
        reader.join()


def _result(lines: queue.SimpleQueue[bytes | None], watch: Watch) -> dict[str, object] | None:
    meta = None
    while True:
        halted = watch.halted()
        if halted is not None:
            raise DataError(f"preparing the data was interrupted ({halted})", "start again")
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            continue
        if line is None:
            return meta
        said = _object(line)
        result = said.get("result")
        if isinstance(result, dict):
            meta = result
        elif "text" in said:
            done = said.get("done")
            share = float(done) if isinstance(done, int | float) else None
            watch.sample(Progress(text=str(said["text"]), done=share))


def _read(source: IO[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    for line in source:
        lines.put(line)
    lines.put(None)


def _object(line: bytes) -> dict[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the preparation and what it started; it is in a session of its own."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
