"""`cockpit doctor`: look at everything a session needs, and say what to do about what is amiss.

It changes nothing but a scratch folder. Beside a session at work it starts no process of its own
that would take time from a run: what that session measured is read from its journal instead.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cockpit import events as ev
from cockpit.agents.client import address
from cockpit.agents.ollama import available
from cockpit.arena import corpus
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.probe import ORDER, Probe
from cockpit.arena.telemetry import Gpus
from cockpit.arena.warden import LOW_DISK
from cockpit.cli.checks import Check, machine, session
from cockpit.cli.facts import compiler, corpus_copies, server_version
from cockpit.cli.flags import settings_of
from cockpit.cli.here import SystemClock
from cockpit.cli.journal import LEDGER, history
from cockpit.cli.surroundings import measure, pick, thread_count
from cockpit.config import Settings
from cockpit.errors import CockpitError, ConfigError
from cockpit.ledgers.mounts import network_type
from cockpit.lock import holder
from cockpit.setup import MARKS, complete, find_workspace
from cockpit.workspace.command import FALLBACK_EMAIL, FALLBACK_NAME, Command
from cockpit.workspace.tree import PRIVATE

FILES = (*MARKS, "sandbox/tunes.py")


def doctor(arguments: argparse.Namespace) -> int:
    """`cockpit doctor [DIR]`; return 1 when a check failed."""
    failed = False
    for check in _visit(arguments):
        failed = failed or check.state == "fail"
        print(json.dumps(asdict(check)) if arguments.json else check.line(), flush=True)
    return 1 if failed else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at: a folder, and the workspace it is or lies in."""

    folder: Path
    root: Path | None
    settings: Settings
    gpus: Gpus


def _visit(arguments: argparse.Namespace) -> Iterator[Check]:
    folder = Path(arguments.dir).resolve()
    root = find_workspace(folder)
    try:
        settings = settings_of(root, arguments)
        amiss = None
    except ConfigError as error:
        settings = Settings()
        amiss = _failure("settings", error)
    patient = Patient(folder=folder, root=root, settings=settings, gpus=Gpus(SystemClock()))
    yield machine.python_check(sys.version_info[:3], sys.executable)
    yield from _git(patient)
    if root is None:
        remedy = f"cockpit init {folder}"
        yield Check(state="warn", name="workspace", found="no workspace here", remedy=remedy)
    else:
        yield from _workspace(root)
    yield amiss or Check(state="ok", name="settings", found="every key is known")
    yield from _model(patient)
    yield from _arena(patient)
    yield from _surface(patient)


def _git(patient: Patient) -> Iterator[Check]:
    folder = patient.root or _existing(patient.folder)
    try:
        command = Command(folder)
        yield machine.git_check(command.ask("version").text)
        top = command.ask("rev-parse", "--show-toplevel")
        if patient.root is not None:
            yield session.repository_check(folder, "" if top.failed else top.text, top.why)
        fallback = f"{FALLBACK_NAME} <{FALLBACK_EMAIL}>"
        yield session.identity_check(known=not command.identity(), fallback=fallback)
    except CockpitError as error:
        yield _failure("git", error)


def _workspace(root: Path) -> Iterator[Check]:
    missing = [name for name in FILES if not (root / name).is_file()]
    if missing:
        names = ", ".join(missing)
        remedy = f"git checkout -- {' '.join(missing)}, or: cockpit init {root}"
        yield Check(state="fail", name="workspace", found=f"{names} missing in {root}",
                    remedy=remedy)  # fmt: skip
    else:
        yield Check(state="ok", name="workspace", found=str(root))
    yield _told("lock", lambda: _lock(root))
    meta = complete(root)
    yield session.data_check(meta, root)
    yield _told("ledger", lambda: _ledger(root))
    pid = holder(root)
    found = f"process {pid} is at work here" if pid else "none is at work here"
    remedy = "watch it with: cockpit status" if pid else ""
    yield Check(state="ok", name="cockpit", found=found, remedy=remedy)


def _lock(root: Path) -> str:
    box = Lockbox(root)
    if not box.path.exists():
        return "prepare.py and the data are locked by the first session"
    box.check()
    return f"prepare.py {box.prepare_digest()} and data {box.data_digest()} as they were locked"


