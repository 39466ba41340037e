"""What the cockpit puts into the human's tree, and what it leaves alone there."""

from __future__ import annotations

import pytest

from cockpit.workspace import GitWorkspace, tree
from tests.workspaces import BASELINE, KEEP, Repository, candidate, keep

pytestmark = pytest.mark.e2e

BRANCH = "refs/heads/autoresearch/nov23"


def test_a_file_edited_by_hand_is_offered_and_never_overwritten(
    repository: Repository, workspace: GitWorkspace
) -> None:
    workspace.archive(1, candidate(0.2), "Try 0.2")
    repository.write("sandbox/train.py", candidate(9.0).text)
    assert workspace.hand_edit() == candidate(9.0).text
    done = workspace.settle(1, KEEP, "Keep 0.2")
    assert done.tree == "sandbox/train.py left as you edited it"
    assert done.commit == repository.git("rev-parse", BRANCH)
    assert repository.read("sandbox/train.py") == candidate(9.0).text
    assert GitWorkspace(repository.root, "nov23").hand_edit() == candidate(9.0).text


def test_a_hand_edit_that_is_kept_is_the_cockpits_from_then_on(
    repository: Repository, workspace: GitWorkspace
) -> None:
    repository.write("sandbox/train.py", candidate(9.0).text)
    keep(workspace, 1, 9.0)
    assert workspace.hand_edit() is None
    keep(workspace, 2, 0.3)
    assert repository.read("sandbox/train.py") == candidate(0.3).text


def test_an_edit_taken_back_by_hand_is_none(
    repository: Repository, workspace: GitWorkspace
) -> None:
    repository.write("sandbox/train.py", candidate(9.0).text)
    keep(workspace, 1, 0.2)
    repository.write("sandbox/train.py", candidate(0.2).text)
    assert workspace.hand_edit() is None
    keep(workspace, 2, 0.3)
    assert repository.read("sandbox/train.py") == candidate(0.3).text


def test_bytes_that_are_no_text_are_left_and_can_still_be_offered(
    repository: Repository, workspace: GitWorkspace
) -> None:
    (repository.root / "sandbox" / "train.py").write_bytes(b"LR = 1  # \xff\n")
    assert workspace.hand_edit() == "LR = 1  # \ufffd\n"
    keep(workspace, 1, 0.2)
    assert (repository.root / "sandbox" / "train.py").read_bytes() == b"LR = 1  # \xff\n"


def test_a_deleted_file_comes_back_with_the_next_keep(
    repository: Repository, workspace: GitWorkspace
) -> None:
    (repository.root / "sandbox" / "train.py").unlink()
    assert workspace.hand_edit() is None
    keep(workspace, 1, 0.2)
    assert repository.read("sandbox/train.py") == candidate(0.2).text


def test_a_link_is_not_replaced(repository: Repository, workspace: GitWorkspace) -> None:
    outside = repository.root / "mine.py"
    (repository.root / "sandbox" / "train.py").rename(outside)
    (repository.root / "sandbox" / "train.py").symlink_to("../mine.py")
    workspace.archive(1, candidate(0.2), "Try")
    assert "a link to ../mine.py" in workspace.settle(1, KEEP, "Keep").tree
    assert outside.read_text() == BASELINE


@pytest.mark.parametrize("content", ["", "{", "[]", '{"digests": 3}'])
def test_without_the_memory_of_what_was_shown_the_branch_decides(
    repository: Repository, workspace: GitWorkspace, content: str
) -> None:
    keep(workspace, 1, 0.2)
    (repository.root / ".cockpit" / "shown.json").write_text(content)
    assert workspace.hand_edit() is None
    repository.write("sandbox/train.py", candidate(9.0).text)
    assert workspace.hand_edit() == candidate(9.0).text


def test_a_full_disk_leaves_the_keep_and_says_so(
    repository: Repository, workspace: GitWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.archive(1, candidate(0.2), "Try")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tree, "replace_file", full)
        done = workspace.settle(1, KEEP, "Keep")
    assert done.tree == "sandbox/train.py could not be updated (No space left on device)"
    assert workspace.settle(1, KEEP, "Keep").tree == "sandbox/train.py shows it"
    assert repository.git("rev-list", "--count", f"main..{BRANCH}") == "1"


def test_learnings_are_written_whole_and_not_committed(
    repository: Repository, workspace: GitWorkspace
) -> None:
    workspace.write_learnings("- one\n")
    workspace.write_learnings("- one\n- two\n")
    assert workspace.learnings() == "- one\n- two\n"
    assert repository.git("status", "--porcelain") == "?? learnings.md"
