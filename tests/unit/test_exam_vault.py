"""The vault and the copy of a hand-over: only plain files of weights are read, and no link."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.arena.vault import HandoverError, read_vault, take_weights
from cockpit.errors import DataError, LockError


def weights(tensors: bytes = b"\0" * 8, note: str = "") -> bytes:
    header = json.dumps(
        {
            "__metadata__": {"note": note},
            "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, len(tensors)]},
        }
    ).encode()
    return struct.pack("<Q", len(header)) + header + tensors


def test_the_copy_is_exact_read_only_and_named_by_its_tensors(tmp_path: Path) -> None:
    source, target = tmp_path / "handover", tmp_path / "copy"
    source.write_bytes(weights(b"12345678"))
    digest = take_weights(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o400
    assert digest == hashlib.sha256(b"12345678").hexdigest()


def test_a_note_in_the_header_does_not_make_the_weights_others(tmp_path: Path) -> None:
    digests = set()
    for number, note in enumerate(("", "a salt")):
        source = tmp_path / f"{number}.safetensors"
        source.write_bytes(weights(note=note))
        digests.add(take_weights(source, tmp_path / f"{number}.copy"))
    assert len(digests) == 1


def test_large_tensors_are_digested_whole(tmp_path: Path) -> None:
    tensors = os.urandom(3 << 20)
    source = tmp_path / "handover"
    source.write_bytes(weights(tensors))
    assert take_weights(source, tmp_path / "copy") == hashlib.sha256(tensors).hexdigest()


def link_to_the_vault(path: Path) -> None:
    path.symlink_to(path.parent / "secret")


def hard_link_to_the_vault(path: Path) -> None:
    path.hardlink_to(path.parent / "secret")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_huge_hole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 30)


def a_pickle(path: Path) -> None:
    path.write_bytes(b"\x80\x04\x95" + b"\xff" * 40)


def a_few_bytes(path: Path) -> None:
    path.write_bytes(b"\0" * 9)


def a_header_beyond_the_end(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 1 << 40) + b"{}")


def nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (link_to_the_vault, "symbolic link"),
        (hard_link_to_the_vault, "2 names"),
        (a_pipe, "not a plain file"),
        (a_folder, "not a plain file"),
        (a_huge_hole, "over the cap"),
        (a_pickle, "not a safetensors file"),
        (a_few_bytes, "not a safetensors file"),
        (a_header_beyond_the_end, "not a safetensors file"),
        (nothing, "missing"),
    ],
)
def test_what_is_no_plain_file_of_weights_is_refused_in_words(
    tmp_path: Path, make: Callable[[Path], None], said: str
) -> None:
    (tmp_path / "secret").write_bytes(weights())
    make(tmp_path / "handover.safetensors")
    with pytest.raises(HandoverError, match=said):
        take_weights(tmp_path / "handover.safetensors", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


VAL, AUDIT = b"\0\1\1" * 400, b"\1\0" * 600


def prepared(folder: Path, *, val: bytes = VAL, **changes: object) -> tuple[Path, Path]:
    data, vault = folder / "data", folder / "vault"
    data.mkdir(parents=True)
    vault.mkdir()
    (vault / "val.bin").write_bytes(val)
    (vault / "audit.bin").write_bytes(AUDIT)
    meta = {"chars": "ab", "sha256": {"val": hashlib.sha256(VAL).hexdigest()}} | changes
    (data / "meta.json").write_text(json.dumps(meta))
    return data, vault


def test_the_vault_is_read_with_its_alphabet(tmp_path: Path) -> None:
    found = read_vault(*prepared(tmp_path))
    assert (found.val.tobytes(), found.audit.tobytes(), found.chars) == (VAL, AUDIT, "ab")


def test_changed_held_out_bytes_stop_the_session(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="not what was prepared"):
        read_vault(*prepared(tmp_path, val=VAL[::-1]))


@pytest.mark.parametrize(
    ("val", "chars", "said"),
    [
        (VAL, "a", r"id 1 of 1"),
        (b"", "ab", r"holds 0 bytes"),
        (b"\0\1" * 500, "ab", r"holds 1000 bytes, too few"),
        (b"\1" * 2000, "ab", r"too few"),
    ],
)
def test_data_that_cannot_examine_names_the_remedy(
    tmp_path: Path, val: bytes, chars: str, said: str
) -> None:
    with pytest.raises(DataError, match=f"{said}.*cockpit init"):
        read_vault(*prepared(tmp_path, val=val, chars=chars, sha256={}))


def test_a_missing_split_is_named(tmp_path: Path) -> None:
    data, vault = prepared(tmp_path)
    (vault / "audit.bin").unlink()
    with pytest.raises(DataError, match=r"audit\.bin"):
        read_vault(data, vault)
