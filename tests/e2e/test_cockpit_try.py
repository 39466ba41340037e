"""A human's own train.py, however it misbehaves: one sentence in the ledger, and nothing left."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from cockpit.arena import record
from tests.e2e.cabin import BUDGET, SMALL, Cabin, copy, until

pytestmark = pytest.mark.e2e

LATE = 0.5
"""Seconds after the budget at which a run has to be gone."""
REAL = 'real = "_".join(("COCKPIT", "TOKENS")) not in os.environ'
"""True in a scoring run, False in a dry run; written so that the guard does not notice."""
SEED = "    torch.manual_seed(prepare.seed())\n"
BACKWARD = "        loss.backward()\n"
SUBMIT = "    prepare.submit(model)\n"


def before(place: str, code: str) -> Callable[[str], str]:
    """Return an edit that puts code, indented alike, above the line `place`."""

    def edit(text: str) -> str:
        assert text.count(place) == 1
        indent = place[: len(place) - len(place.lstrip())]
        lines = "".join(f"{indent}{line}\n" for line in code.splitlines())
        return text.replace(place, lines + place)

    return edit


@dataclass(frozen=True)
class Case:
    """A file, what the ledger has to say of it, and whether only a scoring run meets its fault."""

    edit: Callable[[str], str]
    words: str
    word: str
    trains: bool = False


CASES = {
    "does not parse": Case(lambda text: text + "\ndef broken(:\n", "does not compile", "crash"),
    "imports what is not there": Case(
        before("import torch\n", "import einops_of_tomorrow"), "did not import", "crash"
    ),
    "dies at step 3": Case(
        before(BACKWARD, 'if step == 3:\n    raise RuntimeError("lost the thread")'),
        "RuntimeError",
        "crash",
    ),
    "prints a score and submits nothing": Case(
        before(SEED, f"{REAL}\nif real:\n    print('val_bpb: 0.1')\n    return"),
        "prepare.submit(model) was not called",
        "crash",
        trains=True,
    ),
    "submits too late": Case(
        before(SUBMIT, f"import time\n\n{REAL}\nif real:\n    time.sleep(600)"),
        f"handed nothing over within {BUDGET:g} s",
        "discard",
        trains=True,
    ),
    "fills its output for ever": Case(
        before(
            BACKWARD,
            f"{REAL}\nif real:\n    import sys\n\n"
            "    while True:\n        sys.stdout.write('x' * 999_999 + chr(10))",
        ),
        "after printing",
        "discard",
        trains=True,
    ),
    "forks a daemon": Case(
        before(
            BACKWARD,
            "if getattr(os, 'fo' + 'rk')() == 0:\n    getattr(os, 'set' + 'sid')()\n"
            "    while True:\n        pass",
        ),
        "PermissionError",
        "crash",
    ),
}
HANG = before(BACKWARD, f"{REAL}\nwhile real:\n    pass")


@pytest.fixture(scope="module")
def bench(measured: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Cabin:
    """One workspace for all of them: each next trial shows that the last one left no trace."""
    return copy(measured, tmp_path_factory.mktemp("bench") / "ws")


def offer(bench: Cabin, text: str) -> tuple[str, ...]:
    """Write a file outside of the workspace; return the command that tries it."""
    path = bench.root.parent / "mine.py"
    path.write_text(text)
    return ("try", str(path), "-m", "to see what happens", *SMALL, "--json")


def newest(bench: Cabin) -> dict[str, Any]:
    """Return all that is shown of the newest trial, having looked at what every one shares."""
    board = bench.board
    shown: dict[str, Any] = bench.tell("show", str(max(board.rows)), "--json")
    assert shown["state"] == "settled"
    assert shown["verdict"] in ("crash", "discard")
    assert shown["reason"].strip()
    assert "\n" not in shown["reason"]
    assert shown["value"] is None
    assert board.incumbent == 0
    assert bench.processes() == []
    return shown


def ended_at_the_budget(bench: Cabin, trial: int) -> None:
    """Hold the warden's own record of the last run against the budget."""
    found = record.read(bench.run_folders(trial)[-1])
    assert found is not None
    assert found.ended is not None
    assert found.ended.reason == "deadline"
    assert found.ended.survivors == 0
    assert found.ended.seconds is not None
    assert BUDGET <= found.ended.seconds <= BUDGET + LATE
    assert found.ended.handed_over is None


@pytest.mark.parametrize("name", CASES)
def test_a_file_that_misbehaves_ends_in_one_sentence(bench: Cabin, name: str) -> None:
    case = CASES[name]
    trials = len(bench.board.rows)
    done = bench.run(*offer(bench, case.edit(bench.train)))
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    shown = newest(bench)
    assert len(bench.board.rows) == trials + 1
    assert case.words in shown["reason"]
    assert shown["verdict"] == case.word
    roles = [run["role"] for run in shown["executions"]]
    assert ("scoring run" in roles) == case.trains
    if case.word == "discard":
        ended_at_the_budget(bench, shown["trial"])
        assert shown["executions"][-1]["usage"]["train"] <= BUDGET + LATE
    log = bench.run_folders(shown["trial"])[-1:]
    assert sum(f.stat().st_size for folder in log for f in folder.iterdir()) < 1 << 20


def warden(bench: Cabin, trial: int, run: int) -> record.Record | None:
    """Return what the warden of a run wrote about itself, once it did."""
    folders = bench.run_folders(trial)
    return record.read(folders[run - 1]) if len(folders) >= run else None


def over(found: record.Record | None) -> bool:
    return found is not None and found.ended is not None


def at_work(bench: Cabin, trial: int, run: int) -> list[psutil.Process]:
    """Return the processes of a run; the host that waits to examine it is none of them."""
    work = bench.run_folders(trial)[run - 1] / "work"
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("COCKPIT_RUN") == str(work):
                found.append(process)
    return found


def test_the_budget_holds_while_the_cockpit_is_stopped(bench: Cabin) -> None:
    with bench.start(*offer(bench, HANG(bench.train))) as underway:
        began = underway.wait_for(
            lambda e: e["event"] == "RunStarted" and e["role"] == "scoring run"
        )
        trial, run = began["trial"], began["run"]
        assert until(lambda: warden(bench, trial, run) and at_work(bench, trial, run))
        underway.process.send_signal(signal.SIGSTOP)
        assert until(lambda: over(warden(bench, trial, run)))
        ended_at_the_budget(bench, trial)
        assert until(lambda: not at_work(bench, trial, run), 1.0)
        assert bench.board.rows[trial].runs[-1].result is None
        underway.process.send_signal(signal.SIGCONT)
        assert underway.end() == 0
    shown = newest(bench)
    assert shown["trial"] == trial
    assert f"handed nothing over within {BUDGET:g} s" in shown["reason"]


def test_the_file_in_the_tree_and_the_branch_are_as_before(bench: Cabin, measured: Cabin) -> None:
    assert bench.train == measured.train
    tag = bench.board.session_tag
    head = bench.git("rev-parse", f"refs/heads/autoresearch/{tag}")
    assert head == measured.git("rev-parse", f"refs/heads/autoresearch/{tag}")


def test_a_file_that_is_not_there_is_a_sentence_and_no_trial(bench: Cabin, tmp_path: Path) -> None:
    trials = len(bench.board.rows)
    done = bench.run("try", str(tmp_path / "nowhere.py"), "-m", "why", "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    assert len(bench.board.rows) == trials
