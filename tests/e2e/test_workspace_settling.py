"""Keeps, reverts, kills between two writes, and hands that reach in."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import pytest

from cockpit.errors import WorkspaceError
from cockpit.files import replace_file
from cockpit.workspace import GitWorkspace, plumbing, tree
from tests.workspaces import BASELINE, DISCARD, KEEP, Repository, candidate, keep

pytestmark = pytest.mark.e2e

P = ParamSpec("P")
R = TypeVar("R")
BRANCH = "refs/heads/autoresearch/nov23"


class Killed(BaseException):
    """Stands for a SIGKILL at one point."""


def count(repository: Repository) -> int:
    """Return how many commits the session branch has on top of main."""
    return int(repository.git("rev-list", "--count", f"main..{BRANCH}"))


# --- kills -----------------------------------------------------------------------------------


def test_settling_ends_the_same_wherever_it_is_killed(
    repository: Repository, workspace: GitWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before every commit made, ref moved and file replaced is a place to die."""
    workspace.archive(1, candidate(0.2), "Try 0.2")
    refs = repository.git("for-each-ref", "--format=%(refname) %(objectname)")
    points, survived = 0, False
    while not survived:
        _rewind(repository, refs)
        with monkeypatch.context() as patch:
            _kill_at(patch, points)
            try:
                GitWorkspace(repository.root, "nov23").settle(1, KEEP, "Keep 0.2")
                survived = True
            except Killed:
                points += 1
        restarted = GitWorkspace(repository.root)
        restarted.resume_session("nov23")
        done = restarted.settle(1, KEEP, "Keep 0.2")
        assert done.commit == repository.git("rev-parse", BRANCH)
        assert repository.git("rev-parse", "refs/cockpit/nov23/head") == done.commit
        assert count(repository) == 1
        assert repository.read("sandbox/train.py") == candidate(0.2).text
        assert restarted.hand_edit() is None
    assert points == 6


