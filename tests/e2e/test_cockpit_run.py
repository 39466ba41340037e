"""A night without a screen: what it writes, what it leaves alone, and that all accounts agree.

The night is short here; COCKPIT_E2E_EXPERIMENTS and COCKPIT_E2E_BUDGET make it a longer one.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cabin import Cabin, Done, budget, copy
from tests.e2e.night import EXPERIMENTS, SECONDS, Night, make_night

pytestmark = pytest.mark.e2e

SAME_LINE = ("verdict", "value", "delta", "sigma", "reason", "summary", "commit", "runs", "lane")


@pytest.fixture(scope="module")
def night(prepared: Cabin, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A session of the sweep in a human's repository."""
    return make_night(prepared, tmp_path_factory.mktemp("night") / "ws")


def scored(night: Night) -> list[dict[str, Any]]:
    """Return the ledger's lines of the trials that reached a scoring run."""
    runs = [e for e in night.done.events if e["event"] == "RunStarted"]
    numbers = {e["trial"] for e in runs if e["role"] == "scoring run"}
    return [line for line in night.ledger if line["trial"] in numbers]


def verdicts(done: Done) -> dict[int, dict[str, Any]]:
    """Return the verdict of each trial, as printed."""
    return {e["trial"]: e["verdict"] for e in done.events if e["event"] == "TrialJudged"}


def measured(done: Done, trial: int) -> list[float]:
    """Return the values measured of a trial's file, as printed."""
    runs = [e for e in done.events if e["event"] == "RunFinished" and e["role"] != "dry run"]
    readings = [r for e in runs if e["of"] == trial for r in e["result"].get("readings", ())]
    return [reading["value"] for reading in readings if reading["split"] == "val"]


def test_a_run_ends_well_and_prints_each_event_once_in_order(night: Night) -> None:
    assert night.done.code == 0, night.done.err
    assert [e["seq"] for e in night.done.events] == list(range(len(night.done.events)))
    assert len(night.cabin.journal) == len(night.done.events)
    assert night.done.events[-1]["reason"] == f"{EXPERIMENTS} experiments done"
    assert "Traceback" not in night.done.err
    assert night.cabin.processes() == []


def test_the_table_for_other_tools_has_the_baseline_and_a_row_for_each_trial(night: Night) -> None:
    header, *rows = [line.split("\t") for line in night.table]
    assert header == ["commit", "val_bpb", "memory_gb", "status", "description"]
    assert len(scored(night)) == EXPERIMENTS + 1
    assert len(rows) == len(night.ledger)
    assert rows[0][3:] == ["keep", "baseline"]
    for row, line in zip(rows, night.ledger, strict=True):
        assert row[1] == ("" if line["value"] is None else f"{line['value']:.6f}")
        assert row[3] == ("keep" if line["verdict"] == "simpler" else line["verdict"])


def test_every_keep_is_a_commit_that_changes_train_py_alone(night: Night) -> None:
    git, tag = night.cabin.git, night.status["session"]
    branch = f"refs/heads/autoresearch/{tag}"
    kept = [x for x in night.ledger if x["verdict"] in ("keep", "simpler") and x["trial"]]
    base = night.ledger[0]["commit"]
    assert git("rev-list", "--reverse", f"{base}..{branch}").split() == [x["commit"] for x in kept]
    for line in kept:
        changed = git("show", "--format=", "--name-only", line["commit"]).split()
        assert changed == ["sandbox/train.py"]
        message = git("show", "-s", "--format=%B", line["commit"])
        assert line["summary"] in message
        assert f"val_bpb: {line['value']:.4f}" in message
    best = git("show", f"{branch}:sandbox/train.py")
    assert best == night.cabin.train
    assert best == git("show", f"refs/cockpit/{tag}/trials/{night.status['best']['trial']}:"
                       "sandbox/train.py")  # fmt: skip


def test_every_trial_has_a_ref_with_the_program_of_its_moment(night: Night) -> None:
    git, tag = night.cabin.git, night.status["session"]
    refs = git("for-each-ref", "--format=%(refname)", f"refs/cockpit/{tag}/trials").split()
    staged = {e["trial"] for e in night.done.events if e["event"] == "Staged"}
    assert {int(ref.rpartition("/")[2]) for ref in refs} == staged
    assert staged >= {line["trial"] for line in scored(night)}
    for ref in refs:
        assert "Loose thought." in git("show", f"{ref}:program.md")


def test_what_is_the_humans_is_as_it_was(night: Night) -> None:
    assert replace(night.after, index=b"") == replace(night.before, index=b"")
    assert night.after.index == night.before.index
    shown = set(night.cabin.git("status", "--porcelain").splitlines())
    assert shown - night.before.status <= {" M sandbox/train.py", " M learnings.md"}
    assert not {name for name in shown if ".cockpit" in name or "results.tsv" in name}


