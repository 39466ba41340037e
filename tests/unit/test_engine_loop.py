"""The loop over the shipped fakes: order, gates, verdicts, the human's requests."""

from __future__ import annotations

import pytest

from cockpit import events as ev
from cockpit.demo import ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.loop import run_session
from cockpit.errors import ArenaError
from cockpit.ports import RunOrder
from cockpit.trial import Crashed, Declined, Rejected, RunResult, TimedOut, Usage
from tests.engine_room import Room, names

GOOD = setting("a higher rate learns faster", LR=3e-3)
BAD = setting("a smaller batch takes more steps", BATCH=64)


def plan(**changes: object) -> Plan:
    return Plan(**{"experiments": 2, "review": "off", "rehearsals": 0, **changes})  # type: ignore[arg-type]


def test_a_night_keeps_the_gain_and_discards_the_loss() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan())
    assert run_session(room.desk()) == "2 experiments done"
    board = Fold(room.ledger.read()).board
    assert [(r.number, r.word) for r in board.rows.values()] == [
        (0, "keep"),
        (1, "keep"),
        (2, "discard"),
    ]
    assert board.incumbent == 1
    assert "LR = 0.003" in room.workspace.tree or "LR = 3e-3" in room.workspace.tree
    assert board.counts == {"keep": 1, "discard": 1}


def test_events_of_a_trial_come_in_the_durable_order() -> None:
    room = Room(agents=[ScriptedAgent([BAD])], plan=plan(experiments=1))
    run_session(room.desk())
    order = names(room.ledger)
    start = order.index("Asked")
    assert order[start : start + 9] == [
        "Asked",
        "Proposed",
        "Staged",
        "RunStarted",
        "RunFinished",
        "RunStarted",
        "RunFinished",
        "TrialJudged",
        "TrialSettled",
    ]


def test_the_live_board_equals_the_fold_of_the_ledger() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan())
    live = Fold()
    room.listeners.append(lambda item: live.apply(item) if isinstance(item, ev.Entry) else None)
    run_session(room.desk())
    assert live.board == Fold(room.ledger.read()).board


def test_a_repeat_goes_back_to_the_agent_with_the_trial_it_repeats() -> None:
    agent = ScriptedAgent([BAD, BAD, GOOD])
    room = Room(agents=[agent], plan=plan())
    run_session(room.desk())
    rejection = agent.rejections[2]
    assert rejection is not None
    assert rejection.repeats == 1
    assert "trial 1" in rejection.advice
    assert Fold(room.ledger.read()).board.funnel.as_dict()["asked"] == 3


def test_what_dies_in_the_dry_run_is_repaired_and_never_scored() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        if order.role == "dry run" and "BATCH = 64" in order.text:
            return Crashed(reason="NameError: x, line 3", usage=Usage(), log_tail="Traceback")
        return None

    agent = ScriptedAgent([BAD, GOOD])
    room = Room(agents=[agent], plan=plan(experiments=1))
    room.runner.outcome = fate
    run_session(room.desk())
    assert agent.rejections[1] is not None
    assert "NameError" in agent.rejections[1].advice
    scored = [o for o in room.runner.orders if o.role == "scoring run"]
    assert all("BATCH = 64" not in o.text for o in scored)


def test_a_lane_that_gives_up_passes_the_turn_and_says_why() -> None:
    away = Declined(
        reason="no model server at localhost; start it: ollama serve", kind="unavailable"
    )
    model = ScriptedAgent([away], lane="ollama", model="qwen")
    room = Room(agents=[model, ScriptedAgent([GOOD])], plan=plan(experiments=1))
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.rows[1].lane == "sweep"
    assert "ollama serve" in board.notices["ollama"].text


def test_no_candidate_after_all_repairs_is_a_verdict_with_its_sentence() -> None:
    broken = Rejected(stage="parse", reason="the reply held no edit", advice="Send one edit.")
    room = Room(agents=[ScriptedAgent([broken] * 4)], plan=plan(experiments=None, turns=1))
    run_session(room.desk())
    row = Fold(room.ledger.read()).board.rows[1]
    assert (row.word, row.reason) == ("discard", "the reply held no edit")
    assert len(row.rejections) == 4


AWAY = Declined(reason="the server is being restarted", kind="unavailable")
EXHAUSTED = Declined(reason="every change was tried", kind="exhausted")


def test_moments_without_a_proposal_end_the_night_only_in_a_row() -> None:
    deep = setting("deeper", DEPTH=3)
    agent = ScriptedAgent([AWAY, EXHAUSTED, GOOD, AWAY, BAD, AWAY, EXHAUSTED, deep])
    room = Room(agents=[agent], plan=plan(experiments=3))
    assert run_session(room.desk()) == "3 experiments done"
    for end in (AWAY, EXHAUSTED):
        room = Room(agents=[ScriptedAgent([GOOD, end, end, end, BAD])], plan=plan())
        assert run_session(room.desk()) == "nothing left to try"


