"""The durable ledger against crashes, other writers, full disks and damaged files."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from cockpit.errors import LedgerError
from cockpit.events import Entry, Noticed, TrialStarted
from cockpit.ledgers.mounts import network_type
from cockpit.ledgers.sqlite import SqliteLedger


def entry(seq: int, text: str = "") -> Entry:
    event = Noticed(level="info", topic="t", text=text) if text else None
    return Entry(
        seq=seq,
        at=1_700_000_000.1 + seq,
        session="mar8",
        slot=0,
        event=event or TrialStarted(trial=seq, kind="experiment"),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def filled(path: Path, count: int = 3) -> None:
    with SqliteLedger(path) as ledger:
        for seq in range(count):
            ledger.append(entry(seq))


def alter(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("DROP TRIGGER entries_stay; DROP TRIGGER entries_remain;")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_everything_is_there_after_a_restart(path: Path) -> None:
    filled(path)
    with SqliteLedger(path) as again:
        again.append(entry(3))
        assert list(again.read()) == [entry(seq) for seq in range(4)]


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.unit.test_ledger_sqlite import *\n"
        "ledger, seq = SqliteLedger(Path(sys.argv[1])), 0\n"
        "while True: ledger.append(entry(seq)); print(seq, flush=True); seq += 1"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(20)]
        os.kill(child.pid, signal.SIGKILL)
    with SqliteLedger(path) as ledger:
        found = [each.seq for each in ledger.read()]
        assert found[: len(acknowledged)] == acknowledged
        assert found == list(range(len(found)))
        ledger.append(entry(len(found)))


def test_it_is_synced_at_every_entry(path: Path) -> None:
    with SqliteLedger(path) as ledger:
        run = ledger._connection.execute
        assert run("PRAGMA journal_mode").fetchone() == ("wal",)
        assert run("PRAGMA synchronous").fetchone() == (2,)


def test_a_reader_beside_the_writer_sees_each_entry_at_once(path: Path) -> None:
    with SqliteLedger(path) as ledger, SqliteLedger(path, read_only=True) as reader:
        for seq in range(3):
            ledger.append(entry(seq))
            assert [each.seq for each in reader.read()] == list(range(seq + 1))


def test_a_reader_cannot_write(path: Path) -> None:
    filled(path)
    with (
        SqliteLedger(path, read_only=True) as reader,
        pytest.raises(LedgerError, match="cannot record entry 3"),
    ):
        reader.append(entry(3))


def test_a_reader_creates_nothing(path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be opened"):
        SqliteLedger(path, read_only=True)
    assert not path.exists()


def test_a_reader_that_is_a_moment_too_early_finds_nothing_yet(path: Path) -> None:
    path.touch()
    with SqliteLedger(path, read_only=True) as reader:
        assert list(reader.read()) == []
        filled(path)
        assert len(list(reader.read())) == 3


def test_a_second_writer_is_told_and_harms_nothing(path: Path) -> None:
    with SqliteLedger(path) as first, SqliteLedger(path) as second:
        first.append(entry(0))
        with pytest.raises(LedgerError, match="only one cockpit may write"):
            second.append(entry(0, "mine"))
        first.append(entry(1))
        assert [each.seq for each in second.read()] == [0, 1]


def test_it_can_be_used_from_the_engine_thread(path: Path) -> None:
    with SqliteLedger(path) as ledger:
        thread = Thread(target=ledger.append, args=(entry(0),))
        thread.start()
        thread.join()
        assert list(ledger.read()) == [entry(0)]


def test_a_full_disk_is_a_sentence_and_the_ledger_stays_usable(path: Path) -> None:
    with SqliteLedger(path) as ledger:
        ledger.append(entry(0))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
        try:
            with pytest.raises(LedgerError, match=r"cannot record entry 1.*free some disk space"):
                ledger.append(entry(1, "x" * 500_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        ledger.append(entry(1))
        assert list(ledger.read()) == [entry(0), entry(1)]


def test_a_damaged_entry_is_named(path: Path) -> None:
    filled(path)
    alter(path, "UPDATE entries SET body = replace(body, '1', '2') WHERE seq = 1")
    with SqliteLedger(path) as ledger, pytest.raises(LedgerError, match=r"entry 1 of .* damaged"):
        list(ledger.read())


def test_a_missing_entry_is_named(path: Path) -> None:
    filled(path)
    alter(path, "DELETE FROM entries WHERE seq = 1")
    with SqliteLedger(path) as ledger, pytest.raises(LedgerError, match="entry 1 is missing"):
        list(ledger.read())


def test_damaged_pages_are_found_at_the_start(path: Path) -> None:
    with SqliteLedger(path) as ledger:
        ledger.append(entry(0, "x" * 30_000))
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(LedgerError, match=r"damaged|malformed"):
        SqliteLedger(path)


def test_entries_cannot_be_changed_by_accident(path: Path) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    for statement in ("UPDATE entries SET trial = 9", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("junk", [b"not a database at all, just some text" * 50, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_a_sentence(path: Path, junk: bytes) -> None:
    path.write_bytes(junk)
    with pytest.raises(LedgerError, match=r"ledger.db"):
        SqliteLedger(path)
    assert path.read_bytes() == junk


def test_another_program_s_database_is_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(LedgerError, match="not a ledger"):
        SqliteLedger(path)


def test_a_newer_ledger_is_not_opened(path: Path) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(LedgerError, match="schema 2, this cockpit knows 1; update the cockpit"):
        SqliteLedger(path)


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/me/fast ext4 rw 0 0
//box/share /mnt/my\\040share cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/me/work/ledger.db", "nfs4"),
        ("/home/me/fast/ledger.db", ""),
        ("/homestead/ledger.db", ""),
        ("/mnt/my share/ledger.db", "cifs"),
        ("/srv/ledger.db", ""),
    ],
)
def test_the_nearest_mount_decides(place: str, kind: str) -> None:
    assert network_type(Path(place), MOUNTS) == kind


def test_a_network_file_system_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with pytest.raises(LedgerError, match=r"network file system \(nfs\).*local disk"):
        SqliteLedger(path, mounts=f"server:/x {tmp_path.resolve()} nfs rw 0 0")
    assert not path.exists()
