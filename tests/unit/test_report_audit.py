"""The morning audit's facts: one fold, the same on screen, in a report and on a replay."""

from __future__ import annotations

import dataclasses
from typing import Literal

from cockpit import events as ev
from cockpit import resources
from cockpit.cli.nights import night as night_from
from cockpit.engine.board import Board
from cockpit.engine.fold import Fold
from cockpit.report.audit import Audit, audit_of
from cockpit.report.keeps import keeps_of
from cockpit.report.timeline import KILLED, PAUSED, Timeline
from cockpit.trial import Completed, Reading, Rejected, Usage, Verdict
from tests.tui.replay import MIDNIGHT, Night


def audit(entries: list[ev.Entry], *, since: float = 0.0, late: float = 0.0) -> Audit:
    board = Fold(entries).board
    now = entries[-1].at + late
    return audit_of(board, Timeline(entries).of(board.session_tag), now=now, since=since)


def night(trials: int = 30) -> tuple[Night, list[ev.Entry]]:
    made = Night()
    return made, list(made.night(trials))


def test_how_many_trials_in_how_many_hours() -> None:
    _, entries = night()
    found = audit(entries)
    assert (found.trials, found.scored) == (30, 30)
    assert found.seconds == 31 * 330 and found.away == 0.0
    assert found.share is not None and 0.8 < found.share < 0.91
    assert sum(found.counts.values()) == 30 and found.counts["crash"] == 3
    assert found.since == MIDNIGHT


def test_interruptions_are_told_apart_and_not_counted_as_work() -> None:
    made, entries = night(2)
    made.clock.move(600)
    entries.append(made.entry(ev.SessionResumed(agent="sweep")))  # killed: no last word
    pause = ev.RequestAcknowledged(request="pause", state="done", text="paused")
    entries.append(made.entry(pause))
    made.clock.move(60)
    go_on = ev.RequestAcknowledged(request="resume", state="done", text="going on")
    entries.append(made.entry(go_on))
    entries.append(made.entry(ev.SessionEnded(reason="the screen was left")))
    made.clock.move(3600)
    entries.append(made.entry(ev.SessionResumed(agent="sweep")))
    found = audit(entries)
    assert [(b.seconds, b.why) for b in found.breaks] == [
        (600, KILLED),
        (60, PAUSED),
        (3600, "the screen was left"),
    ]
    assert found.away == 4260 and found.seconds == 3 * 330 + 4260


def test_a_pause_that_goes_on_is_told() -> None:
    made, entries = night(3)
    pause = ev.RequestAcknowledged(request="pause", state="done", text="paused")
    entries.append(made.entry(pause))
    (found,) = audit(entries, late=29_900.0).breaks
    assert (found.seconds, found.why) == (29_900.0, PAUSED)


def test_best_before_and_now_in_value_and_sigma() -> None:
    _, entries = night()
    board = Fold(entries).board
    whole = audit(entries).best
    assert (whole.before, whole.now) == (0, board.incumbent)
    assert whole.gain is not None and whole.sigmas is not None and board.sigma is not None
    assert whole.sigmas == whole.gain / board.sigma
    keeps = audit(entries).keeps
    middle = audit(entries, since=keeps[0].at - 1)
    assert middle.best.before == keeps[1].trial
    assert [k.trial for k in middle.keeps] == [keeps[0].trial]


def test_keeps_newest_first_each_with_its_standing() -> None:
    _, entries = night(60)
    keeps = audit(entries).keeps
    assert [k.trial for k in keeps] == sorted((k.trial for k in keeps), reverse=True)
    real = [k for k in keeps if k.word == "keep"]
    assert {k.standing for k in real} == {"real"}
    assert real[0].why.endswith("sigma over 1 run") and (real[0].gain or 0) > 0


def one_keep(result: Completed, verdict: Verdict, *, review: str = "off") -> Board:
    made = Night()
    entries = [*made.opening(), *made.baseline()]
    started = entries[0].event
    assert isinstance(started, ev.SessionStarted)
    entries[0] = dataclasses.replace(entries[0], event=dataclasses.replace(started, review=review))
    entries += made.proposal(1)
    for role in (
        ev.RunStarted(trial=1, run=1, role="scoring run", of=1, seed=1, budget=300.0),
        ev.RunFinished(trial=1, run=1, role="scoring run", of=1, seed=1, result=result),
        ev.TrialJudged(trial=1, verdict=verdict),
        ev.TrialSettled(trial=1, commit="c"),
    ):
        entries.append(made.entry(role))
    return Fold(entries).board


def standing(board: Board) -> tuple[str, str]:
    keep = audit_of(board, Timeline().of(""), now=board.at).keeps[0]
    return keep.standing, keep.why


def test_a_keep_is_suspicious_inside_the_noise_and_provisional_until_approved() -> None:
    done = Completed(readings=(), usage=Usage())
    good = Verdict(word="keep", reason="r", value=2.2, delta=-0.04, sigma=0.002, sigmas=-20.0)
    luck = dataclasses.replace(good, delta=-0.001, sigmas=-0.5)
    leap = dataclasses.replace(good, value=1.2, delta=-1.0)
    assert standing(one_keep(done, good))[0] == "real"
    assert standing(one_keep(done, good, review="keeps"))[0] == "provisional"
    assert standing(one_keep(done, luck)) == ("suspicious", "+0.5 sigma is inside the noise")
    assert standing(one_keep(done, leap))[0] == "suspicious"


