"""Hooks: what rings, what is handed to a command, and what a bad command does."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit import events as ev
from cockpit import hooks
from cockpit.demo import FakeClock, ScriptedAgent, setting
from cockpit.engine.loop import run_session
from cockpit.hooks import SILENCE, Alarm, Alarms, Hooks
from cockpit.trial import Verdict
from tests.engine_room import Room


def entry(event: ev.Event) -> ev.Entry:
    return ev.Entry(seq=1, at=0.0, session="s", slot=0, event=event)


def heard(event: ev.Event) -> Alarm | None:
    return Alarms().hear(entry(event), 0.0)


@pytest.mark.parametrize(
    ("event", "hook"),
    [
        (ev.Noticed(level="needs human", topic="x", text="the disk is full"), "needs_human"),
        (ev.Noticed(level="warning", topic="x", text="Ollama is away"), None),
        (ev.Noticed(level="needs human", topic="x", text=""), None),
        (ev.ReviewOpened(trial=4, until=None), "needs_human"),
        (ev.TrialJudged(trial=4, verdict=Verdict(word="keep", reason="better")), "keep"),
        (ev.TrialJudged(trial=4, verdict=Verdict(word="simpler", reason="smaller")), "keep"),
        (ev.TrialJudged(trial=4, verdict=Verdict(word="discard", reason="worse")), None),
        (ev.TrialJudged(trial=0, verdict=Verdict(word="keep", reason="the baseline")), None),
        (ev.SessionEnded(reason="stopped by the human"), "stopped"),
    ],
)
def test_what_rings(event: ev.Event, hook: str | None) -> None:
    alarm = heard(event)
    assert (alarm.hook if alarm else None) == hook


def test_a_review_that_is_held_rings_once() -> None:
    alarms = Alarms()
    assert alarms.hear(entry(ev.ReviewOpened(trial=4, until=9.0)), 0.0)
    assert alarms.hear(entry(ev.ReviewOpened(trial=4, until=None)), 1.0) is None


def test_silence_stalls_once_and_only_while_the_engine_should_speak() -> None:
    alarms = Alarms()
    assert alarms.look(1e9) is None, "it never began"
    run = ev.RunStarted(trial=1, run=1, role="scoring run", of=1, seed=1, budget=300.0)
    alarms.hear(entry(run), 0.0)
    meters = ev.Telemetry(at=0.0, devices=(), cpu=0.0, memory_used=1, memory_total=2)
    assert alarms.hear(meters, 800.0) is None
    assert alarms.look(SILENCE + 299.0) is None
    alarm = alarms.look(SILENCE + 301.0)
    assert alarm is not None and alarm.hook == "stalled" and "15 minutes" in alarm.text
    assert alarms.look(SILENCE + 999.0) is None, "once"
    for request in ("pause", "release"):
        alarms = Alarms()
        alarms.hear(entry(run), 0.0)
        alarms.hear(entry(ev.RequestAcknowledged(request=request, state="done", text="")), 2000.0)
        assert alarms.look(90_000.0) is None, "it rests on the human's word"


def rung(tmp_path: Path, command: str, alarm: Alarm) -> list[str]:
    said: list[str] = []
    waiter = Hooks({alarm.hook: command}, tmp_path, FakeClock(), said.append).ring(alarm)
    assert waiter is not None
    waiter.join(20)
    return said


KEEP = Alarm(hook="keep", text="#4 keep: $(touch bad); `touch bad`", trial=4, value=1.25)


def test_a_command_is_told_in_its_environment_and_never_in_its_text(tmp_path: Path) -> None:
    line = 'printf "%s|%s|%s" "$COCKPIT_HOOK" "$COCKPIT_HOOK_TRIAL" "$COCKPIT_HOOK_TEXT" > told'
    assert rung(tmp_path, line, KEEP) == []
    assert (tmp_path / "told").read_text() == f"keep|4|{KEEP.text}"
    assert not (tmp_path / "bad").exists()


def test_a_command_that_fails_is_reported_with_its_last_words(tmp_path: Path) -> None:
    said = rung(tmp_path, "echo nobody is home >&2; exit 3", KEEP)
    assert said == ["[hooks] keep ended with exit code 3: nobody is home"]


def test_a_command_that_hangs_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "SECONDS", 0.2)
    said = rung(tmp_path, "sleep 60 & sleep 60", KEEP)
    assert said == ["[hooks] keep ran longer than 0.2 s and was ended"]


def test_a_failure_becomes_a_notice_of_the_session() -> None:
    room = Room(agents=[ScriptedAgent([setting("a better rate", LR=0.003)])])
    desk = room.desk()
    room.control.report("hooks", "[hooks] keep ended with exit code 9")
    run_session(desk)
    assert desk.board.notices["hooks"].text == "[hooks] keep ended with exit code 9"
    assert desk.board.notices["hooks"].level == "warning"
