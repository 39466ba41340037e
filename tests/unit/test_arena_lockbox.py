"""What was touched is named, and the command that is told restores it: each is run here."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.arena.lockbox import Lockbox
from cockpit.errors import LockError

SANDBOX = Path(__file__).resolve().parents[2] / "sandbox"
PREPARED = ("data/train.bin", "data/meta.json", "vault/val.bin", "vault/audit.bin")


def git(root: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", "-C", root, *identity, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace whose tunes were written from its secret, in a folder with a blank."""
    root = tmp_path_factory.mktemp("a workspace")
    (root / "sandbox").mkdir()
    for name in ("prepare.py", "tunes.py", "train.py"):
        shutil.copy(SANDBOX / name, root / "sandbox")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "template")
    vault = root / ".cockpit" / "vault"
    vault.mkdir(parents=True)
    (vault / "seed").write_text("c0ffee\n")
    prepare, data = root / "sandbox/prepare.py", root / ".cockpit/data"
    command: list[str | Path] = [sys.executable, prepare, "--data", data, "--vault", vault]
    command += ["--generate", vault / "seed"]
    subprocess.run(command, check=True, capture_output=True)
    return root


@pytest.fixture
def box(prepared: Path) -> Lockbox:
    box = Lockbox(prepared)
    box.seal()
    box.check()
    return box


def told(box: Lockbox) -> str:
    with pytest.raises(LockError) as error:
        box.check()
    return str(error.value)


def obey(sentence: str) -> None:
    """Run the command of the sentence, the one before the other way out."""
    found = re.search(r": (\S.*?), or accept it as a new session: ", sentence)
    assert found, sentence
    subprocess.run(shlex.split(found[1]), check=True, capture_output=True)


def test_a_sealed_workspace_passes_and_train_py_may_change(box: Lockbox, prepared: Path) -> None:
    with (prepared / "sandbox/train.py").open("a") as file:
        file.write("LR = 2\n")
    box.check()
    box.check_sandbox()
    assert box.touched_data() == ()


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("name", ["sandbox/prepare.py", "sandbox/tunes.py"])
def test_code_that_was_changed_is_restored_by_the_command(
    box: Lockbox, prepared: Path, name: str, staged: bool
) -> None:
    (prepared / name).write_text("CONTEXT = 1\n")
    if staged:
        git(prepared, "add", name)
    with pytest.raises(LockError, match=f"{name} was changed since it was locked"):
        box.check_sandbox()
    obey(told(box))
    box.check()
    (prepared / name).unlink()
    sentence = told(box)
    assert sentence.startswith(f"{name} is missing since it was locked; restore it: git -C ")
    obey(sentence)
    box.check()


def test_data_and_vault_that_were_changed_are_restored_by_the_command(
    box: Lockbox, prepared: Path
) -> None:
    for name in PREPARED:
        path = prepared / ".cockpit" / name
        right = path.read_bytes()
        path.write_text("changed")
        sentence = told(box)
        assert sentence.startswith(f"{name} was changed since it was locked; prepare the data")
        assert box.touched_data() == (f"{name} was changed",)
        box.check_sandbox()
        path.write_bytes(right)
    for name in PREPARED:
        (prepared / ".cockpit" / name).unlink()
    assert "data/meta.json is missing" in told(box)
    obey(told(box))
    box.check()


def test_a_file_that_appears_beside_prepare_could_stand_in_for_a_library(
    box: Lockbox, prepared: Path
) -> None:
    (prepared / "sandbox" / "torch.py").write_text("")
    sentence = told(box)
    assert sentence.startswith("sandbox/torch.py appeared since it was locked; remove it: rm ")
    obey(sentence)
    box.check()
    (prepared / "sandbox" / "numpy").mkdir()
    (prepared / "sandbox" / "numpy" / "__init__.py").write_text("")
    sentence = told(box)
    assert sentence.startswith("sandbox/numpy/__init__.py appeared")
    obey(sentence)
    box.check()


def test_a_lost_secret_is_no_command_but_a_copy(box: Lockbox, prepared: Path) -> None:
    seed = prepared / ".cockpit" / "vault" / "seed"
    seed.unlink()
    assert "put it back from a copy, for nothing else can write these tunes" in told(box)
    seed.write_text("c0ffee\n")
    box.check()


def test_sealing_again_does_not_accept_a_change_and_removing_the_lock_does(
    box: Lockbox, prepared: Path
) -> None:
    before = box.prepare_digest(), box.data_digest()
    (prepared / "sandbox/prepare.py").write_text("CONTEXT = 1\n")
    box.seal()
    accept = told(box).rpartition("or accept it as a new session: ")[2]
    subprocess.run(shlex.split(accept), check=True)
    box.seal()
    box.check()
    assert box.prepare_digest() != before[0]
    assert box.data_digest() == before[1]
    git(prepared, "checkout", "HEAD", "--", "sandbox/prepare.py")
    box.path.unlink()


def test_a_missing_or_broken_lock_and_a_missing_prepare_are_said(tmp_path: Path) -> None:
    box = Lockbox(tmp_path)
    with pytest.raises(LockError, match=r"lock\.json is missing; run: cockpit init \."):
        box.check()
    box.check_sandbox()
    assert box.touched_data() == ()
    with pytest.raises(LockError, match=r"prepare\.py is missing; restore it: git -C "):
        box.seal()
    box.path.parent.mkdir()
    box.path.write_text("[]")
    with pytest.raises(LockError, match=r"lock\.json cannot be read .*; rm "):
        box.check()