def _ledger(root: Path) -> str:
    kind = network_type(root / LEDGER)
    if kind:
        raise CockpitError(
            f"{root} lies on a network file system ({kind}), where a journal is not safe",
            "move the workspace to a local disk",
        )
    if not (root / LEDGER).is_file():
        return "none yet, on a local disk"
    entries = history(root)
    return f"{len(entries):,} entries, each as it was written, on a local disk"


def _model(patient: Patient) -> Iterator[Check]:
    wanted = patient.settings.agent
    url = address(wanted.host or None)
    models = available(SystemClock(), wanted.host or None)
    version = "" if isinstance(models, str) else server_version(url)
    yield session.server_check(url, version, models)
    choice = models if isinstance(models, str) else pick(models, patient.settings, patient.gpus)
    yield session.model_check(choice, wanted.kind)


def _arena(patient: Patient) -> Iterator[Check]:
    """Measure the walls and what computes inside them, unless a session is at work."""
    root, settings = patient.root, patient.settings
    devices, wanted = patient.gpus.read(), settings.sandbox.device
    python = settings.sandbox.python or sys.executable
    walls: ev.IsolationMeasured | None = None
    if root is not None and holder(root) is not None:
        yield machine.gpu_check(devices, cuda=None, wanted=wanted)
        walls = _measured_before(root)
        words = "being measured by the session at work"
        yield from (
            _isolation(walls, settings)
            if walls
            else [Check(state="ok", name="isolation", found=words)]
        )
    else:
        try:
            found = _measured_now(patient)
        except CockpitError as error:
            yield machine.gpu_check(devices, cuda=None, wanted=wanted)
            remedy = f"see that {python} runs, or set [sandbox] python"
            yield Check(state="fail", name="isolation", found=error.what, remedy=remedy)
        else:
            yield machine.gpu_check(devices, cuda=found.cuda, wanted=wanted)
            yield machine.torch_check(found.torch, found.device_name, found.trouble, python)
            yield machine.compile_check(programs=found.cuda, compiler=compiler())
            walls = found.event()
            yield from _isolation(walls, settings)
    meta = complete(root) if root else None
    copies = corpus_copies(python, gpu=bool(devices))
    yield session.corpus_check(
        copies,
        written_here=meta is not None and session.generated(meta),
        readable=walls is None or any(corpus.ATTEMPT in text for text in walls.residuals),
    )


def _measured_now(patient: Patient) -> Probe:
    if patient.root is not None and (patient.root / PRIVATE).is_dir():
        return measure(patient.root, patient.settings, patient.gpus)[0]
    with tempfile.TemporaryDirectory(prefix="cockpit-") as scratch:
        return measure(Path(scratch), patient.settings, patient.gpus)[0]


def _measured_before(root: Path) -> ev.IsolationMeasured | None:
    entries: list[ev.Entry] = []
    with suppress(CockpitError):  # said by the check of the ledger
        entries = history(root)
    events = [e.event for e in entries if isinstance(e.event, ev.IsolationMeasured)]
    return events[-1] if events else None


def _isolation(found: ev.IsolationMeasured, settings: Settings) -> Iterator[Check]:
    return session.isolation_checks(found, require=settings.isolation.require, levels=ORDER)


def _surface(patient: Patient) -> Iterator[Check]:
    yield machine.threads_check(thread_count(patient.settings), os.cpu_count() or 1)
    place = _existing(patient.folder)
    yield machine.disk_check(shutil.disk_usage(place).free, LOW_DISK, place)
    size = None
    with suppress(OSError):
        size = os.get_terminal_size(0)
    yield machine.terminal_check(os.environ, size)
    yield machine.locale_check(sys.stdout.encoding or "ascii")


def _existing(folder: Path) -> Path:
    """Return the nearest folder that is there; `cockpit init` makes the rest."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _told(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(state="ok", name=name, found=look())
    except CockpitError as error:
        return _failure(name, error)


def _failure(name: str, error: CockpitError) -> Check:
    remedy = "" if "cockpit doctor" in error.remedy else error.remedy  # that is where we are
    return Check(state="fail", name=name, found=error.what, remedy=remedy)
