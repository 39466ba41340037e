"""`cockpit export` in a real workspace: the chosen keep is trained and examined once, for real."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from cockpit import events as ev
from cockpit.cli.journal import open_journal
from cockpit.engine.fold import Fold
from cockpit.source.constants import values
from cockpit.trial import Candidate, Proposal, SetConstants, Verdict
from cockpit.workspace import GitWorkspace
from tests.e2e.cabin import SMALL, Cabin

pytestmark = pytest.mark.e2e

ADA = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
ADA |= {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}


def keep(cabin: Cabin, trial: int) -> None:
    """Let the ledger say that a change of one constant was kept."""
    with open_journal(cabin.root) as journal:
        fold = Fold(journal.read())
        tag = fold.board.session_tag
        workspace = GitWorkspace(cabin.root, tag)
        constants = values(workspace.text_of(0)).items()
        name, value = next((n, v) for n, v in constants if isinstance(v, float))
        wanted = SetConstants(changes=((name, value * 0.9),))
        proposal = Proposal(hypothesis=f"a smaller {name}", edit=wanted, lane="sweep")
        made = workspace.stage(proposal, workspace.text_of(0))
        assert isinstance(made, Candidate), made
        commit = workspace.archive(trial, made, "Try it")
        verdict = Verdict(word="keep", reason="for the test", value=2.0, delta=-0.1)
        staged = ev.Staged(
            trial=trial,
            digest=made.digest,
            key=made.key,
            base=made.base,
            nodes=made.nodes,
            summary=made.summary,
            diff=made.diff,
            commit=commit,
        )
        events: tuple[ev.Event, ...] = (
            ev.TrialStarted(trial=trial, kind="experiment", lane="sweep", against=0),
            ev.Proposed(trial=trial, attempt=1, proposal=proposal),
            staged,
            ev.TrialJudged(trial=trial, verdict=verdict),
            ev.TrialSettled(trial=trial, commit=commit),
        )
        for seq, event in enumerate(events, fold.seq + 1):
            journal.append(ev.Entry(seq=seq, at=time.time(), session=tag, slot=0, event=event))


def test_a_keep_is_measured_once_and_committed(
    measured: Cabin, berth: Callable[[Cabin], Cabin]
) -> None:
    cabin = berth(measured)
    keep(cabin, 1)
    done = cabin.run("export", "--keeps", "1", "--branch", "better", *SMALL, **ADA)
    assert done.code == 0, done.err
    assert "measured once: val_bpb " in done.out and "the baseline " in done.out
    assert cabin.git("log", "-1", "--format=%an", "better").strip() == "Ada"
    changed = cabin.git("diff", "--name-only", "better^", "better")
    assert changed.split() == ["sandbox/train.py"]
