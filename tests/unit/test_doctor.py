"""What the doctor says of facts that are given to it, and of a few real folders."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import pytest

from cockpit.agents.models import Choice, Model
from cockpit.arena.escapes import Report
from cockpit.arena.probe import ORDER, Probe, judge
from cockpit.cli import doctor as command
from cockpit.cli.checks import Check, machine, session
from cockpit.cli.facts import corpus_copies
from cockpit.cli.journal import LEDGER, open_journal
from cockpit.errors import ArenaError
from cockpit.events import Device, Entry, IsolationMeasured
from cockpit.lock import WorkspaceLock
from cockpit.setup import init

GPU = Device(
    index=0, name="RTX 4090", driver="550.54", utilisation=None, memory_used=None,
    memory_total=24 << 30, power=None, temperature=None,
)  # fmt: skip
SEALED = IsolationMeasured(level="sealed", detail="all", blocked=2, attempts=2, residuals=("disk",))
COPY = [Path("/lib/c")]
LEAKY = IsolationMeasured(
    level="netless",
    detail="some",
    blocked=1,
    attempts=2,
    residuals=("train.py can read", "disk"),
    remedy="use Linux 5.13",
)
SCREEN = {"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"}


@pytest.mark.parametrize(
    ("check", "state", "words"),
    [
        (machine.python_check((3, 11, 0), "/py"), "ok", "3.11.0, /py"),
        (machine.python_check((3, 10, 9), "/py"), "fail", "install Python 3.11"),
        (machine.git_check("git version 2.30.1"), "ok", "2.30.1"),
        (machine.git_check("git version 2.25.1"), "fail", "install git 2.30"),
        (machine.gpu_check([], cuda=False, wanted=""), "ok", "none"),
        (machine.gpu_check([GPU], cuda=True, wanted=""), "ok", "RTX 4090 24 GiB (driver 550.54)"),
        (machine.gpu_check([GPU], cuda=False, wanted=""), "warn", "torch does not see it"),
        (machine.gpu_check([GPU], cuda=False, wanted="cpu"), "ok", "RTX 4090"),
        (machine.gpu_check([GPU], cuda=None, wanted=""), "ok", "RTX 4090"),
        (machine.gpu_check([], cuda=False, wanted="cuda"), "warn", "install its driver"),
        (machine.gpu_check([], cuda=True, wanted=""), "ok", "not by NVML"),
        (machine.torch_check("2.13.0", "RTX 4090", "", "/py"), "ok", "2.13.0 on RTX 4090"),
        (machine.torch_check("", "", "", "/py"), "fail", "/py -m pip install torch==2.13.0"),
        (machine.torch_check("2.13.0", "cpu", "no kernel", "/py"), "warn", "no kernel"),
        (machine.compile_check(programs=False, compiler="/usr/bin/cc"), "ok", "not on the CPU"),
        (machine.compile_check(programs=True, compiler=""), "warn", "install gcc"),
        (machine.compile_check(programs=True, compiler="/usr/bin/cc"), "ok", "start /usr/bin/cc"),
        (machine.threads_check(3, 4), "ok", "3 of 4"),
        (machine.threads_check(8, 4), "warn", "set [sandbox] threads to 4 or less"),
        (machine.disk_check(50 << 30, 256 << 20, Path("/w")), "ok", "50.0 GiB free at /w"),
        (machine.disk_check(2 << 30, 256 << 20, Path("/w")), "warn", "before a night"),
        (machine.disk_check(300 << 20, 256 << 20, Path("/w")), "fail", "when 256 MB are left"),
        (machine.terminal_check({"TERM": "xterm-256color"}, None), "warn", "--unattended"),
        (machine.terminal_check({"TERM": "dumb"}, (80, 24)), "warn", "TERM is dumb"),
        (machine.terminal_check(SCREEN, (80, 24)), "ok", "set-environment -g COLORTERM truecolor"),
        (machine.terminal_check(SCREEN, (59, 24)), "warn", "59x24  -> enlarge it to 80x24"),
        (machine.terminal_check({"TERM": "linux"}, (80, 24)), "warn", "16 colours"),
        (machine.locale_check("UTF-8"), "ok", "utf-8"),
        (machine.locale_check("ANSI_X3.4-1968"), "warn", "cockpit --ascii"),
        (session.repository_check(Path("/w"), "/w", ""), "ok", "/w"),
        (session.repository_check(Path("/w"), "", "not a git repository"), "warn", "init /w makes"),
        (session.repository_check(Path("/w"), "", "dubious ownership"), "fail", "safe.directory"),
        (session.identity_check(known=False, fallback="c <c@l>"), "warn", "carry c <c@l>"),
        (session.data_check(None, Path("/w")), "warn", "cockpit init /w"),
        (session.data_check({"source": "abc", "bytes": {"train": 9}}, Path("/w")), "ok", "9 bytes"),
        (session.data_check({"source": "generated"}, Path("/w")), "warn", "written here"),
        (session.corpus_check([], written_here=False, readable=True), "ok", "no copy"),
        (session.corpus_check(COPY, written_here=False, readable=True), "fail", "uninstall"),
        (session.corpus_check(COPY, written_here=False, readable=False), "ok", "closed to train"),
        (session.corpus_check(COPY, written_here=True, readable=True), "ok", "other tunes"),
    ],
)  # fmt: skip
def test_a_check_says_what_was_found_and_what_to_do(check: Check, state: str, words: str) -> None:
    assert check.state == state
    assert words in check.line()
    assert check.state == "ok" or check.remedy


def test_truecolor_needs_no_advice() -> None:
    check = machine.terminal_check({**SCREEN, "COLORTERM": "truecolor"}, (120, 40))
    assert (check.state, check.remedy) == ("ok", "")
    assert "16 million colours, 120x40" in check.found


def test_a_server_is_named_with_its_models_and_the_one_to_be_taken() -> None:
    models = [Model(name=f"m{n}:7b", bytes=4 << 30) for n in range(8)]
    check = session.server_check("http://h:1", "0.11.4", models)
    assert check.state == "ok"
    assert "http://h:1, version 0.11.4, 8 installed (m0:7b" in check.found
    assert "m7" not in check.found
    assert "update Ollama" in session.server_check("http://h:1", "0.4.9", models).remedy
    away = session.server_check(
        "http://h:1", "", "no model server answers; start it with `o serve`"
    )
    assert away.found == "no model server answers"
    assert away.remedy.startswith("start it with `o serve`, then ollama pull")


def test_no_model_is_a_warning_unless_none_is_wanted() -> None:
    missing = Choice(name="x", reason="x is not installed; get it", installed=False)
    assert session.model_check(missing, "auto").remedy == "get it"
    assert session.model_check("no server", "auto").state == "warn"
    assert session.model_check("no server", "sweep").state == "ok"
    chosen = Choice(name="x", reason="x: the largest coder model")
    assert session.model_check(chosen, "auto").found == "x: the largest coder model"


def test_every_hole_is_a_line_and_less_than_required_fails() -> None:
    lines = list(session.isolation_checks(LEAKY, require="open", levels=ORDER))
    assert [(c.state, c.name) for c in lines] == [
        ("warn", "isolation"), ("warn", "hole"), ("ok", "residual"),
    ]  # fmt: skip
    assert "1 of 2 escapes stopped" in lines[0].found
    refused = next(session.isolation_checks(LEAKY, require="walled", levels=ORDER))
    assert refused.state == "fail"
    sealed = list(session.isolation_checks(SEALED, require="sealed", levels=ORDER))
    assert [c.state for c in sealed] == ["ok", "ok"]


def test_a_corpus_in_the_interpreter_of_the_sandbox_is_found(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    (packages / "music21" / "corpus").mkdir(parents=True)
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '[[\"{tmp_path}\"], []]'\n")
    python.chmod(0o755)
    assert packages / "music21" / "corpus" in corpus_copies(str(python), gpu=False)
    missing = str(tmp_path / "missing")
    assert packages / "music21" / "corpus" not in corpus_copies(missing, gpu=False)


@pytest.fixture
def walls(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Stand in for the jailed child and the model server, which have tests of their own."""
    tried: list[Path] = []

    def measure(root: Path, *_: object) -> tuple[Probe, str]:
        tried.append(root)
        report = Report(
            attempts={"read": ("files", "EACCES")},
            stat=False, torch="2.13.0", cuda=False, device_name="CPU", driver="",
        )  # fmt: skip
        return judge(report, "landlock v7", programs=False), ""

    monkeypatch.setattr(command, "measure", measure)
    monkeypatch.setattr(command, "available", lambda *_: "no model server answers; start it")
    return tried


