"""Examination of honest models: the number is right, and everything that goes with it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cockpit.arena import landlock
from cockpit.arena.exam import Examined, ExamOrder
from cockpit.arena.examiner import Examiner
from cockpit.errors import ArenaError
from cockpit.trial import Reading, Stopped
from tests.exam_room import CHARS, SANDBOX, Bystander, Room, model, open_room

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        sys.platform != "linux" or landlock.version() < 1, reason="needs a kernel with Landlock"
    ),
]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with tempfile.TemporaryDirectory() as folder, open_room(Path(folder)) as opened:
        yield opened


def readings(found: object) -> dict[str, float]:
    assert isinstance(found, Examined), found
    return {reading.split: reading.value for reading in found.readings}


def test_the_number_is_that_of_an_evaluation_in_process(room: Room) -> None:
    text = (SANDBOX / "train.py").read_text()
    weights, value = room.make(text)
    found = room.examine(text, weights)
    assert readings(found) == {"val": pytest.approx(value, abs=1e-3)}
    assert isinstance(found, Examined)
    assert found.readings[0].metric == "val_bpb"
    assert (found.probes, found.sample) == (64, "")
    assert 0 < found.split.score < found.seconds


def test_two_seeds_differ_in_weights_and_value_and_one_seed_repeats(room: Room) -> None:
    digests, values = [], []
    for seed in (0, 1, 0):
        weights, value = room.make(model(), seed)
        found = room.examine(model(), weights, seed=seed)
        assert readings(found)["val"] == pytest.approx(value, abs=1e-3)
        assert isinstance(found, Examined)
        digests.append(found.weights_digest)
        values.append(found.readings)
    assert digests[0] == digests[2] != digests[1]
    assert values[0] == values[2] != values[1]


def test_a_keep_is_probed_thoroughly_scored_on_audit_and_writes(room: Room) -> None:
    trick = """
        follow = torch.tensor([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0])
        logits = logits + 50.0 * one_hot(follow[ids], self.size)
    """
    weights, value = room.make(model(trick))
    found = room.examine(model(trick), weights, thorough=True, audit=True, sample=True)
    assert isinstance(found, Examined)
    assert readings(found)["val"] == pytest.approx(value, abs=1e-3)
    assert readings(found)["audit"] == pytest.approx(value, rel=0.2)
    assert found.readings[1] == Reading(
        metric="val_bpb", split="audit", value=found.readings[1].value
    )
    assert found.probes == 512
    assert found.sample.endswith(CHARS[-1] + "\n\n")


def test_a_rehearsal_scores_a_handful_of_windows(room: Room) -> None:
    weights, value = room.make(model())
    found = room.examine(model(), weights, depth="brief")
    assert readings(found)["val"] == pytest.approx(value, abs=0.2)
    assert isinstance(found, Examined)
    assert found.probes == 8


@pytest.mark.parametrize("looks", [0, 1])
def test_a_halt_ends_it_while_a_scorer_is_busy(room: Room, looks: int) -> None:
    weights, _ = room.make(model())
    busy = model("while True: pass")
    found = room.examine(busy, weights, watch=Bystander(after=looks))
    assert isinstance(found, Stopped)
    assert found.reason == "the human stopped it"
    assert found.usage.examine > 0


def test_examinations_leave_no_descriptor_open(room: Room) -> None:
    weights, _ = room.make(model())
    texts = [model(), model("raise ValueError"), "LR = ", model("logits += ahead")]
    room.examine(model(), weights, depth="brief")
    before = psutil.Process().num_fds()
    for text in texts * 2:
        room.examine(text, weights, depth="brief")
    assert psutil.Process().num_fds() == before


def order(room: Room, folder: Path) -> ExamOrder:
    weights, _ = room.make(model())
    (folder / "exam").mkdir()
    return ExamOrder(text=model(), weights=weights, folder=folder / "exam", depth="brief")


def test_the_same_under_a_real_warden(room: Room, tmp_path: Path) -> None:
    examiner = Examiner(room.data, room.vault, SANDBOX)
    asked = order(room, tmp_path)
    found = examiner.examine(asked, Bystander())
    repeated = room.examine(model(), asked.weights, depth="brief")
    assert readings(found) == readings(repeated)
    assert (tmp_path / "exam" / "scorer.log").read_bytes() == b""


def test_a_host_that_died_while_the_run_went_on_is_replaced(room: Room, tmp_path: Path) -> None:
    examiner = Examiner(room.data, room.vault, SANDBOX)
    asked = order(room, tmp_path)
    others = set(psutil.Process().children(recursive=True))
    with examiner.expect(asked, 60.0, Bystander()) as expected:
        for process in set(psutil.Process().children(recursive=True)) - others:
            process.kill()
        found = expected()
    assert isinstance(found, Examined), found
    assert set(psutil.Process().children(recursive=True)) <= others


def test_an_interpreter_without_torch_is_our_failure_and_not_the_candidates(
    room: Room, tmp_path: Path
) -> None:
    examiner = Examiner(room.data, room.vault, SANDBOX, python="/bin/false")
    with pytest.raises(ArenaError, match=r"scorer host did not come up.*scorer\.log"):
        examiner.examine(order(room, tmp_path), Bystander())
