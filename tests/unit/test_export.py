"""Chosen keeps as a clean branch under the human's own name; nothing else of theirs is touched."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit import events as ev
from cockpit import resources
from cockpit.cli import main
from cockpit.cli.exporting import compared, keeps_of
from cockpit.cli.nights import night
from cockpit.engine.fold import Fold
from cockpit.errors import UsageError
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.source.stage import stage
from cockpit.trial import (
    Block,
    Candidate,
    Edit,
    Proposal,
    Replace,
    Rewrite,
    SetConstants,
    Verdict,
)
from cockpit.workspace import GitWorkspace
from tests.journals import opening
from tests.workspaces import Repository, isolate

TRAIN = """LR = 0.1
DEPTH = 2
WIDTH = 64


def build_model():
    return LR * DEPTH * WIDTH


def schedule(step):
    return 1.0
"""
HOOK = '#!/bin/sh\necho ran >> "$HOOKED"\n'
KEEP = Verdict(word="keep", reason="r", value=2.1, delta=-0.1, sigma=0.01, sigmas=-10.0, runs=4)


class Session:
    """A workspace whose journal and refs say that some edits were kept, one upon the other."""

    def __init__(self, root: Path) -> None:
        self.repository = Repository.committed(root)
        self.repository.write("sandbox/train.py", TRAIN)
        self.repository.write("cockpit.toml", "")
        self.repository.git("add", "--all")
        self.repository.git("commit", "--quiet", "--message", "Have a bigger file")
        self.root, self.best, self.text = root, 0, TRAIN
        self.workspace = GitWorkspace(root)
        _, base, _ = self.workspace.open_session("mar8", TRAIN)
        self.base = base
        self.journal = SqliteLedger(root / ".cockpit/ledger.db")
        self.seq = 0
        started = opening()
        self.add(
            ev.SessionStarted(
                tag="mar8",
                branch=started.branch,
                base_commit=base,
                digest=started.digest,
                fingerprint=started.fingerprint,
                direction="minimize",
                data="abc",
                agent="sweep",
            )
        )
        self.add(ev.TrialStarted(trial=0, kind="baseline"))
        self.add(ev.TrialJudged(trial=0, verdict=Verdict(word="keep", reason="b", value=2.2)))
        self.add(ev.TrialSettled(trial=0, commit=base))

    def add(self, event: ev.Event) -> None:
        self.journal.append(
            ev.Entry(seq=self.seq, at=float(self.seq), session="mar8", slot=0, event=event)
        )
        self.seq += 1

    def keep(self, trial: int, edit: Edit, hypothesis: str) -> None:
        proposal = Proposal(hypothesis=hypothesis, edit=edit, lane="sweep")
        made = stage(proposal, self.text)
        assert isinstance(made, Candidate), made
        commit = self.workspace.archive(trial, made, hypothesis)
        self.add(ev.TrialStarted(trial=trial, kind="experiment", lane="sweep", against=self.best))
        self.add(ev.Proposed(trial=trial, attempt=1, proposal=proposal))
        self.add(
            ev.Staged(
                trial=trial,
                digest=made.digest,
                key=made.key,
                base=made.base,
                nodes=made.nodes,
                summary=made.summary,
                diff=made.diff,
                commit=commit,
            )
        )
        self.add(ev.TrialJudged(trial=trial, verdict=KEEP))
        done = self.workspace.settle(trial, KEEP, hypothesis)
        self.add(ev.TrialSettled(trial=trial, commit=done.commit))
        self.best, self.text = trial, made.text


@dataclass(frozen=True)
class Kept:
    """The workspace as a test finds it."""

    root: Path
    base: str
    repository: Repository


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Return a workspace with four keeps; made once, then copied, for git is slow."""
    isolate(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("HOOKED", str(tmp_path / "hooked"))
    model = tmp_path.parent / "four keeps"
    if not model.exists():
        made = Session(model)
        made.keep(14, SetConstants(changes=(("LR", 0.2),)), "a higher rate")
        made.keep(17, SetConstants(changes=(("WIDTH", 128),)), "wider")
        made.keep(20, Rewrite(text=made.text.replace("1.0", "1.0 / (1 + step)")), "a schedule")
        block = Block(search="DEPTH = 2\nWIDTH = 128", replace="DEPTH = 3\nWIDTH = 128")
        made.keep(23, Replace(blocks=(block,)), "deeper")
        made.journal.close()
    root = tmp_path / "work"
    shutil.copytree(model, root)
    repository = Repository.__new__(Repository)
    repository.root = root
    base = repository.git("rev-parse", "refs/cockpit/mar8/base")
    return Kept(root=root, base=base, repository=repository)


def export(session: Kept, keeps: str) -> int:
    order = ["export", str(session.root), "--keeps", keeps, "--branch", "better"]
    return main([*order, "--no-measure"])


def test_two_keeps_are_two_commits_of_one_file_under_the_humans_name(
    session: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = session.repository
    hook = session.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    repository.write("notes.txt", "not committed\n")
    before = repository.of_the_human()
    assert export(session, "14,20") == 0
    assert "not measured again, as asked" in capsys.readouterr().out
    assert (tmp_path / "hooked").read_text() == "ran\nran\n"
    commits = repository.git("rev-list", "--reverse", f"{session.base}..better").split()
    assert len(commits) == 2
    assert [repository.changed_by(c) for c in commits] == [["sandbox/train.py"]] * 2
    authors = repository.git("log", "--format=%an <%ae> %cn", f"{session.base}..better")
    assert authors.splitlines() == ["Ada <ada@example.org> Ada"] * 2
    made = repository.git("show", "better:sandbox/train.py")
    assert "LR = 0.2" in made and "1.0 / (1 + step)" in made
    assert "WIDTH = 64" in made and "DEPTH = 2" in made
    assert "-10.0 sigma" in repository.git("log", "-1", "--format=%B", commits[0])
    after = repository.of_the_human()
    refs = [ref for ref in after.pop("refs") if "heads/better" not in ref]  # type: ignore[attr-defined]
    assert refs == before.pop("refs") and after == before
    assert len(repository.git("worktree", "list").splitlines()) == 1
    repository.git("checkout", "--quiet", "sandbox/train.py")  # the cockpit shows the best there
    repository.git("merge", "--quiet", "--no-edit", "better")


def test_an_edit_that_builds_on_another_says_so_in_one_sentence(
    session: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(session, "14,23") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "#23" in said and "add the keeps it builds on" in said
    assert "better" not in session.repository.git("branch", "--list")
    assert export(session, "17,23") == 0


def test_a_hook_that_refuses_leaves_no_branch(
    session: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = session.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'sign the agreement first' >&2\nexit 1\n")
    hook.chmod(0o755)
    assert export(session, "14") == 1
    assert "sign the agreement first" in capsys.readouterr().err
    assert "better" not in session.repository.git("branch", "--list")
    assert len(session.repository.git("worktree", "list").splitlines()) == 1


def test_wrong_use_is_said_early(session: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(session, "15") == 2
    assert "#15 was not kept" in capsys.readouterr().err
    session.repository.git("branch", "better")
    assert export(session, "14") == 1
    assert "exists already" in capsys.readouterr().err
    with pytest.raises(UsageError, match="no list of trials"):
        keeps_of("14;20")
    assert keeps_of("20,#14,14") == (14, 20)


def test_a_value_is_only_compared_on_the_same_machine() -> None:
    entries = night(resources.demo())
    board = Fold(entries).board
    assert "nothing to compare it with" in compared(0.95, board, alike=False)
    assert compared(0.95, board, alike=True).endswith("the baseline 0.9979: better by 0.0479")