def test_a_leap_is_real_when_the_hidden_split_confirms_it() -> None:
    made = Night()
    done = Completed(readings=(), usage=Usage())
    leap = Verdict(word="keep", reason="r", value=1.2, delta=-1.0, sigma=0.002, sigmas=-500.0)
    board = one_keep(done, leap)
    board.rows[0].audit = made.best
    for audit, word in ((made.best - 0.9, "real"), (made.best - 0.1, "suspicious")):
        board.rows[1].audit = audit
        assert standing(board)[0] == word


def test_shared_runs_are_doubtful_only_when_none_had_the_machine_alone() -> None:
    good = Verdict(word="keep", reason="r", value=2.2, delta=-0.04, sigma=0.002, sigmas=-20.0)
    reading = (Reading(metric="val_bpb", split="val", value=2.2),)
    shared = Completed(readings=reading, usage=Usage(contended="a browser"))
    alone = Completed(readings=reading, usage=Usage())
    assert standing(one_keep(shared, good))[0] == "suspicious"
    assert standing(one_keep(alone, good))[0] == "real"


def test_troubles_are_grouped_by_kind_and_reason() -> None:
    made, entries = night(22)
    entries.append(made.rejected(22))
    refused = Rejected(stage="novelty", reason="it repeats #12, which was discarded")
    entries.append(
        made.entry(ev.ProposalRejected(trial=21, attempt=1, lane="sweep", rejection=refused))
    )
    troubles = audit(entries).troubles
    assert [(t.kind, t.count, t.trials) for t in troubles] == [
        ("crash", 2, (5, 16)),
        ("refused at novelty", 2, (21, 22)),
    ]


def test_what_each_lane_contributed_and_cost() -> None:
    _, entries = night(20)
    model, sweep = sorted(audit(entries).lanes, key=lambda lane: lane.lane or "")
    assert (model.lane, model.models, sweep.lane) == ("ollama", ("qwen2.5-coder:14b",), "sweep")
    assert model.trials + sweep.trials == 20 and model.hours > 0.5
    assert model.kwh is None  # nothing measured energy: missing, not 0


def test_energy_is_summed_where_it_was_measured() -> None:
    used = Completed(readings=(), usage=Usage(train=300.0, energy=1.8e5))
    board = one_keep(used, Verdict(word="keep", reason="r", value=2.2))
    assert audit_of(board, Timeline().of(""), now=board.at).lanes[0].kwh == 0.05


def test_remeasured_with_its_age_and_the_two_tunes() -> None:
    made, entries = night(10)
    best = Fold(entries).board.incumbent or 0
    again = ev.BestRemeasured(
        best=best, baseline_values=(2.24, 2.24), best_values=(2.2, 2.2), gain=0.04, half_width=0.01
    )
    entries.append(made.entry(again))
    found = audit(entries, late=120.0)
    assert found.again is not None
    assert (found.again.pairs, found.again.age) == (2, 120.0)
    assert found.first_tune.startswith("X:1") and found.best_tune.startswith("X:1")


def test_a_killed_session_is_not_at_work_since() -> None:
    made, entries = night(2)
    board = Fold(entries).board
    track = Timeline(entries).of(board.session_tag)
    found = audit_of(board, track, now=made.clock.at + 36_000, alive=False)
    assert (found.ended, found.seconds) == (KILLED, 3 * 330)
    assert audit_of(board, track, now=made.clock.at + 60).ended == ""


def test_a_verification_has_the_last_word_on_luck_but_not_on_cheating() -> None:
    done = Completed(readings=(), usage=Usage())
    weak = Verdict(word="keep", reason="r", value=2.24, delta=-0.001, sigma=0.002, sigmas=-0.5)
    good = dataclasses.replace(weak, value=2.2, delta=-0.04, sigmas=-20.0)

    def said(board: Board, word: Literal["real", "unproven", "luck"]) -> tuple[str, str, str]:
        keep = ev.VerifyKeep(label="#1", summary="", old="d0", new=board.rows[1].digest, trial=1)
        found = ev.KeepVerified(
            verify="v",
            keep=keep,
            word=word,
            pairs=5,
            shared=0,
            gain=0.01,
            low=0.008,
            high=0.012,
        )
        audit = audit_of(
            board, Timeline().of(""), now=board.at, verified={board.rows[1].digest: found}
        )
        kept = audit.keeps[0]
        return kept.standing, kept.verified, kept.why

    assert said(one_keep(done, weak), "real")[:2] == ("real", "real")
    assert said(one_keep(done, weak), "unproven")[:2] == ("suspicious", "unproven")
    assert said(one_keep(done, good), "luck")[0] == "suspicious"
    standing_, word, why = said(one_keep(done, good), "unproven")
    assert (standing_, word) == ("real", "unproven")
    assert why.endswith("verified: unproven, +0.0100 (+0.0080 to +0.0120) over 5 pairs")
    warned = one_keep(done, good)
    warned.rows[1].warnings = ("a literal of 40 kB",)
    assert said(warned, "real")[0] == "suspicious"


def test_imported_keeps_are_printed_and_refused_ones_are_no_gain() -> None:
    board = Fold(night_of_upstream()).board
    keeps = keeps_of(board)
    assert {keep.standing for keep in keeps} == {"printed"}
    board.rows[keeps[0].trial].refused = ""
    again = keeps_of(board)[0]
    assert (again.standing, again.why) == ("refused", "refused by the human")


def night_of_upstream() -> list[ev.Entry]:
    return night_from(resources.demo())
