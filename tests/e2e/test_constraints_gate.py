"""Constraints through the real gate and arena: what they forbid never trains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cockpit.events import ProposalRejected, RunFinished
from cockpit.trial import Completed
from tests.e2e.cabin import SMALL, Cabin
from tests.e2e.conftest import Berth

pytestmark = pytest.mark.e2e


def refused(cabin: Cabin, text: str, folder: Path) -> tuple[str, list[str]]:
    """Try a file; return why it was turned back, and the runs that it got."""
    file = folder / "mine.py"
    file.write_text(text)
    before = len(cabin.journal)
    done = cabin.run("try", str(file), "-m", "because", *SMALL)
    assert done.code == 0, done.err
    events = [entry.event for entry in cabin.journal[before:]]
    turned = [e.rejection.reason for e in events if isinstance(e, ProposalRejected)]
    return "; ".join(turned), [e.role for e in events if isinstance(e, RunFinished)]


def test_what_is_forbidden_never_trains(measured: Cabin, berth: Berth, tmp_path: Path) -> None:
    cabin = berth(measured)
    baseline = cabin.board.rows[0].runs[-1].result
    assert isinstance(baseline, Completed)
    count = baseline.parameters
    assert count
    rules = f'parameters = {count}\nfrozen = ["Block"]\nranges = {{ LR = [1e-4, 1e-2] }}\n'
    (cabin.root / "cockpit.toml").write_text(f"[constraints]\n{rules}")

    told, runs = refused(cabin, cabin.train.replace("self.think(norm(x))", "x"), tmp_path)
    assert told == "[constraints] frozen: Block was changed, and Block is frozen"
    assert runs == []

    told, runs = refused(cabin, cabin.train.replace("LR = 3e-4", "LR = 0.1", 1), tmp_path)
    assert told == "[constraints] ranges: LR = 0.1 is not within 0.0001 to 0.01"
    assert runs == []

    told, runs = refused(cabin, cabin.train.replace("DEPTH = 2", "DEPTH = 3"), tmp_path)
    more = count + (count - 2 * 64 * vocabulary(cabin)) // 2
    assert told == (
        f"[constraints] parameters: the weights hold {more:,} parameters, at most {count:,} may be"
    )
    assert runs == ["dry run"]

    (cabin.root / "cockpit.toml").write_text("[constraints]\nmemory = 60\n")
    told, runs = refused(cabin, cabin.train.replace("DEPTH = 2", "DEPTH = 1"), tmp_path)
    assert told.startswith("[constraints] memory: the run held ")
    assert told.endswith(" MB, at most 60 MB may be")
    assert runs == ["dry run"]
    assert cabin.tell("status", "--json")["constraints"] == ["a run holds at most 60 MB"]
    assert cabin.board.incumbent == 0


def vocabulary(cabin: Cabin) -> int:
    meta = json.loads((cabin.root / ".cockpit/data/meta.json").read_text())
    return int(meta["vocab_size"])
