"""A recorded night played again, and a table from elsewhere taken into the journal."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

from cockpit import events as ev
from cockpit import resources
from cockpit.cli import main
from cockpit.cli.nights import night
from cockpit.cli.player import LONGEST, Player, ReplayClock
from cockpit.cli.replaying import play_lines
from cockpit.demo import FakeClock, ScriptedAgent, setting
from cockpit.engine.desk import Plan
from cockpit.engine.fold import Fold
from cockpit.engine.live import LiveRun
from cockpit.engine.loop import run_session
from cockpit.ledgers.memory import MemoryLedger
from cockpit.ledgers.sqlite import SqliteLedger
from tests.engine_room import Room
from tests.journals import opening
from tests.tui.replay import Night

DIALECTS = Path(__file__).parents[1] / "data" / "dialects"


def workspace(folder: Path) -> Path:
    """Return a folder that counts as a workspace, with room for a journal."""
    (folder / "sandbox").mkdir()
    (folder / "sandbox" / "prepare.py").touch()
    (folder / "cockpit.toml").touch()
    (folder / ".cockpit").mkdir()
    return folder


def test_upstreams_night_at_a_hundred_times() -> None:
    entries = night(resources.demo())
    real, out = FakeClock(), io.StringIO()
    clock = ReplayClock(real, entries[0].at, 100.0)
    began = real.now()
    play_lines(entries, clock, real.advance, out)
    assert out.getvalue().splitlines()[-1] == (
        "23 keeps (the baseline with them), 102 discard, 1 crash; best 0.969686 at #118"
    )
    recorded = entries[-1].at - entries[0].at
    assert real.now() - began == pytest.approx(recorded / 100, abs=0.5)
    assert 126 * 300 < recorded < 126 * 330


def test_the_countdown_of_a_replay_is_the_recorded_one() -> None:
    made = Night()
    entries = list(made.night(3))
    real, live = FakeClock(), LiveRun()
    clock = ReplayClock(real, entries[0].at, 10.0)
    left: list[float] = []

    def hear(item: ev.Entry | ev.Sample) -> None:
        if not isinstance(item, ev.Entry):
            live.apply(item)
        if isinstance(item, ev.StepLogged) and live.clock is not None:
            left.append(live.clock.monotonic + live.clock.budget - clock.monotonic())

    steps = [
        ev.StepLogged(trial=0, run=1, step=at, loss=2.0, elapsed=float(at)) for at in (50, 150, 250)
    ]
    Player(entries, clock, real.advance, lambda trial, _: steps if trial == 1 else ()).play(hear)
    assert [round(seconds / 10) for seconds in left] == [25, 15, 5]


def test_a_long_silence_is_cut() -> None:
    made = Night()
    entries = list(made.opening())
    made.clock.move(36_000)
    entries.append(made.entry(ev.SessionEnded(reason="left")))
    real = FakeClock()
    began = real.now()
    Player(entries, ReplayClock(real, entries[0].at, 10.0), real.advance).play(lambda _: None)
    assert real.now() - began == pytest.approx(LONGEST)


def test_standing_still_stepping_and_changing_the_speed() -> None:
    made = Night()
    entries = list(made.night(3))
    real = FakeClock()
    clock = ReplayClock(real, entries[0].at, 1.0)
    clock.pause()
    waits, heard = [0], []

    def wait(seconds: float) -> None:
        real.advance(seconds)
        waits[0] += 1
        if waits[0] == 20:
            player.step()
        elif waits[0] == 40:
            player.stop()

    player = Player(entries, clock, wait)
    player.play(lambda item: heard.append(item) if isinstance(item, ev.Entry) else None)
    settled = [e.event.trial for e in heard if isinstance(e.event, ev.TrialSettled)]
    assert clock.paused and settled == [0]
    clock.faster(4)
    assert clock.speed == 4.0 and clock.now() == heard[-1].at


@pytest.mark.parametrize("name", sorted(path.name for path in DIALECTS.iterdir()))
def test_every_dialect_is_imported_whole(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = workspace(tmp_path)
    assert main(["import", str(DIALECTS / name), str(root)]) == 0
    said = capsys.readouterr().out
    rows = int(said.split(": ", 1)[1].split(" rows")[0])
    with SqliteLedger(root / ".cockpit/ledger.db", read_only=True) as ledger:
        board = Fold(ledger.read()).board
    assert len(board.rows) == rows and "is better: " in said
    assert board.imported and not board.open_trials
    assert board.session_tag in said


def test_an_import_never_hides_nor_meets_our_own_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = workspace(tmp_path)
    with SqliteLedger(root / ".cockpit/ledger.db") as ledger:
        ledger.append(ev.Entry(seq=0, at=1.0, session="mar8", slot=0, event=opening()))
    table = tmp_path / "results.tsv"
    shutil.copy(DIALECTS / "05-ragged.tsv", table)
    assert main(["import", str(table), str(root)]) == 0
    assert "5 rows are marked" in capsys.readouterr().out
    with SqliteLedger(root / ".cockpit/ledger.db", read_only=True) as ledger:
        fold = Fold(ledger.read())
    assert fold.board.session_tag == "mar8"
    (other,) = fold.others
    assert other.fingerprint is not None and other.fingerprint.trust == "printed"
    assert fold.find(opening().fingerprint) is fold.board
    assert main(["import", str(table), str(root)]) == 2
    assert "was imported before, as session import-results" in capsys.readouterr().err


def test_a_replay_prints_events_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(DIALECTS / "10-thirteen-columns.tsv")
    assert main(["replay", path, "--json", "--speed", "1e6"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["event"] for e in events][-1] == "SessionEnded"
    times = [e["at"] for e in events if e["event"] == "RunFinished"]
    assert [at[11:19] for at in times] == ["22:00:00", "22:06:10", "22:12:15"]


def test_a_session_beside_an_import_has_its_own_baseline_and_learns_nothing_of_it() -> None:
    ledger = MemoryLedger(tuple(night(resources.demo())))
    agent = ScriptedAgent([setting("a smaller batch takes more steps", BATCH=64)])
    plan = Plan(experiments=1, review="off", rehearsals=0)
    room = Room(agents=[agent], ledger=ledger, plan=plan)
    run_session(room.desk())
    fold = Fold(ledger.read())
    assert not fold.board.imported and fold.board.baseline_value != 0.9979
    (other,) = fold.others
    assert len(other.rows) == 126 and other.lessons == []
    assert sorted(fold.board.rows) == [0, 1]