def test_a_time_out_is_discarded_and_the_next_trial_starts() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        if order.role == "scoring run" and order.trial == 1:
            return TimedOut(reason="handed nothing over in 300 s", usage=Usage(train=300.0))
        return None

    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan())
    room.runner.outcome = fate
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert [board.rows[n].word for n in (1, 2)] == ["discard", "discard"]
    assert board.rows[1].value is None


def test_skip_abandons_the_trial_and_goes_on() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan(experiments=1))
    skipped: list[int] = []

    def on_step(item: object) -> None:
        if isinstance(item, ev.StepLogged) and item.trial == 1 and item.run == 2 and not skipped:
            skipped.append(item.trial)
            room.control.skip()

    room.listeners.append(on_step)
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.rows[1].state == "abandoned"
    assert board.rows[1].word is None
    assert board.rows[2].word is not None


def test_stop_ends_at_once_and_a_restart_goes_on_in_the_same_session() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan())

    def on_step(item: object) -> None:
        if isinstance(item, ev.StepLogged) and item.trial == 2:
            room.control.stop("the human quit")

    room.listeners.append(on_step)
    assert run_session(room.desk()) == "the human quit"
    again = Room(
        agents=[ScriptedAgent([BAD])],
        plan=plan(experiments=1),
        ledger=room.ledger,
        workspace=room.workspace,
        clock=room.clock,
    )
    run_session(again.desk())
    fold = Fold(room.ledger.read())
    assert not fold.others
    assert [(n, r.state) for n, r in fold.board.rows.items()] == [
        (0, "settled"),
        (1, "settled"),
        (2, "abandoned"),
        (3, "settled"),
    ]


def test_another_budget_opens_a_session_with_its_own_baseline() -> None:
    room = Room(agents=[ScriptedAgent([GOOD])], plan=plan(experiments=1))
    run_session(room.desk())
    again = Room(
        agents=[ScriptedAgent([BAD])],
        plan=plan(experiments=1, budget=20.0),
        ledger=room.ledger,
        workspace=room.workspace,
        clock=room.clock,
    )
    run_session(again.desk())
    fold = Fold(room.ledger.read())
    assert len(fold.others) == 1
    assert fold.board.session_tag != fold.others[0].session_tag
    assert fold.board.notices["fingerprint"].text == (
        "budget is 20, was 300: values do not compare, so a new session begins with its own "
        "baseline"
    )
    assert sorted(fold.board.rows) == [0, 1]
    assert {run.budget for run in fold.board.rows[1].runs if run.role != "dry run"} == {20.0}


def test_a_pause_rests_after_the_trial_until_resumed() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan())

    def drive(item: object) -> None:
        if not isinstance(item, ev.Entry):
            return
        match item.event:
            case ev.TrialStarted(trial=1):
                room.control.pause()
            case ev.RequestAcknowledged(request="pause", state="done"):
                room.control.resume()

    room.listeners.append(drive)
    run_session(room.desk())
    order = [e.event for e in room.ledger.read()]
    done = next(
        i
        for i, e in enumerate(order)
        if isinstance(e, ev.RequestAcknowledged) and e.request == "pause" and e.state == "done"
    )
    judged = next(i for i, e in enumerate(order) if isinstance(e, ev.TrialJudged) and e.trial == 1)
    second = next(i for i, e in enumerate(order) if isinstance(e, ev.TrialStarted) and e.trial == 2)
    assert judged < done < second


def settled(event: ev.Event) -> bool:
    return isinstance(event, ev.TrialSettled) and event.trial == 1


def test_revert_makes_a_kept_trial_the_one_to_beat() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan())

    def drive(item: object) -> None:
        if isinstance(item, ev.Entry) and settled(item.event):
            room.control.revert(0)

    room.listeners.append(drive)
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.incumbent == 0
    assert "LR = 3e-4" in room.workspace.tree


def test_a_listener_that_raises_is_dropped_and_named() -> None:
    room = Room(agents=[ScriptedAgent([GOOD])], plan=plan(experiments=1))

    def faulty(_: object) -> None:
        raise RuntimeError("no more paper")

    room.listeners.append(faulty)
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert "no more paper" in board.notices["listener"].text


def test_rehearsals_run_first_count_down_and_are_not_tried() -> None:
    agent = ScriptedAgent([GOOD, BAD, GOOD])
    room = Room(agents=[agent], plan=plan(experiments=1, rehearsals=2))
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert sorted(board.rehearsals) == [-2, -1]
    assert board.rehearsal.through == 2
    assert board.rows[1].word == "keep"
    assert board.counts == {"keep": 1}


