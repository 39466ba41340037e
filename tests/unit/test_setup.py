"""A folder is found to be a workspace, or becomes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit import resources, setup
from cockpit.errors import WorkspaceError
from tests.workspaces import Repository, isolate

TEMPLATE = {
    "sandbox/train.py": "LR = 0.1\n",
    "sandbox/prepare.py": "BUDGET = 300\n",
    "program.md": "Strategy.\n",
    "learnings.md": "# Learnings\n",
    "cockpit.toml": "[session]\n",
}


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the files that come with the cockpit."""
    isolate(monkeypatch, tmp_path / "home")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    packed = tmp_path / "package" / "template"
    for name, text in TEMPLATE.items():
        (packed / name).parent.mkdir(parents=True, exist_ok=True)
        (packed / name).write_text(text)
    (packed / "sandbox" / "__pycache__").mkdir()
    (packed / "sandbox" / "__pycache__" / "train.pyc").write_text("")
    monkeypatch.setattr(resources, "PACKAGE", packed.parent)
    return packed


def git(root: Path, *args: str) -> str:
    """Run git in a workspace; return what it printed."""
    repository = Repository.__new__(Repository)
    repository.root = root
    return repository.git(*args)


# --- finding -----------------------------------------------------------------------------------


def test_a_workspace_is_found_from_inside_and_by_either_mark(tmp_path: Path) -> None:
    marked, plain = tmp_path / "marked", tmp_path / "plain"
    for root in (marked, plain):
        (root / "sandbox").mkdir(parents=True)
    (marked / "cockpit.toml").touch()
    for name in ("sandbox/train.py", "sandbox/prepare.py", "program.md"):
        assert setup.find_workspace(plain) is None
        (plain / name).touch()
    assert setup.find_workspace(marked / "sandbox") == marked
    assert setup.find_workspace(plain) == plain
    assert setup.find_workspace(tmp_path / "nowhere") is None


def test_a_repository_inside_a_workspace_is_not_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "cockpit.toml").touch()
    (tmp_path / "library" / ".git").mkdir(parents=True)
    assert setup.find_workspace(tmp_path / "library") is None


# --- making ------------------------------------------------------------------------------------


def test_a_fresh_workspace_is_complete_committed_and_clean(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "new" / "nät [1]"
    assert set(setup.init(root)) == set(TEMPLATE)
    assert git(root, "ls-files").split() == sorted(TEMPLATE)
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "show", "-s", "--format=%s") == "Start a workspace"
    assert (root / ".cockpit").stat().st_mode & 0o777 == 0o700
    assert setup.find_workspace(root) == root


def test_making_it_again_adds_what_is_missing_and_overwrites_nothing(
    template: Path, tmp_path: Path
) -> None:
    setup.init(tmp_path / "new")
    head = git(tmp_path / "new", "rev-parse", "HEAD")
    (tmp_path / "new" / "program.md").write_text("Mine.\n")
    (tmp_path / "new" / "learnings.md").unlink()
    (tmp_path / "new" / "cockpit.toml").unlink()
    (tmp_path / "new" / "cockpit.toml").symlink_to("elsewhere.toml")
    assert setup.init(tmp_path / "new") == ("learnings.md",)
    assert (tmp_path / "new" / "program.md").read_text() == "Mine.\n"
    assert (tmp_path / "new" / "cockpit.toml").is_symlink()
    assert git(tmp_path / "new", "rev-parse", "HEAD") == head


def test_inside_a_repository_nothing_is_committed(template: Path, tmp_path: Path) -> None:
    repository = Repository.committed(tmp_path / "human")
    before = repository.of_the_human()
    setup.init(repository.root / "night")
    after = repository.of_the_human()
    assert (before["head"], before["index"], before["refs"]) == (
        (after["head"], after["index"], after["refs"])
    )
    assert not (repository.root / "night" / ".git").exists()
    assert ".cockpit" not in repository.git("status", "--short", "--untracked-files=all")


def test_a_repository_that_waits_for_its_first_commit_keeps_its_index(
    template: Path, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "human")
    repository.git("add", "program.md")
    before = repository.of_the_human()
    setup.init(repository.root)
    assert repository.of_the_human()["index"] == before["index"]


def test_killed_between_git_init_and_the_commit_it_is_completed(
    template: Path, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "--quiet")
    setup.init(tmp_path / "new")
    assert git(tmp_path / "new", "rev-list", "--count", "HEAD") == "1"


def test_hooks_and_signing_do_not_stand_in_the_way(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    (tmp_path / "home" / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {hooks}\n[commit]\n\tgpgsign = true\n"
        "[user]\n\tuseConfigOnly = true\n"
    )
    setup.init(tmp_path / "new")
    assert git(tmp_path / "new", "show", "-s", "--format=%an") == "cockpit"


def test_a_folder_that_cannot_be_made_is_named(template: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="file"):
        setup.init(tmp_path / "file" / "below")
