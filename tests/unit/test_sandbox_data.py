"""The corpus: what is kept of a tune, on which side it falls, and how it is stored."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

SANDBOX = Path(__file__).resolve().parents[2] / "sandbox"
SECRET = "c0ffee"
NOTES = "GABc dedB|dedB dedB|c2ec B2dB|c2A2 A2BA|GABc dedB|dedB dedB|\n"
BOOK = f"""
X:1
T:The Apple Reel % a remark
T:Another Name
Z:someone@example.org
B:A Book
R:reel
M:C|
L:1/8
K:G
{NOTES}
X:2
T:The Pear
K:D
{NOTES}
X:3
T:Too Short
K:D
abc|
"""
BARS = {"C|": 8, "C": 8, "6/8": 6, "9/8": 9, "3/4": 6, "2/4": 4}  # eighths


@pytest.fixture
def tunes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SANDBOX))
    monkeypatch.delitem(sys.modules, "tunes", raising=False)
    import tunes

    monkeypatch.setattr(tunes, "WRITTEN_BYTES", 100_000)
    return tunes


@pytest.fixture
def prepare(tunes: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delitem(sys.modules, "prepare", raising=False)
    import prepare

    return prepare


@pytest.fixture
def wheel(tmp_path: Path, tunes: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "music21.whl"
    name = "music21/corpus/airdsAirs/book1.abc"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, BOOK)
        archive.writestr("music21/corpus/essenFolksong/other.abc", BOOK.replace("Apple", "Plum"))
    monkeypatch.setattr(tunes, "DIGEST", hashlib.sha256(name.encode() + BOOK.encode()).hexdigest())
    return path


def run(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["prepare.py", *map(str, words)])
    monkeypatch.setattr(prepare.signal, "signal", lambda *_: None)
    code: int = prepare.main()
    return code


def quiet(text: str, done: float) -> None:
    assert text
    assert 0 <= done <= 1


def test_transcribers_and_second_titles_are_dropped(tunes: ModuleType, wheel: Path) -> None:
    (title, text), (second, _) = tunes.fetched(wheel, quiet)
    assert (title, second) == ("The Apple Reel", "The Pear")
    assert text == f"T:The Apple Reel\nR:reel\nM:C|\nL:1/8\nK:G\n{NOTES}\n"


def test_a_melody_is_taken_once(tunes: ModuleType, wheel: Path) -> None:
    _, counts = tunes.split(tunes.fetched(wheel, quiet))
    assert sum(counts.values()) == 1


def test_settings_of_one_title_stay_on_one_side(tunes: ModuleType) -> None:
    texts, counts = tunes.split(tunes.written(SECRET, quiet))
    titles = {
        side: {tunes.normal(line[2:]) for line in text.split("\n") if line.startswith("T:")}
        for side, text in texts.items()
    }
    assert not titles["train"] & titles["val"]
    assert not titles["train"] & titles["audit"]
    assert not titles["val"] & titles["audit"]
    assert 0.6 < counts["train"] / sum(counts.values()) < 0.9


def test_spellings_of_one_title_are_one(tunes: ModuleType) -> None:
    assert tunes.normal("The Rakes of Mallow") == tunes.normal("Rakes of Mallow, The -- Reel")
    assert tunes.normal("The Rakes of Mallow") != tunes.normal("The Rakes of Kildare")


def test_written_tunes_follow_from_their_secret(tunes: ModuleType) -> None:
    first, again = (list(tunes.written(SECRET, quiet)) for _ in range(2))
    assert first == again
    assert first != list(tunes.written("c0ffef", quiet))
    with pytest.raises(tunes.TunesError, match="hexadecimal"):
        list(tunes.written("tune", quiet))


def test_bars_of_written_tunes_add_up(tunes: ModuleType) -> None:
    for _, text in list(tunes.written(SECRET, quiet))[:300]:
        metre = re.findall(r"M:(.*)", text)[0]
        music = text[text.index("K:") :].partition("\n")[2]
        for bar in filter(None, re.split(r"[|:\n]+", music)):
            lengths = re.findall(r"[A-Ga-g][,']*(\d*)", bar)
            assert sum(Fraction(length or "1") for length in lengths) == BARS[metre], text


def secret_file(folder: Path) -> Path:
    path = folder / "seed"
    path.write_text(f"{SECRET}\n")
    return path


def test_a_secret_that_is_not_there_is_said(
    prepare: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    words = ("--data", tmp_path / "d", "--vault", tmp_path / "v", "--generate", tmp_path / "seed")
    assert run(prepare, monkeypatch, *words) == 1
    assert f"No such file or directory: '{tmp_path / 'seed'}'" in capsys.readouterr().err


def test_the_data_is_stored_for_our_eyes_and_adds_up(
    prepare: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, vault = tmp_path / "data", tmp_path / "vault"
    words = ("--data", data, "--vault", vault, "--generate", secret_file(tmp_path), "--json")
    assert run(prepare, monkeypatch, *words) == 0
    *progress, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert all(0 <= line["done"] <= 1 and line["text"] for line in progress)
    meta = json.loads((data / "meta.json").read_text())
    assert last["result"] == meta
    assert meta["source"] == "generated"
    assert SECRET not in json.dumps(meta)
    for name, folder in (("train", data), ("val", vault), ("audit", vault)):
        raw = (folder / f"{name}.bin").read_bytes()
        assert hashlib.sha256(raw).hexdigest() == meta["sha256"][name]
        assert len(raw) == meta["bytes"][name]
        assert max(raw) < meta["vocab_size"] == len(meta["chars"])
    assert {p.name for p in data.iterdir()} == {"meta.json", "train.bin"}
    assert {p.name for p in vault.iterdir()} == {"val.bin", "audit.bin"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (data, vault)} == {0o700}
    files = [*data.iterdir(), *vault.iterdir()]
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}


def test_a_write_that_fails_leaves_the_old_data(
    prepare: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, vault = tmp_path / "data", tmp_path / "vault"
    old = {"train": "abc", "val": "ab", "audit": "c"}
    prepare.store(data, vault, old, {})
    before = {path: path.read_bytes() for path in (*data.iterdir(), *vault.iterdir())}
    left = iter([None, None])

    def full(_: int) -> None:
        if next(left, "full") == "full":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepare.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        prepare.store(data, vault, {"train": "xyz", "val": "xy", "audit": "z"}, {})
    assert {path: path.read_bytes() for path in before} == before


def test_another_wheel_is_refused_in_one_sentence(
    prepare: ModuleType, tunes: ModuleType, wheel: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(tunes, "DIGEST", "0" * 64)
    data = tmp_path / "data"
    words = ("--data", data, "--vault", tmp_path / "vault", "--wheel", wheel)
    assert run(prepare, monkeypatch, *words) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "music21.whl holds tunes of digest" in sentence
    assert "; give the wheel of music21==10.5.1" in sentence
    assert not data.exists()


def test_a_file_that_is_no_wheel_is_refused(tunes: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "x.whl"
    path.write_text("no archive")
    with pytest.raises(tunes.TunesError, match="could not be read"):
        list(tunes.fetched(path, quiet))


def test_a_fetched_wheel_is_left_nowhere(
    tunes: ModuleType, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def fetch(folder: str) -> None:
        seen.append(Path(folder))
        assert stat.S_IMODE(seen[0].stat().st_mode) == 0o700
        wheel.rename(seen[0] / wheel.name)

    monkeypatch.setattr(tunes, "fetch", fetch)
    next(tunes.fetched(None, quiet))
    assert not seen[0].exists()


def test_pip_out_of_reach_says_what_to_do(
    tunes: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert "--no-cache-dir" in command
        return subprocess.CompletedProcess(command, 1, "", "noise\nERROR: no route to host\n")

    monkeypatch.setattr(tunes.subprocess, "run", refuse)
    with pytest.raises(tunes.TunesError, match=r"no route to host\); go online, or give --wheel"):
        tunes.fetch(str(tmp_path))


@pytest.mark.parametrize("vault", ["data", "data/vault"])
def test_a_vault_that_runs_could_read_is_refused(
    prepare: ModuleType, tmp_path: Path, vault: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    words = (
        "--data",
        tmp_path / "data",
        "--vault",
        tmp_path / vault,
        "--generate",
        secret_file(tmp_path),
    )
    assert run(prepare, monkeypatch, *words) == 1
    assert "keep the vault apart" in capsys.readouterr().err


def test_preparing_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import prepare, tunes;"
        "assert not {'torch', 'numpy', 'safetensors'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-I", "-c", code, str(SANDBOX)], check=True)
