"""Repositories in every state a human may leave one in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cockpit.errors import WorkspaceError
from cockpit.workspace import GitWorkspace
from tests.workspaces import BASELINE, KEEP, Repository, candidate, isolate, keep

pytestmark = pytest.mark.e2e


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    isolate(monkeypatch, tmp_path / "home")
    return Repository(tmp_path / "human")


def test_a_clean_train_py_needs_no_first_commit(repository: Repository) -> None:
    head = repository.commit_all()
    branch, base, digest = GitWorkspace(repository.root).open_session("nov23", BASELINE)
    assert (branch, base, digest) == ("autoresearch/nov23", head, candidate(0.1).digest)
    assert repository.git("rev-parse", "autoresearch/nov23") == head


def test_a_dirty_train_py_becomes_the_baseline(repository: Repository) -> None:
    head = repository.commit_all()
    repository.write("sandbox/train.py", candidate(0.7).text)
    before = repository.of_the_human()
    workspace = GitWorkspace(repository.root)
    _, base, _ = workspace.open_session("nov23", workspace.train())
    assert repository.git("rev-parse", f"{base}^") == head
    assert repository.changed_by(base) == ["sandbox/train.py"]
    assert workspace.text_of(0) == candidate(0.7).text
    assert workspace.hand_edit() is None
    assert repository.of_the_human() == before
    keep(workspace, 1, 0.8)
    assert repository.read("sandbox/train.py") == candidate(0.8).text


def test_a_detached_head_stays_detached(repository: Repository) -> None:
    head = repository.commit_all()
    repository.git("checkout", "--quiet", "--detach")
    workspace = GitWorkspace(repository.root)
    _, base, _ = workspace.open_session("nov23", BASELINE)
    keep(workspace, 1, 0.2)
    assert base == head
    assert (repository.root / ".git" / "HEAD").read_text().strip() == head


def test_a_session_branch_that_is_checked_out_goes_on_beside_the_index(
    repository: Repository,
) -> None:
    repository.commit_all()
    workspace = GitWorkspace(repository.root)
    workspace.open_session("nov23", BASELINE)
    repository.git("checkout", "--quiet", "autoresearch/nov23")
    before = repository.of_the_human()
    workspace.archive(1, candidate(0.2), "Try 0.2")
    done = workspace.settle(1, KEEP, "Keep 0.2")
    assert "autoresearch/nov23 is checked out" in done.tree
    assert repository.of_the_human() == before
    assert repository.git("diff", "--name-only", "HEAD") == ""


def test_without_a_commit_the_branch_gets_a_root_of_its_own(repository: Repository) -> None:
    repository.git("add", "program.md")
    before = repository.of_the_human()
    workspace = GitWorkspace(repository.root)
    _, base, _ = workspace.open_session("nov23", BASELINE)
    commit = keep(workspace, 1, 0.2)
    assert repository.git("rev-list", "--max-parents=0", commit) == base
    assert repository.git("ls-tree", "-r", "--name-only", base).split() == [
        "program.md",
        "sandbox/prepare.py",
        "sandbox/train.py",
    ]
    assert repository.of_the_human() == before


def test_a_workspace_may_lie_below_the_top_of_its_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch, tmp_path / "home")
    inner = Repository(tmp_path / "thesis" / "nät [1]")
    (inner.root / ".git").rename(tmp_path / "thesis" / ".git")
    (tmp_path / "thesis" / "paper.tex").write_text("\\section{}\n")
    inner.git("add", "--all", "..")
    inner.git("commit", "--quiet", "--message", "Begin")
    workspace = GitWorkspace(inner.root)
    workspace.open_session("nov23", BASELINE)
    commit = keep(workspace, 1, 0.2)
    assert workspace.text_of(1) == candidate(0.2).text
    changed = inner.git("-c", "core.quotePath=false", "diff", "--name-only", f"{commit}^", commit)
    assert changed == "nät [1]/sandbox/train.py"
    status = inner.git("status", "--short", "--untracked-files=all")
    assert status == " M sandbox/train.py"


def test_a_linked_work_tree_is_a_workspace_too(repository: Repository, tmp_path: Path) -> None:
    repository.commit_all()
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "--quiet", "-b", "side", str(linked))
    workspace = GitWorkspace(linked)
    workspace.open_session("nov23", BASELINE)
    keep(workspace, 1, 0.2)
    assert (linked / "sandbox" / "train.py").read_text() == candidate(0.2).text
    assert repository.read("sandbox/train.py") == BASELINE
    assert repository.git("-C", str(linked), "status", "--porcelain") == " M sandbox/train.py"


def test_a_mode_and_line_endings_are_kept(repository: Repository) -> None:
    (repository.root / "sandbox" / "train.py").chmod(0o755)
    repository.write("sandbox/train.py", BASELINE.replace("\n", "\r\n"))
    repository.commit_all()
    workspace = GitWorkspace(repository.root)
    workspace.open_session("nov23", workspace.train())
    commit = keep(workspace, 1, 0.2)
    assert repository.git("ls-tree", commit, "sandbox/train.py").startswith("100755")
    assert (repository.root / "sandbox" / "train.py").stat().st_mode & 0o777 == 0o755


def test_tags_are_free_of_branches_and_of_remembered_sessions(repository: Repository) -> None:
    repository.commit_all()
    workspace = GitWorkspace(repository.root)
    day = date(2025, 11, 3)
    assert workspace.free_tag(day) == "nov3"
    repository.git("branch", "autoresearch/nov3")
    repository.git("update-ref", "refs/cockpit/nov3-2/base", "HEAD")
    assert workspace.free_tag(day) == "nov3-3"


@pytest.mark.parametrize("tag", ["", "a b", "a..b", "a/b", "x.lock", "a~1"])
def test_a_tag_must_name_a_branch(repository: Repository, tag: str) -> None:
    repository.commit_all()
    before = repository.git("for-each-ref")
    with pytest.raises(WorkspaceError, match="name of a branch"):
        GitWorkspace(repository.root).open_session(tag, BASELINE)
    assert repository.git("for-each-ref") == before


def test_a_session_is_opened_once(repository: Repository) -> None:
    repository.commit_all()
    GitWorkspace(repository.root).open_session("nov23", BASELINE)
    with pytest.raises(WorkspaceError, match="nov23 exists already"):
        GitWorkspace(repository.root).open_session("nov23", BASELINE)


def test_a_folder_in_no_repository_is_told_how_to_become_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolate(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "bare").mkdir()
    with pytest.raises(WorkspaceError, match="run: cockpit init"):
        GitWorkspace(tmp_path / "bare")


def test_git_is_not_sent_to_another_repository(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere/.git")
    with pytest.raises(WorkspaceError, match="unset GIT_DIR"):
        GitWorkspace(repository.root)


def test_a_git_that_cannot_be_found_is_a_sentence(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WorkspaceError, match="git could not be run"):
        GitWorkspace(repository.root)


def test_a_workspace_that_vanished_is_not_looked_for_elsewhere(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit_all()
    workspace = GitWorkspace(repository.root)
    workspace.open_session("nov23", BASELINE)
    repository.root.rename(repository.root.with_name("moved"))
    other = Repository.committed(repository.root.with_name("other"))
    monkeypatch.chdir(other.root)
    with pytest.raises(WorkspaceError):
        workspace.archive(1, candidate(0.2), "Try")
    assert other.git("for-each-ref", "refs/cockpit") == ""


def test_without_a_session_a_sentence_says_how_to_start_one(repository: Repository) -> None:
    repository.commit_all()
    workspace = GitWorkspace(repository.root)
    assert (workspace.tag, workspace.hand_edit()) == ("", None)
    with pytest.raises(WorkspaceError, match="cockpit run"):
        workspace.archive(1, candidate(0.2), "Try")
    with pytest.raises(WorkspaceError, match="oct1 does not exist"):
        workspace.resume_session("oct1")


def test_missing_files_are_named_or_empty(repository: Repository) -> None:
    (repository.root / "program.md").unlink()
    (repository.root / "sandbox" / "train.py").unlink()
    workspace = GitWorkspace(repository.root)
    assert (workspace.program(), workspace.learnings()) == ("", "")
    with pytest.raises(WorkspaceError, match="restore it with: git checkout"):
        workspace.train()
