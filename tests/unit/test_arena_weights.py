"""What run folders keep of weights: one file a trial, the baseline's, the latest within bounds."""

from __future__ import annotations

from pathlib import Path

from cockpit.arena.runfolder import HANDOVER, RunFolder, thin

SIZE = 1000


def run(session: Path, trial: int, number: int, *, keep: bool = True) -> RunFolder:
    """Make a run that handed weights over, and close its folder."""
    folder = RunFolder.create(session, trial, number, "")
    folder.handover.write_bytes(f"{trial}-{number}".encode().ljust(SIZE))
    folder.close(keep_weights=keep)
    return folder


def kept(session: Path) -> list[str]:
    return sorted(path.parent.name for path in session.glob(f"*/{HANDOVER}"))


def test_a_trial_keeps_the_weights_of_its_latest_run(tmp_path: Path) -> None:
    for number in range(1, 13):
        run(tmp_path, 3, number)
    run(tmp_path, 3, 12)
    run(tmp_path, 4, 1, keep=False)
    assert kept(tmp_path) == ["3-12.2"]
    assert len(list(tmp_path.iterdir())) == 14
    assert (tmp_path / "3-12.2" / HANDOVER).read_bytes().startswith(b"3-12")


def test_a_night_of_repeats_takes_no_more_room_than_it_may(tmp_path: Path) -> None:
    for trial in range(40):
        for number in (2, 3, 4):
            run(tmp_path, trial, number)
            thin(tmp_path, room=5 * SIZE + 1)
            held = sum(path.stat().st_size for path in tmp_path.glob(f"*/{HANDOVER}"))
            assert held <= 6 * SIZE
    assert kept(tmp_path) == ["0-4", "35-4", "36-4", "37-4", "38-4", "39-4"]


def test_the_latest_weights_stay_however_large_and_so_do_the_baselines(tmp_path: Path) -> None:
    for trial in (0, 1, 9, 10):
        run(tmp_path, trial, 1)
    thin(tmp_path, room=1)
    assert kept(tmp_path) == ["0-1", "10-1"]


def test_weights_that_are_a_link_are_removed_and_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "val.bin"
    target.write_bytes(b"held out")
    session = tmp_path / "session"
    run(session, 1, 1)
    (session / "1-1" / HANDOVER).unlink()
    (session / "1-1" / HANDOVER).symlink_to(target)
    run(session, 1, 2)
    assert kept(session) == ["1-2"]
    assert target.read_bytes() == b"held out"
