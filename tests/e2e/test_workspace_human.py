"""What is the human's stays as it was, whatever the cockpit does beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.workspace import GitWorkspace
from tests.workspaces import BASELINE, DISCARD, HUMAN, KEEP, Repository, candidate, isolate

pytestmark = pytest.mark.e2e

HOOKS = ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """In a folder whose name would trip a shell, a pattern and ASCII."""
    isolate(monkeypatch, tmp_path / "home")
    return Repository.committed(tmp_path / "日本 ünï *[x] $HOME'")


def night(root: Path) -> GitWorkspace:
    """Open a session and do everything once."""
    workspace = GitWorkspace(root)
    workspace.open_session("nov23", workspace.train())
    workspace.archive(0, candidate(0.1), "Baseline")
    workspace.archive(-1, candidate(0.5), "Rehearse")
    workspace.archive(1, candidate(0.2), "Try 0.2")
    workspace.settle(1, KEEP, "Keep 0.2")
    workspace.settle(-1, DISCARD, "Nothing to keep")
    workspace.revert(0, "Back to the baseline")
    workspace.write_learnings("- 0.3 is too much (trial 2)\n")
    (root / "learnings.md").unlink()
    return workspace


def test_branch_index_stash_edits_and_config_are_not_touched(repository: Repository) -> None:
    repository.write("sandbox/prepare.py", "BUDGET = 299\n")
    repository.git("stash")
    repository.write("program.md", "Staged.\n")
    repository.write("staged.txt", "new\n")
    repository.git("add", "program.md", "staged.txt")
    repository.write("program.md", "Edited after it was staged.\n")
    repository.write("loose.txt", "untracked\n")
    repository.git("status")
    before = repository.of_the_human()
    night(repository.root)
    assert repository.of_the_human() == before
    assert repository.git("diff", "--cached", "--name-only").split() == ["program.md", "staged.txt"]


def test_every_commit_of_the_branch_changes_train_py_alone(repository: Repository) -> None:
    repository.write("program.md", "Edited and staged.\n")
    repository.git("add", "program.md")
    night(repository.root)
    commits = repository.git("rev-list", "main..autoresearch/nov23").split()
    assert len(commits) == 2
    assert [repository.changed_by(commit) for commit in commits] == [["sandbox/train.py"]] * 2


def test_a_candidate_is_archived_with_the_program_of_its_moment(repository: Repository) -> None:
    workspace = GitWorkspace(repository.root)
    workspace.open_session("nov23", BASELINE)
    repository.write("program.md", "Only the depth.\n")
    commit = workspace.archive(1, candidate(0.2), "Try 0.2")
    repository.write("program.md", "Only the width.\n")
    assert repository.git("rev-parse", "refs/cockpit/nov23/trials/1") == commit
    assert repository.git("show", f"{commit}:program.md") == "Only the depth."
    assert repository.changed_by(commit) == ["program.md", "sandbox/train.py"]


def test_nothing_that_a_repository_planted_is_run(repository: Repository, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trap = repository.root / ".git" / "trap"
    trap.write_text(f'#!/bin/sh\necho "$0" >> "{trace}"\ncat\nexit 1\n')
    trap.chmod(0o755)
    (repository.root / ".git" / "hooks").mkdir()
    for hook in HOOKS:
        (repository.root / ".git" / "hooks" / hook).symlink_to(trap)
    repository.write(".gitattributes", "*.py filter=trap diff=trap\n")
    with (repository.root / ".git" / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "{trap}"\n\tpager = "{trap}"\n')
        config.write(f'[filter "trap"]\n\tclean = "{trap}"\n\tsmudge = "{trap}"\n')
        config.write(f'[diff "trap"]\n\tcommand = "{trap}"\n\ttextconv = "{trap}"\n')
        config.write(f'[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = "{trap}"\n')
        config.write("[log]\n\tshowSignature = true\n")
    night(repository.root)
    assert not trace.exists()


def test_the_human_is_the_author_and_a_message_is_kept_whole(repository: Repository) -> None:
    workspace = GitWorkspace(repository.root)
    workspace.open_session("nov23", BASELINE)
    workspace.archive(1, candidate(0.2), "Try 0.2")
    message = "Raise LR to 0.2: naïve but 速い\n\nval_bpb 1.9000, delta -0.1000\n# a line"
    commit = workspace.settle(1, KEEP, message + "\x1b[31m\x00").commit
    assert repository.git("show", "-s", "--format=%an %ae", commit) == "Ada ada@example.org"
    told = repository.git("show", "-s", "--format=%B", commit)
    assert told.startswith(message)
    assert told.rstrip().endswith("Trial: 1\nSession: nov23")
    assert "\x1b" not in told


def test_nobody_needs_an_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")
    repository = Repository(tmp_path / "human", identity="\tuseConfigOnly = true\n")
    workspace = GitWorkspace(repository.root)
    _, base, _ = workspace.open_session("nov23", BASELINE)
    assert repository.git("show", "-s", "--format=%an %ae", base) == "cockpit cockpit@localhost"
    assert HUMAN.strip() not in (repository.root / ".git" / "config").read_text()


def test_own_files_are_hidden_from_status_and_nowhere_else(repository: Repository) -> None:
    night(repository.root)
    repository.write("results.tsv", "commit\n")
    GitWorkspace(repository.root).resume_session("nov23")
    assert repository.git("status", "--porcelain") == ""
    exclude = (repository.root / ".git" / "info" / "exclude").read_text().splitlines()
    assert exclude.count("/.cockpit/") == exclude.count("/results.tsv") == 1


def test_no_temporary_file_is_left(repository: Repository) -> None:
    night(repository.root)
    assert sorted(path.name for path in (repository.root / ".cockpit").iterdir()) == ["shown.json"]
    assert sorted(path.name for path in (repository.root / "sandbox").iterdir()) == [
        "prepare.py",
        "train.py",
    ]