def visit(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Check]]:
    code = command.doctor(argparse.Namespace(dir=str(folder), host=None, json=True))
    checks = [Check(**json.loads(line)) for line in capsys.readouterr().out.splitlines()]
    return code, {check.name: check for check in checks}


def test_outside_a_workspace_the_machine_is_looked_at_all_the_same(
    tmp_path: Path, walls: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, checks = visit(tmp_path / "new", capsys)
    assert code == 0
    assert checks["workspace"].found == "no workspace here"
    assert checks["workspace"].remedy == f"cockpit init {tmp_path / 'new'}"
    assert {"python", "git", "torch", "isolation", "disk", "terminal"} <= checks.keys()
    assert "ledger" not in checks
    assert list(tmp_path.iterdir()) == []
    assert not walls[0].exists()


def test_a_fresh_workspace_is_well_and_what_is_missing_fails(
    tmp_path: Path, walls: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    init(tmp_path)
    code, checks = visit(tmp_path, capsys)
    assert code == 0
    assert [checks[name].state for name in ("workspace", "lock", "ledger", "settings")] == [
        "ok"
    ] * 4
    (tmp_path / "sandbox" / "tunes.py").unlink()
    (tmp_path / "cockpit.toml").write_text("[session]\nbugdet = 3\n")
    (tmp_path / LEDGER).write_bytes(b"no database" * 100)
    code, checks = visit(tmp_path, capsys)
    assert code == 1
    assert checks["workspace"].remedy.startswith("git checkout -- sandbox/tunes.py")
    assert "bugdet" in checks["settings"].found
    assert checks["ledger"].state == "fail"


def test_beside_a_session_at_work_nothing_is_started(
    tmp_path: Path, walls: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    init(tmp_path)
    with WorkspaceLock(tmp_path), open_journal(tmp_path) as journal:
        _, checks = visit(tmp_path, capsys)
        assert checks["isolation"].found == "being measured by the session at work"
        journal.append(Entry(seq=0, at=1.0, session="s", slot=0, event=LEAKY))
        _, checks = visit(tmp_path, capsys)
    assert f"process {os.getpid()} is at work" in checks["cockpit"].found
    assert checks["isolation"].found.startswith("netless, 1 of 2")
    assert walls == []


def test_an_arena_that_cannot_be_tried_is_a_failure_with_its_remedy(
    tmp_path: Path,
    walls: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object) -> tuple[Probe, str]:
        raise ArenaError("the self-test did not run: no python", "run: cockpit doctor")

    monkeypatch.setattr(command, "measure", broken)
    code, checks = visit(tmp_path, capsys)
    assert code == 1
    assert checks["isolation"].remedy.endswith("set [sandbox] python")
    assert "disk" in checks