def test_a_revert_that_was_killed_anywhere_is_undone_or_done_again(
    repository: Repository, workspace: GitWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger may know of it or not; the branch follows, in new commits."""
    keep(workspace, 1, 0.2)
    keep(workspace, 2, 0.3)
    points, survived = 0, False
    while not survived:
        with monkeypatch.context() as patch:
            _kill_at(patch, points)
            try:
                GitWorkspace(repository.root, "nov23").revert(1, "Back to 0.2")
                survived = True
            except Killed:
                points += 1
        for trial, rate in ((1, 0.2), (2, 0.3)):
            restarted = GitWorkspace(repository.root)
            restarted.resume_session("nov23")
            done = restarted.revert(trial, "What the ledger says")
            assert done.commit == repository.git("rev-parse", BRANCH)
            assert repository.git("rev-parse", "refs/cockpit/nov23/head") == done.commit
            shown = repository.git("show", f"{BRANCH}:sandbox/train.py")
            assert shown == candidate(rate).text.rstrip()
            assert repository.read("sandbox/train.py") == candidate(rate).text
            assert restarted.hand_edit() is None
    assert points == 6


def _rewind(repository: Repository, refs: str) -> None:
    """Put refs and tree back to before the trial was settled."""
    for line in refs.splitlines():
        repository.git("update-ref", *line.split())
    repository.write("sandbox/train.py", BASELINE)
    tree.Tree(repository.root).claim(BASELINE)


def _kill_at(patch: pytest.MonkeyPatch, point: int) -> None:
    """Raise Killed before the write of that number."""
    passed = [0]

    def before(do: Callable[P, R]) -> Callable[P, R]:
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            passed[0] += 1
            if passed[0] > point:
                raise Killed
            return do(*args, **kwargs)

        return wrapped

    patch.setattr(plumbing.Plumbing, "commit", before(plumbing.Plumbing.commit))
    patch.setattr(plumbing.Plumbing, "move", before(plumbing.Plumbing.move))
    patch.setattr(tree, "replace_file", before(replace_file))


def test_an_old_keep_settled_again_does_not_come_back(
    repository: Repository, workspace: GitWorkspace
) -> None:
    first = keep(workspace, 1, 0.2)
    second = keep(workspace, 2, 0.3)
    assert workspace.settle(1, KEEP, "Keep 0.2").commit == first
    assert repository.git("rev-parse", BRANCH) == second
    assert repository.read("sandbox/train.py") == candidate(0.3).text


def test_a_hypothesis_cannot_pass_for_a_keep_of_another_trial(
    repository: Repository, workspace: GitWorkspace
) -> None:
    workspace.archive(1, candidate(0.2), "Try 0.2")
    workspace.settle(1, KEEP, "Keep\n\nTrial: 2\nSession: nov23\n")
    assert keep(workspace, 2, 0.3) == repository.git("rev-parse", BRANCH)
    assert count(repository) == 2


def test_a_keep_of_an_older_session_is_not_taken_for_ours(
    repository: Repository, workspace: GitWorkspace
) -> None:
    keep(workspace, 1, 0.2)
    repository.git("checkout", "--quiet", "--force", "-B", "main", "autoresearch/nov23")
    workspace.open_session("nov24", candidate(0.2).text)
    assert keep(workspace, 1, 0.4) == repository.git("rev-parse", "autoresearch/nov24")
    assert repository.read("sandbox/train.py") == candidate(0.4).text


# --- somebody else -----------------------------------------------------------------------------


def test_a_branch_that_somebody_moved_is_left_and_named(
    repository: Repository, workspace: GitWorkspace
) -> None:
    ours = keep(workspace, 1, 0.2)
    theirs = repository.git("commit-tree", "-p", ours, "-m", "Mine", f"{ours}^{{tree}}")
    repository.git("update-ref", BRANCH, theirs)
    for act in (
        lambda: workspace.archive(2, candidate(0.3), "Try 0.3"),
        lambda: workspace.settle(1, KEEP, "Keep 0.3"),
        lambda: workspace.revert(1, "Back"),
        lambda: GitWorkspace(repository.root).resume_session("nov23"),
    ):
        with pytest.raises(WorkspaceError, match=f"{theirs[:10]}.*git update-ref {BRANCH}"):
            act()
    assert repository.git("rev-parse", BRANCH) == theirs
    repository.git("update-ref", BRANCH, ours)
    keep(workspace, 2, 0.3)


def test_a_branch_moved_at_the_last_moment_is_not_overwritten(
    repository: Repository, workspace: GitWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.archive(1, candidate(0.2), "Try 0.2")
    made = plumbing.Plumbing.commit
    theirs = repository.git("commit-tree", "-p", BRANCH, "-m", "Mine", "main^{tree}")

    def race(*args: object, **kwargs: object) -> str:
        commit = made(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they came
        repository.git("update-ref", BRANCH, theirs)
        return commit

    monkeypatch.setattr(plumbing.Plumbing, "commit", race)
    with pytest.raises(WorkspaceError, match="was moved to"):
        workspace.settle(1, KEEP, "Keep 0.2")
    assert repository.git("rev-parse", BRANCH) == theirs
    assert repository.read("sandbox/train.py") == BASELINE


def test_a_branch_that_was_reset_or_deleted_is_not_rebuilt_in_silence(
    repository: Repository, workspace: GitWorkspace
) -> None:
    ours = keep(workspace, 1, 0.2)
    repository.git("update-ref", BRANCH, f"{ours}^")
    with pytest.raises(WorkspaceError, match="was moved"):
        workspace.archive(2, candidate(0.3), "Try")
    repository.git("update-ref", "-d", BRANCH)
    with pytest.raises(WorkspaceError, match=f"was deleted.*{ours[:10]}"):
        workspace.archive(2, candidate(0.3), "Try")


def test_a_stale_lock_of_the_index_does_not_matter(
    repository: Repository, workspace: GitWorkspace
) -> None:
    (repository.root / ".git" / "index.lock").touch()
    assert keep(workspace, 1, 0.2)


def test_a_locked_ref_is_a_sentence(repository: Repository, workspace: GitWorkspace) -> None:
    workspace.archive(1, candidate(0.2), "Try")
    (repository.root / ".git" / f"{BRANCH}.lock").touch()
    with pytest.raises(WorkspaceError, match=r"autoresearch/nov23.*File exists"):
        workspace.settle(1, KEEP, "Keep")


def test_a_revert_is_a_new_commit_with_the_old_file(
    repository: Repository, workspace: GitWorkspace
) -> None:
    keep(workspace, 1, 0.2)
    second = keep(workspace, 2, 0.3)
    done = workspace.revert(1, "Back to 0.2: 0.3 was luck")
    assert repository.git("rev-parse", f"{done.commit}^") == second
    assert repository.git("show", f"{BRANCH}:sandbox/train.py") == candidate(0.2).text.rstrip()
    assert repository.changed_by(done.commit) == ["sandbox/train.py"]
    assert workspace.revert(1, "Again").commit == done.commit
    assert workspace.revert(0, "To the baseline").tree == "sandbox/train.py shows it"
    assert repository.read("sandbox/train.py") == BASELINE


def test_candidates_of_a_trial_staged_again_are_all_reachable(
    repository: Repository, workspace: GitWorkspace
) -> None:
    first = workspace.archive(1, candidate(0.2), "Try 0.2")
    second = workspace.archive(1, candidate(0.3), "Repaired")
    workspace.settle(1, DISCARD, "Discard")
    reachable = repository.git("for-each-ref", "--format=%(objectname)", "refs/cockpit").split()
    assert {first, second} <= set(reachable)