def test_timed_review_shows_the_next_proposal_while_the_run_goes_on() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan(review="timed"))
    run_session(room.desk())
    order = [e.event for e in room.ledger.read()]
    opened = next(i for i, e in enumerate(order) if isinstance(e, ev.ReviewOpened) and e.trial == 1)
    baseline = next(i for i, e in enumerate(order) if isinstance(e, ev.TrialJudged))
    assert opened < baseline
    reviews = [e for e in order if isinstance(e, ev.Reviewed)]
    assert [r.decision for r in reviews] == ["unanswered", "unanswered"]
    assert [r.waited for r in reviews] == [0.0, 0.0], "the machine was at work meanwhile"


def test_a_refusal_reaches_the_agent_with_its_reason() -> None:
    agent = ScriptedAgent([GOOD, BAD])
    room = Room(agents=[agent], plan=plan(experiments=1, review="ask"))

    def drive(item: object) -> None:
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.ReviewOpened):
            if len(agent.briefs) == 1:
                room.control.refuse(room.seen(1), "tried last week")
            else:
                room.control.accept(room.seen(1))

    room.listeners.append(drive)
    run_session(room.desk())
    assert agent.rejections[1] is not None
    assert "tried last week" in agent.rejections[1].advice
    assert Fold(room.ledger.read()).board.rows[1].hypothesis == BAD.hypothesis


@pytest.mark.parametrize("review", ["timed", "ask"])
def test_trust_ends_the_reviews(review: str) -> None:
    agent = ScriptedAgent([GOOD, BAD, setting("deeper", DEPTH=3)])
    room = Room(agents=[agent], plan=plan(experiments=3, review=review))

    def drive(item: object) -> None:
        if isinstance(item, ev.Entry) and isinstance(item.event, ev.ReviewOpened):
            room.control.trust(room.seen(item.event.trial))

    room.listeners.append(drive)
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.phase == "autonomous"
    assert [row.decision for row in board.rows.values()].count("trusted") == 1


def test_a_failure_of_our_own_side_is_nobodys_crash() -> None:
    failures = iter([True, False, False, False])

    def fate(order: RunOrder) -> RunResult | None:
        if order.role == "scoring run" and order.trial == 1 and next(failures):
            raise ArenaError("the warden did not start", "look at the disk")
        return None

    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan(experiments=1))
    room.runner.outcome = fate
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.rows[1].state == "abandoned"
    assert "the warden did not start" in board.rows[1].reason
    assert board.rows[2].word == "discard"


def test_a_failure_of_our_own_side_is_not_held_against_a_repaired_proposal() -> None:
    def fate(order: RunOrder) -> RunResult | None:
        if order.role == "dry run":
            raise ArenaError("the warden did not start", "look at the disk")
        return None

    broken = Rejected(stage="parse", reason="the reply held no edit", advice="Send one edit.")
    room = Room(agents=[ScriptedAgent([broken, GOOD])], plan=plan(experiments=None, turns=1))
    room.runner.outcome = fate
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    row = board.rows[1]
    assert row.rejections
    assert (row.state, row.word) == ("abandoned", None)
    assert "the warden did not start" in row.reason
    assert row.key not in board.tried
    assert not board.lessons


def test_one_turn_is_one_trial() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan(experiments=None, turns=1))
    assert run_session(room.desk()) == "the trial is over"
    assert sorted(Fold(room.ledger.read()).board.rows) == [0, 1]


def test_the_stop_hour_leaves_room_for_the_re_measurement() -> None:
    room = Room(agents=[ScriptedAgent([GOOD, BAD])], plan=plan())
    hour = room.clock.now() + 13 * 300.0
    room.plan = plan(experiments=None, until=hour, remeasure_pairs=2)
    assert run_session(room.desk()) == "no further trial fits before the stop hour"
    board = Fold(room.ledger.read()).board
    assert board.remeasured is not None
    assert room.clock.now() <= hour + 300.0


def test_a_stop_in_the_re_measurement_is_no_failure() -> None:
    room = Room(agents=[ScriptedAgent([GOOD])], plan=plan(experiments=1, remeasure_pairs=2))

    def drive(item: object) -> None:
        event = item.event if isinstance(item, ev.Entry) else None
        if isinstance(event, ev.RunStarted) and "against baseline" in event.why:
            room.control.stop("the human quit")

    room.listeners.append(drive)
    run_session(room.desk())
    board = Fold(room.ledger.read()).board
    assert board.remeasured is None
    assert "re-measure" not in board.notices
