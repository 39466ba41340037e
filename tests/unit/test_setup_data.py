"""The data of a workspace is prepared, generated, or the reason is told."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit import setup
from cockpit.errors import DataError
from cockpit.events import Progress, Sample

FAKE_PREPARE = """
import json, pathlib, sys, time, hashlib
args = sys.argv[1:]
data, vault = (pathlib.Path(args[args.index(flag) + 1]) for flag in ("--data", "--vault"))
print("noise that is no JSON", flush=True)
print(json.dumps({"text": "fetching", "done": 0.1}), flush=True)
if "offline" in BEHAVIOUR and "--generate" not in args:
    print("a warning", file=sys.stderr)
    sys.exit("the data was not prepared: pip could not fetch tunes (no route); go online, or wait")
if "broken" in BEHAVIOUR:
    sys.exit("the data was not prepared: the disk is full; free it")
while "slow" in BEHAVIOUR:
    time.sleep(0.05)
sums = {}
for split, text in (("train", b"abc"), ("val", b"de"), ("audit", " ".join(args).encode())):
    folder = data if split == "train" else vault
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{split}.bin").write_bytes(text)
    sums[split] = hashlib.sha256(text).hexdigest()
meta = {"source": "generated" if "--generate" in args else "abc", "sha256": sums, "args": args}
(data / "meta.json").write_text(json.dumps(meta))
print(json.dumps({"result": meta}), flush=True)
"""


class Onlooker:
    """A Watch that remembers samples, and may halt once it has seen one."""

    def __init__(self, reason: str | None = None) -> None:
        self.samples: list[Sample] = []
        self._reason = reason

    def halted(self) -> str | None:
        return self._reason if self.samples else None

    def wait(self, seconds: float) -> str | None:
        return self.halted()

    def sample(self, sample: Sample) -> None:
        self.samples.append(sample)


@pytest.fixture
def workspace(tmp_path: Path) -> Callable[..., Path]:
    def make(*behaviour: str) -> Path:
        root = tmp_path / "a workspace"
        (root / "sandbox").mkdir(parents=True)
        text = f"BEHAVIOUR = {behaviour!r}\n{FAKE_PREPARE}"
        (root / "sandbox" / "prepare.py").write_text(text)
        return root

    return make


def mode(path: Path) -> int:
    """Return the permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_progress_is_passed_on_and_complete_data_is_not_prepared_again(
    workspace: Callable[..., Path],
) -> None:
    root, watch = workspace(), Onlooker()
    prepared = setup.prepare_data(root, sys.executable, watch)
    assert (prepared.meta["source"], prepared.notice) == ("abc", "")
    assert watch.samples == [Progress(text="fetching", done=0.1)]
    assert not (root / "sandbox" / "__pycache__").exists()
    (root / "sandbox" / "prepare.py").write_text("raise SystemExit('not again')\n")
    again = setup.prepare_data(root, sys.executable, Onlooker())
    assert again.meta == prepared.meta


@pytest.mark.parametrize("name", ["data/train.bin", "vault/val.bin", "data/meta.json"])
def test_changed_or_missing_data_is_not_complete(workspace: Callable[..., Path], name: str) -> None:
    root = workspace()
    setup.prepare_data(root, sys.executable, Onlooker())
    (root / ".cockpit" / name).write_bytes(b"{}")
    assert setup.complete(root) is None
    (root / ".cockpit" / name).unlink()
    assert setup.complete(root) is None


def test_offline_the_tunes_come_from_a_secret_of_the_vault(
    workspace: Callable[..., Path],
) -> None:
    root, watch = workspace("offline"), Onlooker()
    prepared = setup.prepare_data(root, sys.executable, watch)
    seed = root / ".cockpit" / "vault" / "seed"
    assert prepared.meta["source"] == "generated"
    assert prepared.notice.startswith("pip could not fetch tunes (no route), so the tunes were")
    assert prepared.meta["args"][-2:] == ["--generate", str(seed)]  # type: ignore[index]
    assert seed.read_text().strip() not in json.dumps(prepared.meta["args"])
    assert len(bytes.fromhex(seed.read_text().strip())) == 32
    assert (mode(seed), mode(seed.parent), mode(root / ".cockpit")) == (0o600, 0o700, 0o700)
    assert seed.read_text().strip() not in prepared.notice
    (root / ".cockpit" / "data" / "train.bin").unlink()
    assert setup.prepare_data(root, sys.executable, watch).meta["args"] == prepared.meta["args"]


def test_a_damaged_seed_is_made_anew(workspace: Callable[..., Path]) -> None:
    root = workspace("offline")
    (root / ".cockpit" / "vault").mkdir(parents=True)
    (root / ".cockpit" / "vault" / "seed").write_text("")
    setup.prepare_data(root, sys.executable, Onlooker())
    assert len((root / ".cockpit" / "vault" / "seed").read_text()) == 65


def test_a_wheel_that_was_asked_for_is_not_replaced_by_other_tunes(
    workspace: Callable[..., Path],
) -> None:
    root = workspace("offline")
    with pytest.raises(DataError, match="no route"):
        setup.prepare_data(root, sys.executable, Onlooker(), wheel=Path("tunes.whl"))


def test_what_stops_both_ways_is_told(workspace: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="the disk is full; free it"):
        setup.prepare_data(workspace("broken"), sys.executable, Onlooker())


def test_a_halt_ends_the_preparation(workspace: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="interrupted \\(you quit\\)"):
        setup.prepare_data(workspace("slow"), sys.executable, Onlooker(reason="you quit"))


def test_a_missing_script_or_interpreter_is_named(
    workspace: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"prepare\.py is missing.*git checkout"):
        setup.prepare_data(tmp_path, sys.executable, Onlooker())
    with pytest.raises(DataError, match=r"no-python.*\[sandbox\] python"):
        setup.prepare_data(workspace(), str(tmp_path / "no-python"), Onlooker())
