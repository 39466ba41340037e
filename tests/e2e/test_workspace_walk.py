"""A branch that anybody made, as versions of train.py."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cockpit.cli.verify.subject import of_branch
from cockpit.engine.board import Board
from cockpit.errors import UsageError, WorkspaceError
from cockpit.workspace import GitWorkspace
from cockpit.workspace.walk import versions
from tests.workspaces import BASELINE, Repository, candidate, isolate, keep

pytestmark = pytest.mark.e2e


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    isolate(monkeypatch, tmp_path / "home")
    return Repository.committed(tmp_path / "test" / "human")


def commit(repository: Repository, words: str, rate: float | None = None) -> str:
    if rate is None:
        repository.write("program.md", words)
    else:
        repository.write("sandbox/train.py", candidate(rate).text)
    repository.git("commit", "--quiet", "--all", "--message", words)
    return repository.git("rev-parse", "HEAD")


def told(repository: Repository, name: str) -> list[tuple[str, str]]:
    return [(found.subject, found.text) for found in versions(repository.root, name)]


def test_a_branch_is_walked_from_where_it_left_head(repository: Repository) -> None:
    commit(repository, "A rate of main's own", 0.2)
    repository.git("checkout", "--quiet", "-b", "other")
    first = commit(repository, "Raise | the rate", 0.3)
    commit(repository, "Only words")
    commit(repository, "Raise it again", 0.4)
    commit(repository, "Back", 0.3)
    repository.git("checkout", "--quiet", "main")
    commit(repository, "Main goes on", 0.9)
    before = repository.of_the_human()
    assert told(repository, "other") == [
        ("A rate of main's own", candidate(0.2).text),
        ("Raise | the rate", candidate(0.3).text),
        ("Raise it again", candidate(0.4).text),
        ("Back", candidate(0.3).text),
    ]
    assert [subject for subject, _ in told(repository, f"{first}..other")] == [
        "Raise | the rate", "Raise it again", "Back",
    ]  # fmt: skip
    found = of_branch(repository.root, "other", Board())
    assert found.words == "3 commits of other"
    assert len(found.files) == len(found.texts) == 3  # one text came back
    assert [keep.summary for keep in found.keeps] == ["Raise | the rate", "Raise it again", "Back"]
    assert (found.keeps[1].old, found.keeps[1].new) == (found.keeps[2].new, found.keeps[2].old)
    assert repository.of_the_human() == before


def test_a_branch_that_head_holds_is_walked_from_its_beginning(repository: Repository) -> None:
    commit(repository, "Raise the rate", 0.3)
    subjects = [subject for subject, _ in told(repository, "main")]
    assert subjects == ["Begin", "Raise the rate"]


def test_a_session_of_ours_is_a_branch_like_any_other(repository: Repository) -> None:
    workspace = GitWorkspace(repository.root)
    tag = workspace.free_tag(date(2026, 11, 23))
    workspace.open_session(tag, BASELINE)
    keep(workspace, 1, 0.3)
    keep(workspace, 4, 0.5)
    texts = [text for _, text in told(repository, f"autoresearch/{tag}")]
    assert texts == [BASELINE, candidate(0.3).text, candidate(0.5).text]


def test_a_workspace_below_the_top_of_its_repository_is_walked_by_its_own_file(
    repository: Repository,
) -> None:
    below = repository.root / "deep"
    (below / "sandbox").mkdir(parents=True)
    (below / ".cockpit").mkdir()
    repository.git("checkout", "--quiet", "-b", "other")
    for rate in (0.1, 0.6):
        (below / "sandbox" / "train.py").write_text(candidate(rate).text)
        repository.git("add", "deep/sandbox")
        repository.git("commit", "--quiet", "--message", f"Deep {rate}")
    commit(repository, "The file at the top", 0.8)
    repository.git("checkout", "--quiet", "main")
    assert [found.subject for found in versions(below, "other")] == ["Deep 0.1", "Deep 0.6"]


def test_what_is_no_branch_or_holds_one_version_is_refused(repository: Repository) -> None:
    with pytest.raises(WorkspaceError, match="git knows no branch or commit 'nowhere'"):
        versions(repository.root, "nowhere")
    with pytest.raises(WorkspaceError, match="git knows no branch or commit '--all'"):
        versions(repository.root, "--all")
    with pytest.raises(UsageError, match="main holds 1 version of"):
        of_branch(repository.root, "main", Board())
