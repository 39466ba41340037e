"""A verification over the shipped fakes: what is run, what survives a kill, what it says."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from cockpit import events as ev
from cockpit.cli.parser import parse
from cockpit.cli.verify.assess import assess
from cockpit.cli.verify.plan import comparable, plan_of
from cockpit.cli.verify.subject import Subject, is_range, of_session
from cockpit.config import Settings
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.engine.session import SetupWatch
from cockpit.engine.verification import Verification
from cockpit.engine.verify import Verifier
from cockpit.errors import ArenaError, CockpitError, UsageError
from cockpit.ports import RunOrder
from cockpit.report.verify import duration, estimate_text, ran_text, verify_facts, verify_markdown
from cockpit.trial import Completed, Crashed, Reading, RunResult, Usage
from tests.engine_room import Killed, Mortal, Room, fingerprint
from tests.unit.test_constraints_loop import plan as night_plan

RATE = setting("a higher rate", LR=3e-3)
DECAY = setting("a longer fall", WARMDOWN=0.5)
BATCH = setting("a larger batch", BATCH=64)


def night(doomed: Callable[[ev.Entry], bool] = lambda _: False) -> Room:
    """Return the room after a night with two keeps and a discard between them."""
    room = Room(agents=[ScriptedAgent([RATE, BATCH, DECAY])], ledger=Mortal(doomed))
    room.plan = replace(night_plan(room.plan.constraints), experiments=3)
    run_session(room.desk())
    return room


def subject(room: Room, what: str = "") -> Subject:
    return of_session(Fold(room.ledger.read()).board, what, room.workspace.text_of)


def flags(*given: str) -> argparse.Namespace:
    return parse(["verify", *given])


def verify(room: Room, *given: str, what: str = "") -> Verification:
    chosen = subject(room, what)
    fold = Fold(room.ledger.read())
    _, plan = plan_of(chosen, Settings(), fold, flags(*given))
    verifier = Verifier(
        ledger=room.ledger,
        fold=fold,
        runner=room.runner,
        clock=room.clock,
        watch=SetupWatch(room.control, lambda _: None),
        texts=chosen.texts,
        assess=assess,
    )
    return verifier.verify(plan)


def test_keeps_are_held_against_the_files_that_they_were_made_on() -> None:
    room = night()
    found = subject(room)
    assert found.words == "2 keeps of jan15"
    assert [(f.label) for f in found.files] == ["baseline", "#1", "#3"]
    by_digest = {file.digest: file.label for file in found.files}
    assert [(k.label, by_digest[k.old], by_digest[k.new]) for k in found.keeps] == [
        ("#1", "baseline", "#1"),
        ("#3", "#1", "#3"),
    ]
    assert all(keep.gain is not None and keep.gain > 0 for keep in found.keeps)
    assert found.seconds == pytest.approx(305.0)
    assert [keep.label for keep in subject(room, "2..3").keeps] == ["#3"]
    assert [keep.label for keep in subject(room, "#1").keeps] == ["#1"]
    with pytest.raises(UsageError, match="has no keep in 2; its keeps: #1, #3"):
        subject(room, "2")


def test_true_gains_are_real_and_the_session_is_left_as_it_was() -> None:
    room = night()
    before = Fold(room.ledger.read())
    room.runner.orders.clear()
    found = verify(room, "--pairs", "3")
    assert [said.word for said in found.said.values()] == ["real", "real"]
    assert all(s.low is not None and s.gain is not None and s.low > 0 for s in found.said.values())
    after = Fold(room.ledger.read())
    assert after.board == before.board
    assert after.others == before.others
    assert after.seq == before.seq + 1 + 9 + 2
    orders = room.runner.orders
    assert Counter(order.seed for order in orders) == dict.fromkeys({o.seed for o in orders}, 3)
    assert [order.trial for order in orders] == [1, 2, 3, 3, 2, 1, 1, 2, 3]
    assert {order.budget for order in orders} == {300.0}
    known = {run.seed for row in before.board.rows.values() for run in row.runs}
    assert known.isdisjoint(order.seed for order in orders)


def noise_alone(order: RunOrder) -> RunResult | None:
    value = random.Random(f"{order.seed}/{order.text}").gauss(2.0, 0.01)
    return Completed(
        readings=(Reading(metric="val_bpb", split="val", value=value),), usage=Usage(train=300.0)
    )


def test_keeps_without_effect_are_luck() -> None:
    room = night()
    room.runner.outcome = noise_alone
    found = verify(room, "--pairs", "12")
    assert [said.word for said in found.said.values()] == ["luck", "luck"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_entry_it_goes_on_where_it_was(moment: str) -> None:
    whole = verify(night(), "--pairs", "2")
    for entry in range(9):
        room = night()
        begun = Fold(room.ledger.read()).seq
        assert isinstance(room.ledger, Mortal)
        room.ledger._doomed = lambda e, at=begun + 1 + entry: e.seq == at  # type: ignore[misc]  # bound now
        room.ledger._moment = moment  # type: ignore[assignment]  # of the two
        with pytest.raises(Killed):
            verify(room, "--pairs", "2")
        ran = len(room.runner.orders)
        cut_off = list(Fold(room.ledger.read()).verifications.known.values())
        assert all(each.told == (entry == 8 and moment == "after") for each in cut_off)
        found = verify(room, "--pairs", "2")
        assert found.said == whole.said
        assert found.results == whole.results
        lost = moment == "before" and 1 <= entry <= 6
        assert len(room.runner.orders) == ran + 6 - (min(entry, 6) - lost), entry
        told = [e.event for e in room.ledger.read() if isinstance(e.event, ev.VerifyRan)]
        assert len({(run.digest, run.pair) for run in told}) == len(told) == 6


def test_a_finished_one_costs_nothing_more_pairs_cost_their_own_and_again_costs_all() -> None:
    room = night()
    first = verify(room, "--pairs", "2")
    room.runner.orders.clear()
    assert verify(room).said == first.said
    assert room.runner.orders == []
    assert len(verify(room, "--pairs", "3").results) == 9
    assert len(room.runner.orders) == 3
    again = verify(room, "--pairs", "2", "--again")
    assert again.plan.verify != first.plan.verify
    assert len(room.runner.orders) == 3 + 6


def test_a_stop_ends_the_run_in_hand_which_is_run_again() -> None:
    room = night()
    room.runner.outcome = lambda order: room.control.stop("enough") if order.run == 2 else None
    found = verify(room, "--pairs", "2")
    assert len(found.results) == 4
    assert found.said == {}
    room.runner.outcome = lambda _: None
    room.control = Room().control
    assert len(verify(room, "--pairs", "2").results) == 6


def crashed(order: RunOrder) -> RunResult | None:
    if "WARMDOWN = 0.5" not in order.text:
        return None
    return Crashed(reason="died at step 3", usage=Usage())


def test_a_file_that_never_comes_through_is_given_up_and_said_so() -> None:
    room = night()
    room.runner.outcome = crashed
    room.runner.orders.clear()
    found = verify(room, "--pairs", "4")
    assert len(room.runner.orders) == 4 + 4 + 2
    one, three = found.said.values()
    assert (one.word, one.note) == ("real", "")
    assert (three.word, three.gain) == ("unproven", None)
    assert three.note == "it failed in 2 of 2 runs: died at step 3"
    assert "- #3: it failed in 2 of 2 runs: died at step 3" in verify_markdown(found)


class Broken:
    """A runner whose arena fails now and then."""

    def __init__(self, room: Room, failures: int) -> None:
        self._runner, self.failures = room.runner, failures

    def run(self, order: RunOrder, watch: SetupWatch) -> RunResult:
        if self.failures:
            self.failures -= 1
            raise ArenaError("the warden died")
        return self._runner.run(order, watch)

    def recover(self) -> int:
        return 0


@pytest.mark.parametrize("failures", [2, 3])
def test_a_failure_of_ours_is_tried_again_and_the_third_in_a_row_ends_it(failures: int) -> None:
    room = night()
    runner = room.runner
    room.runner = Broken(room, failures)  # type: ignore[assignment]  # a Runner all the same
    if failures < 3:
        assert len(verify(room, "--pairs", "2").results) == 6
        return
    with pytest.raises(ArenaError):
        verify(room, "--pairs", "2")
    room.runner = runner
    assert len(verify(room, "--pairs", "2").results) == 6


def test_values_of_another_machine_are_refused_by_name() -> None:
    room = night()
    chosen = subject(room)
    _, plan = plan_of(chosen, Settings(), Fold(room.ledger.read()), flags())
    assert comparable(plan, fingerprint(), chosen) == fingerprint()
    with pytest.raises(CockpitError, match=r"torch was 2\.13\.0, is 2\.14\.0; bring it back"):
        comparable(plan, replace(fingerprint(), torch="2.14.0"), chosen)
    branch = replace(chosen, fingerprint=None)
    _, fresh = plan_of(branch, Settings(), Fold(), flags())
    assert comparable(fresh, fingerprint(), branch) == fingerprint()


@pytest.mark.parametrize(
    ("given", "words"),
    [(("--pairs", "1"), "tells nothing"), (("--budget", "60"), "were measured at 300 s")],
)
def test_wrong_use_is_said(given: tuple[str, ...], words: str) -> None:
    room = night()
    with pytest.raises(UsageError, match=words):
        plan_of(subject(room), Settings(), Fold(room.ledger.read()), flags(*given))


def test_the_cost_is_said_before_and_what_is_done_is_not_paid_twice() -> None:
    room = night()
    known, _ = plan_of(subject(room), Settings(), Fold(room.ledger.read()), flags())
    assert estimate_text(known, 305.0) == (
        "2 keeps of jan15: 3 files x 5 pairs = 15 runs; 15 runs of about 305 s take 76 min"
    )
    verify(room, "--pairs", "2")
    known, _ = plan_of(subject(room), Settings(), Fold(room.ledger.read()), flags("--pairs", "3"))
    assert "9 runs, 6 of them done; 3 runs of about 305 s take 15 min" in estimate_text(known, 305)
    assert [duration(s) for s in (20, 600, 20_000)] == ["20 s", "10 min", "5.6 h"]


def test_the_page_can_be_pasted_and_the_facts_agree_with_it() -> None:
    room = night()
    found = verify(room, "--pairs", "3")
    page, facts = verify_markdown(found), verify_facts(found)
    lines = page.splitlines()
    assert lines[0] == "## Verified: 2 keeps of jan15"
    assert lines[2] == "**2 of 2 real**, 0 unproven, 0 luck."
    assert lines[4].count("|") == lines[5].count("|") == lines[6].count("|") == 8
    assert "LR 3e-4 -> 3e-3" in lines[6]
    assert facts["counts"] == {"real": 2, "unproven": 0, "luck": 0}
    keep = facts["keeps"][0]
    assert keep["label"] == "#1"
    assert keep["low"] < keep["gain"] < keep["high"]
    assert f"{keep['gain']:+.4f}" in lines[6]
    assert (facts["runs"], facts["seconds"]) == (9, 9 * 305)
    ran = next(e.event for e in room.ledger.read() if isinstance(e.event, ev.VerifyRan))
    assert ran_text(found, ran).startswith("9/9  pair 1  baseline: ")


@pytest.mark.parametrize(
    ("what", "numbers"),
    [("", True), ("5", True), ("#5", True), ("3..7", True), ("main", False), ("a..b", False)],
)
def test_numbers_are_told_from_branches(what: str, numbers: bool) -> None:
    assert is_range(what) is numbers
