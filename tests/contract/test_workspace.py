"""What every Workspace does, whoever plays it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cockpit.demo import MemoryWorkspace
from cockpit.errors import WorkspaceError
from cockpit.ports import Workspace
from cockpit.source.stage import describe
from cockpit.trial import Candidate, Proposal, Rejected, SetConstants, Verdict
from cockpit.workspace import GitWorkspace
from tests.workspaces import (
    BASELINE,
    CRASH,
    DISCARD,
    KEEP,
    SIMPLER,
    Repository,
    candidate,
    isolate,
)

DAY = date(2025, 11, 23)


class WorkspaceContract:
    """Subclasses give the fixture `workspace`, with the session nov23 open on BASELINE."""

    def test_stages_an_edit_on_the_text_it_is_given(self, workspace: Workspace) -> None:
        edit = SetConstants(changes=(("LR", 0.2),))
        staged = workspace.stage(Proposal(hypothesis="h", edit=edit, lane="sweep"), BASELINE)
        assert isinstance(staged, Candidate)
        assert staged.text == BASELINE.replace("0.1", "0.2")

    def test_turns_back_an_edit_that_does_not_apply(self, workspace: Workspace) -> None:
        edit = SetConstants(changes=(("NOT_THERE", 1),))
        staged = workspace.stage(Proposal(hypothesis="h", edit=edit, lane="sweep"), BASELINE)
        assert isinstance(staged, Rejected)

    def test_takes_the_unedited_file_as_a_candidate(self, workspace: Workspace) -> None:
        baseline = workspace.baseline(workspace.train())
        assert isinstance(baseline, Candidate)
        assert (baseline.text, baseline.diff) == (BASELINE, "")

    def test_gives_back_what_was_archived(self, workspace: Workspace) -> None:
        text = BASELINE + "# naïve 音楽\r\n"
        assert workspace.archive(1, describe(text), "Try")
        assert workspace.text_of(1) == text

    def test_gives_back_the_last_of_a_trial_that_was_staged_again(
        self, workspace: Workspace
    ) -> None:
        first = workspace.archive(1, candidate(0.2), "Try 0.2")
        assert workspace.archive(1, candidate(0.3), "Try 0.3") != first
        assert workspace.text_of(1) == candidate(0.3).text

    def test_knows_no_text_of_a_trial_that_was_never_staged(self, workspace: Workspace) -> None:
        with pytest.raises(WorkspaceError, match="trial 7"):
            workspace.text_of(7)

    @pytest.mark.parametrize("verdict", [KEEP, SIMPLER], ids=lambda verdict: verdict.word)
    def test_settling_a_keep_twice_is_settling_it_once(
        self, workspace: Workspace, verdict: Verdict
    ) -> None:
        workspace.archive(1, candidate(0.2), "Try 0.2")
        once = workspace.settle(1, verdict, "Keep 0.2")
        assert once.commit
        assert workspace.settle(1, verdict, "Keep 0.2") == once
        assert workspace.train() == candidate(0.2).text

    @pytest.mark.parametrize("verdict", [DISCARD, CRASH], ids=lambda verdict: verdict.word)
    def test_anything_else_leaves_the_tree_and_makes_no_commit(
        self, workspace: Workspace, verdict: Verdict
    ) -> None:
        workspace.archive(1, candidate(0.2), "Try 0.2")
        assert workspace.settle(1, verdict, "No").commit == ""
        assert workspace.train() == BASELINE

    def test_a_revert_shows_the_older_file_in_one_more_commit(self, workspace: Workspace) -> None:
        workspace.archive(0, candidate(0.1), "Baseline")
        workspace.archive(1, candidate(0.2), "Try 0.2")
        keep = workspace.settle(1, KEEP, "Keep 0.2")
        assert workspace.revert(0, "Back to the baseline").commit not in ("", keep.commit)
        assert workspace.train() == BASELINE

    def test_a_second_session_of_a_day_has_another_tag_and_its_own_trials(
        self, workspace: Workspace
    ) -> None:
        workspace.archive(1, candidate(0.2), "Try 0.2")
        tag = workspace.free_tag(DAY)
        assert tag == "nov23-2"
        workspace.open_session(tag, workspace.train())
        with pytest.raises(WorkspaceError, match="trial 1"):
            workspace.text_of(1)
        workspace.resume_session("nov23")
        assert workspace.text_of(1) == candidate(0.2).text

    def test_a_tree_that_nobody_touched_is_no_hand_edit(self, workspace: Workspace) -> None:
        workspace.archive(1, candidate(0.2), "Try 0.2")
        assert workspace.hand_edit() is None
        workspace.settle(1, KEEP, "Keep 0.2")
        assert workspace.hand_edit() is None

    def test_program_md_is_there_to_read(self, workspace: Workspace) -> None:
        assert workspace.program()


@pytest.mark.e2e
class TestGitWorkspace(WorkspaceContract):
    """The real one."""

    @pytest.fixture
    def workspace(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
        isolate(monkeypatch, tmp_path / "home")
        repository = Repository.committed(tmp_path / "human")
        workspace = GitWorkspace(repository.root)
        workspace.open_session("nov23", BASELINE)
        return workspace


class TestMemoryWorkspace(WorkspaceContract):
    """The fake that is shipped."""

    @pytest.fixture
    def workspace(self) -> Workspace:
        workspace = MemoryWorkspace(BASELINE)
        workspace.open_session("nov23", BASELINE)
        return workspace