def test_status_ledger_show_and_events_tell_one_story(night: Night) -> None:
    judged = verdicts(night.done)
    commits = {e["trial"]: e["commit"] for e in night.done.events if e["event"] == "TrialSettled"}
    assert set(judged) == {line["trial"] for line in night.ledger}
    for line in night.ledger:
        told = judged[line["trial"]]
        assert (line["verdict"], line["reason"]) == (told["word"], told["reason"])
        assert (line["delta"], line["sigmas"]) == (told["delta"], told["sigmas"])
        assert (line["commit"] or "") == commits[line["trial"]]
    assert {key: night.show[key] for key in SAME_LINE} == {
        key: night.ledger[1][key] for key in SAME_LINE
    }
    words = [line["verdict"] for line in night.ledger if line["kind"] == "experiment"]
    assert night.status["counts"] == {w: words.count(w) for w in night.status["counts"]}
    (best,) = [line for line in night.ledger if line["incumbent"]]
    assert night.status["best"]["trial"] == best["trial"]
    assert night.status["best"]["commit"] == best["commit"]
    assert night.status["running"] is False
    funnel = list(night.status["funnel"].values())
    assert funnel == sorted(funnel, reverse=True)
    asked = [e for e in night.done.events if e["event"] == "Asked"]
    assert night.status["funnel"]["asked"] == len(asked)


def test_every_line_of_the_learnings_names_its_trial(night: Night) -> None:
    lessons = [e for e in night.done.events if e["event"] == "LessonLearned"]
    text = (night.cabin.root / "learnings.md").read_text()
    assert [e["trial"] for e in lessons] == [x["trial"] for x in night.ledger if x["trial"]]
    for lesson in lessons:
        assert f"#{lesson['trial']}" in text
    assert "learnings.md" not in night.cabin.git("log", "--all", "--name-only", "--format=", "-1")


def test_a_file_of_ones_own_costs_one_trial_and_no_run_of_the_best(
    night: Night, tmp_path: Path
) -> None:
    cabin = copy(night.cabin, tmp_path / "ws")
    mine = tmp_path / "mine.py"
    mine.write_text(cabin.train + "\ndef broken(:\n")
    done = cabin.run("try", str(mine), "-m", "a slip", *budget(SECONDS), "--json")
    assert done.code == 0, done.err
    assert [e["trial"] for e in done.events if e["event"] == "TrialJudged"] == [len(night.ledger)]
    assert not [e for e in done.events if e["event"] == "RunStarted"]


def test_another_budget_is_another_session_and_nothing_is_compared_across(
    night: Night, tmp_path: Path
) -> None:
    cabin = copy(night.cabin, tmp_path / "ws")
    mine = tmp_path / "mine.py"
    mine.write_text(re.sub(r"(?m)^((MUON_)?LR) = \S+", r"\1 = 0.0", cabin.train))
    command = ("try", str(mine), "-m", "learn nothing", *budget(SECONDS + 1), "--json")
    done = cabin.run(*command, COCKPIT_REHEARSAL_ITERATIONS="1")
    assert done.code == 0, done.err
    (first,) = [e for e in done.events if e["event"] == "SessionStarted"]
    assert first["tag"] != night.status["session"]
    assert first["fingerprint"]["budget"] == SECONDS + 1
    assert {e["session"] for e in done.events} == {first["tag"]}
    began = [(e["trial"], e["kind"]) for e in done.events if e["event"] == "TrialStarted"]
    assert began == [(0, "baseline"), (1, "experiment")]
    runs = [e for e in done.events if e["event"] == "RunStarted" and e["role"] != "dry run"]
    assert {e["budget"] for e in runs} == {SECONDS + 1}
    baseline, trial = [json.loads(x) for x in cabin.run("ledger", "--json").out.splitlines()]
    assert {baseline["session"], trial["session"]} == {first["tag"]}
    assert baseline["delta"] is None
    assert trial["verdict"] == "discard"
    # The judge may leave out runs that were disturbed; it never takes another session's.
    apart = [own - best for own in measured(done, 1) for best in measured(done, 0)]
    assert min(apart) <= trial["delta"] <= max(apart)
    table = (cabin.root / "results.tsv").read_text().splitlines()
    assert [line.split("\t")[3] for line in table[1:]] == ["keep", "discard"]
    everything = cabin.run("ledger", "--json", "--all").out.splitlines()
    assert len(everything) == len(night.ledger) + 2
    assert cabin.tell("status", "--json")["sessions"] == 2
