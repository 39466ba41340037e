"""`cockpit verify` on commits of somebody else's, killed on the way, through the real arena."""

from __future__ import annotations

import json
import signal

import pytest

from cockpit.engine.fold import Fold
from cockpit.events import VerifyRan
from tests.e2e.cabin import SMALL, Cabin, until
from tests.e2e.conftest import Berth

pytestmark = pytest.mark.e2e

SOMEBODY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def branch(cabin: Cabin) -> None:
    """Commit, on a branch of its own, a rate that learns, and leave the tree as it was."""
    home = cabin.git("rev-parse", "--abbrev-ref", "HEAD").strip()
    before = cabin.train
    cabin.git("checkout", "--quiet", "-b", "ideas")
    (cabin.root / "sandbox/train.py").write_text(before.replace("LR = 3e-4", "LR = 3e-3", 1))
    cabin.git(*SOMEBODY, "commit", "--quiet", "-m", "Learn faster", "--", "sandbox/train.py")
    cabin.git("checkout", "--quiet", home)
    assert cabin.train == before


def runs(cabin: Cabin) -> list[tuple[str, int]]:
    told = (entry.event for entry in cabin.journal)
    return [(event.digest, event.pair) for event in told if isinstance(event, VerifyRan)]


def test_a_branch_is_verified_across_a_kill(measured: Cabin, berth: Berth) -> None:
    cabin = berth(measured)
    branch(cabin)
    before = Fold(cabin.journal)
    tree = cabin.git("status", "--porcelain")

    refused = cabin.run("verify", "ideas", "--pairs", "2", *SMALL)
    assert refused.code == 2
    assert "1 commit of ideas: 2 files x 2 pairs = 4 runs; 4 runs of about" in refused.err
    assert "say so with --yes" in refused.err
    assert runs(cabin) == []

    with cabin.start("verify", "ideas", "--pairs", "2", "--yes", *SMALL) as underway:
        assert until(lambda: len(runs(cabin)) >= 1)
        underway.end(signal.SIGKILL)
    done = len(runs(cabin))
    assert done < 4
    assert until(lambda: not cabin.processes())

    page = cabin.root / "page.md"
    ended = cabin.run("verify", "ideas", "--yes", "--markdown", str(page), *SMALL)
    assert ended.code == 0, ended.err
    assert f"4 runs, {done} of them done" in ended.err
    assert len(runs(cabin)) == len(set(runs(cabin))) == 4
    assert "| Learn faster |" in page.read_text()

    facts = json.loads(cabin.run("verify", "ideas", "--json", *SMALL).out)
    assert len(runs(cabin)) == 4
    assert facts["fingerprint"]["budget"] == 3.0
    (keep,) = facts["keeps"]
    assert keep["gain"] > 0
    assert keep["word"] in ("real", "unproven")
    assert Fold(cabin.journal).board == before.board
    assert cabin.git("status", "--porcelain").replace("?? page.md\n", "") == tree
