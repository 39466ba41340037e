"""What `prepare` gives a run, and what the unedited `train.py` does with it."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.e2e
SANDBOX = Path(__file__).resolve().parents[2] / "sandbox"
CHARS = "\n|:ABCDEFGabcdefg2"
DIALS = (
    "DEPTH WIDTH HEAD_DIM MLP_RATIO ACTIVATION SEQ_LEN BATCH OPTIMIZER LR MUON_LR WEIGHT_DECAY "
    "BETA1 BETA2 WARMUP_FRAC WARMDOWN_FRAC FINAL_LR_FRAC GRAD_CLIP ROPE_BASE QK_NORM "
    "TIE_EMBEDDINGS ZERO_INIT_PROJ SOFTCAP BF16 DROPOUT"
)
Load = Callable[..., Any]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return a loader of `prepare` in a small workspace, under an environment and a set clock."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "train.bin").write_bytes(bytes(i * 7 % 251 % len(CHARS) for i in range(1024)))
    (data / "meta.json").write_text(
        f'{{"chars": {ast.literal_eval(repr(CHARS))!r}}}'.replace("'", '"')
    )
    monkeypatch.syspath_prepend(str(SANDBOX))
    settings = {"DATA": data, "RUN": tmp_path / "run", "BUDGET": 60, "DEADLINE": 160}

    def loaded(**environment: object) -> Any:
        for name in ("SEED", "TOKENS", "DEVICE"):
            monkeypatch.delenv(f"COCKPIT_{name}", raising=False)
        for name, value in (settings | environment).items():
            monkeypatch.setenv(f"COCKPIT_{name}", str(value))
        for name in ("prepare", "train"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        prepare: Any = importlib.import_module("prepare")
        monkeypatch.setattr(prepare, "time", SimpleNamespace(monotonic=lambda: prepare.now))
        prepare.now = 100.0
        return prepare

    return loaded


def test_the_clock_keeps_a_second_back_and_stops_at_nothing(load: Load) -> None:
    prepare = load()
    assert (prepare.time_left(), prepare.progress()) == (59.0, 0.0)
    prepare.now = 129.5
    assert (prepare.time_left(), prepare.progress()) == (29.5, 0.5)
    prepare.now = 159.5
    assert (prepare.time_left(), prepare.progress()) == (0.0, 1.0)


def test_the_reserve_of_a_long_budget_is_a_hundredth(load: Load) -> None:
    assert load(BUDGET=300, DEADLINE=400).time_left() == 297.0


def test_a_budget_that_the_reserve_eats_is_spent_at_once(load: Load) -> None:
    prepare = load(BUDGET=0.5, DEADLINE=100.5)
    assert (prepare.time_left(), prepare.progress()) == (0.0, 1.0)


def test_targets_are_the_inputs_one_byte_on(load: Load) -> None:
    x, y = next(load().batches(4, 16, "cpu"))
    assert x.shape == y.shape == (4, 16)
    assert x.dtype == y.dtype == torch.int64
    assert torch.equal(x[:, 1:], y[:, :-1])


def test_an_epoch_shows_every_window_once(load: Load) -> None:
    prepare = load(SEED=3)
    prepare.DATA.joinpath("train.bin").write_bytes(bytes(range(256)))
    stream = prepare.batches(1, 16, "cpu")
    seen = sorted(int(next(stream)[0][0, 0]) for _ in range(14))
    assert {b - a for a, b in pairwise(seen)} == {16}


def test_batches_follow_from_the_seed(load: Load) -> None:
    first, again, other = (next(load(SEED=s).batches(4, 16, "cpu"))[0] for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_dry_run_ends_after_the_first_batch_past_its_tokens(load: Load) -> None:
    assert len(list(load(TOKENS=130).batches(4, 16, "cpu"))) == 3


def test_batches_end_when_another_step_does_not_fit(load: Load) -> None:
    prepare = load()
    steps = 0
    for _ in prepare.batches(4, 16, "cpu"):
        prepare.now += 25.0
        steps += 1
    assert steps == 2


def test_a_batch_beyond_the_corpus_is_refused(load: Load) -> None:
    with pytest.raises(ValueError, match="lower the batch or the length"):
        next(load().batches(64, 16, "cpu"))


def test_data_that_is_missing_names_the_command(load: Load, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"run: python .*prepare.py --data .*--vault"):
        load(DATA=tmp_path / "nowhere").vocab_size()


def test_text_becomes_ids_and_back(load: Load) -> None:
    prepare = load()
    assert prepare.decode(prepare.encode("|:ABc2?\n")) == "|:ABc2\n"
    assert prepare.vocab_size() == len(CHARS)


def test_progress_lines_come_twice_a_second(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    prepare = load()
    for step in range(1, 10):
        prepare.now += 0.125
        prepare.log(step, torch.tensor(2.0, requires_grad=True), step * 100)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "step 1 | loss 2.0000 | tok/s 800",
        "step 5 | loss 2.0000 | tok/s 800",
        "step 9 | loss 2.0000 | tok/s 800",
    ]


def test_a_loss_that_is_no_number_ends_the_run(load: Load) -> None:
    with pytest.raises(FloatingPointError, match="at step 7; lower a learning rate"):
        load().log(7, torch.tensor(float("nan")), 700)


def test_the_handover_holds_tied_weights_of_a_compiled_model(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    from safetensors.torch import load_model

    prepare = load()
    train: Any = importlib.import_module("train")
    train.TIE_EMBEDDINGS = True
    model, fresh = train.build_model(), train.build_model()
    prepare.submit(SimpleNamespace(_orig_mod=model))
    assert [path.name for path in prepare.RUN.iterdir()] == ["handover.safetensors"]
    assert capsys.readouterr().out == "submitted\n"
    load_model(fresh, str(prepare.RUN / "handover.safetensors"))
    ids = torch.arange(8)[None]
    assert torch.equal(fresh(ids), model(ids))


def test_weights_that_are_not_finite_are_not_handed_over(load: Load) -> None:
    prepare = load()
    model = torch.nn.Linear(2, 2)
    torch.nn.init.constant_(model.weight, float("inf"))
    with pytest.raises(FloatingPointError, match="weight holds weights that are not finite"):
        prepare.submit(model)
    assert not prepare.RUN.exists()


VARIANTS = [
    {},
    {"ACTIVATION": "swiglu", "QK_NORM": True, "TIE_EMBEDDINGS": True, "SOFTCAP": 15.0},
    {"ACTIVATION": "relu2", "OPTIMIZER": "muon", "ZERO_INIT_PROJ": True, "DROPOUT": 0.1},
    {"BF16": True, "GRAD_CLIP": 0.0, "WARMUP_FRAC": 0.0, "WARMDOWN_FRAC": 0.5, "SEQ_LEN": 128},
]


@pytest.mark.e2e  # the first optimiser imports for seconds
@pytest.mark.parametrize("dials", VARIANTS)
def test_every_dial_trains_and_hands_over(
    load: Load, dials: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = load(TOKENS=100, DEVICE="cpu")
    train = importlib.import_module("train")
    for name, value in ({"SEQ_LEN": 32, "BATCH": 2, "WIDTH": 32} | dials).items():
        assert hasattr(train, name)
        monkeypatch.setattr(train, name, value)
    torch.manual_seed(0)
    fresh = train.build_model().state_dict()
    train.main()
    from safetensors.torch import load_file

    handed = load_file(prepare.RUN / "handover.safetensors")
    assert any(not torch.equal(handed[name], fresh[name]) for name in handed)


def test_the_model_answers_logits_and_never_looks_ahead(load: Load) -> None:
    load()
    train = importlib.import_module("train")
    model = train.build_model().eval()
    ids = torch.randint(len(CHARS), (2, 256))
    other = ids.clone()
    other[:, 100:] = torch.randint(len(CHARS), (2, 156))
    with torch.inference_mode():
        logits, changed = model(ids), model(other)
    assert logits.shape == (2, 256, len(CHARS))
    assert logits.dtype == torch.float32
    assert torch.equal(logits[:, :100], changed[:, :100])


def test_the_step_size_rises_stays_and_falls(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    train = importlib.import_module("train")
    assert [train.lr_scale(done) for done in (0.025, 0.5, 1.0)] == [0.5, 1.0, 1.0]
    assert train.lr_scale(0.0) > 0
    monkeypatch.setattr(train, "WARMDOWN_FRAC", 0.5)
    assert [train.lr_scale(done) for done in (0.5, 0.75, 1.0)] == [1.0, 0.5, 0.0]


def test_every_dial_is_a_literal_on_a_line_of_its_own_with_a_remark() -> None:
    text = (SANDBOX / "train.py").read_text()
    lines = re.findall(r"^([A-Z][A-Z0-9_]+) = (.+?)  # .+$", text, flags=re.MULTILINE)
    found = {name: ast.literal_eval(value) for name, value in lines}
    assert set(DIALS.split()) <= set(found)
    assert found["ACTIVATION"] == "gelu"
    assert "SEED" not in found
