"""What the commands that only look say of journals and tables that are out of the ordinary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cockpit import events as ev
from cockpit.cli import main
from cockpit.engine.fold import Fold
from cockpit.ledgers.sqlite import SqliteLedger
from cockpit.report.summary import status_facts
from cockpit.report.text import status_text
from tests.journals import opening
from tests.tui.replay import Night


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a session of twenty trials, some of them keeps."""
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "prepare.py").touch()
    (tmp_path / "cockpit.toml").touch()
    (tmp_path / ".cockpit").mkdir()
    with SqliteLedger(tmp_path / ".cockpit/ledger.db") as journal:
        for entry in Night(seq=-1).night(20):
            journal.append(entry)
    return tmp_path


def add(root: Path, *events: ev.Event, session: str) -> None:
    with SqliteLedger(root / ".cockpit/ledger.db") as journal:
        for event in events:
            seq = journal.last() + 1
            journal.append(ev.Entry(seq=seq, at=4e9 + seq, session=session, slot=0, event=event))


def fold_of(root: Path) -> Fold:
    with SqliteLedger(root / ".cockpit/ledger.db", read_only=True) as journal:
        return Fold(journal.read())


def test_the_report_knows_what_a_verification_found(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = fold_of(root).board
    kept = next(n for n, row in board.rows.items() if n and row.word == "keep")
    keep = ev.VerifyKeep(
        label=f"#{kept}", summary="", old="d", new=board.rows[kept].digest, trial=kept
    )
    add(
        root,
        ev.VerifyStarted(
            verify="v",
            subject=board.session_tag,
            fingerprint=opening().fingerprint,
            direction="minimize",
            pairs=5,
            files=(),
            keeps=(keep,),
        ),
        ev.KeepVerified(
            verify="v", keep=keep, word="luck", pairs=5, shared=0, gain=-0.01, low=-0.02, high=0.0
        ),
        session=ev.VERIFY,
    )
    assert main(["report", str(root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (said,) = (each for each in told["keeps"] if each["trial"] == kept)
    assert (said["standing"], said["verified"]) == ("suspicious", "luck")
    assert main(["replay", str(root), "--plain", "--speed", "1e9"]) == 0
    assert "verif" not in capsys.readouterr().out


def test_a_process_that_runs_no_session_is_not_called_one(root: Path) -> None:
    fold = fold_of(root)
    if fold.board.running:
        add(root, ev.SessionEnded(reason="the human quit"), session=fold.board.session_tag)
    facts = status_facts(fold_of(root), 4711)
    assert (facts["running"], facts["ended"]) == (False, "the human quit")
    assert "process 4711 is at work here" in facts["next"]
    assert "not running, ended: the human quit" in status_text(facts)


def test_what_no_trial_of_the_time_asked_for_means(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", str(root), "--since", "1m"]) == 0
    said = capsys.readouterr().out
    assert "none began in the last 1m" in said and "no experiments yet" not in said
    assert main(["ledger", str(root), "--since", "1m", "--tsv"]) == 2
    assert "--tsv is the whole table" in capsys.readouterr().err


def test_a_baseline_of_nothing_has_no_percentage(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "results.tsv"
    table.write_text(
        "commit\taccuracy\tmemory_gb\tstatus\tdescription\n"
        "aaaaaaa\t0.0\t1.0\tkeep\tbaseline\nbbbbbbb\t0.5\t1.0\tkeep\tlearn\n"
    )
    (root / ".cockpit/ledger.db").unlink()
    assert main(["import", str(table), str(root), "--maximize"]) == 0
    assert main(["status", str(root)]) == 0
    assert "baseline 0.0000" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["tsv", "json"])
def test_a_strangers_table_cannot_speak_to_the_terminal(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    evil = "\x1b]0;owned\x07\x1b[31mred\u202ebackwards"
    if form == "json":
        rows = [
            {"commit": "aaaaaaa", "val_bpb": 1.0, "status": "keep", "description": "baseline"},
            {"commit": "b", "val_bpb": 0.9, "status": "keep", "description": evil + "\ud83d"},
        ]
        text = "\n".join(map(json.dumps, rows))
    else:
        head = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
        text = f"{head}aaaaaaa\t1.0\t1.0\tkeep\tbaseline\nb\t0.9\t1.0\tkeep\t{evil}\n"
    table = tmp_path / "strange.tsv"
    table.write_text(text)
    page = tmp_path / "page.html"
    assert main(["ledger", str(table), "--noise", "0.01"]) == 0
    assert main(["report", str(table)]) == 0
    assert main(["report", str(table), "--html", str(page)]) == 0
    assert main(["import", str(table), str(root)]) == 0
    assert main(["ledger", str(root), "--all"]) == 0
    said = capsys.readouterr()
    assert "red" in said.out
    for character in "\x1b\x07\u202e\ud83d":
        assert character not in said.out + said.err + page.read_text()
