from pathlib import Path

import pytest

from cockpit.arena.lockbox import Lockbox
from cockpit.errors import LockError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "sandbox/prepare.py": "CONTEXT = 256\n",
        "sandbox/train.py": "LR = 1\n",
        ".cockpit/data/train.bin": "abc",
        ".cockpit/vault/val.bin": "xyz",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_sealed_workspace_passes_and_train_py_may_change(root: Path) -> None:
    box = Lockbox(root)
    box.seal()
    (root / "sandbox/train.py").write_text("LR = 2\n")
    box.check()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("sandbox/prepare.py", "git checkout -- sandbox/prepare.py"),
        (".cockpit/vault/val.bin", "python sandbox/prepare.py --data"),
    ],
)
def test_a_changed_or_missing_file_is_named_with_the_command_that_restores_it(
    root: Path, name: str, command: str
) -> None:
    box = Lockbox(root)
    box.seal()
    (root / name).write_text("changed")
    with pytest.raises(LockError, match="was changed") as changed:
        box.check()
    assert command in str(changed.value)
    (root / name).unlink()
    with pytest.raises(LockError, match="is missing"):
        box.check()


def test_sealing_again_does_not_accept_a_change(root: Path) -> None:
    box = Lockbox(root)
    box.seal()
    (root / "sandbox/prepare.py").write_text("CONTEXT = 1\n")
    box.seal()
    with pytest.raises(LockError):
        box.check()


def test_digests_tell_prepare_and_data_apart(root: Path) -> None:
    box = Lockbox(root)
    box.seal()
    before = box.prepare_digest(), box.data_digest()
    box.path.unlink()
    (root / "sandbox/prepare.py").write_text("CONTEXT = 128\n")
    box.seal()
    assert box.prepare_digest() != before[0]
    assert box.data_digest() == before[1]


def test_a_missing_lock_and_a_missing_prepare_are_said(root: Path) -> None:
    box = Lockbox(root)
    with pytest.raises(LockError, match=r"lock\.json is missing"):
        box.check()
    (root / "sandbox/prepare.py").unlink()
    with pytest.raises(LockError, match=r"prepare\.py is missing"):
        box.seal()
