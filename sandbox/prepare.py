"""Data, tokenizer, clock and hand-over of the sandbox: the half that nobody edits.

This file is locked: the cockpit compares its digest before and after every run, because whoever may
change the data, the clock or the hand-over can improve the score without improving the model.
Values measured under another version of it are never compared.

A `train.py` must keep this contract, and is free in everything else:

- `build_model()` takes no arguments, has no side effects and returns a module whose `forward(ids)`
  maps token ids (B, T) to logits (B, T, `vocab_size()`). Position t may depend on ids up to t only.
- A guarded main trains on `batches(...)` (which may end early), watches `time_left()`, takes its
  seed from `seed()`, prints with `log(...)`, and ends with `submit(model)`.

The score is bits per byte of held-out tunes, which no run can read, in windows of `CONTEXT` ids. It
is computed elsewhere, from the weights that were submitted: nothing printed here decides anything.

As a script it prepares the data: `python sandbox/prepare.py --data DIR --vault DIR`. One byte of a
tune is one token. What the tunes are, and why these, is told in `tunes.py` beside it.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import math
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

CONTEXT = 256  # ids per evaluation window: part of the metric
BUDGET = float(os.environ.get("COCKPIT_BUDGET", "300"))  # seconds, first line of train.py to submit
RESERVE = max(1.0, 0.01 * BUDGET)  # seconds of it that are kept back for handing over
DEADLINE = float(os.environ.get("COCKPIT_DEADLINE", time.monotonic() + BUDGET))  # monotonic seconds
HOME = Path(__file__).resolve().parent.parent / ".cockpit"  # for a run by hand, without a cockpit
DATA = Path(os.environ.get("COCKPIT_DATA", HOME / "data"))
RUN = Path(os.environ.get("COCKPIT_RUN", HOME / "by-hand"))
LOG_EVERY = 0.5  # seconds between progress lines
_last_line = [DEADLINE - BUDGET, 0.0]  # when it was printed, and the tokens by then

# ------------------------------------------------------------------------------------------------
# In a run: what train.py is given


def seed() -> int:
    """Return the seed of this run; the cockpit repeats one file under several."""
    return int(os.environ.get("COCKPIT_SEED", "0"))


def device() -> str:
    """Return `cuda`, `mps` or `cpu`: what the cockpit chose, else the best there is."""
    import torch

    found = "mps" if torch.backends.mps.is_available() else "cpu"
    found = "cuda" if torch.cuda.is_available() else found
    return os.environ.get("COCKPIT_DEVICE") or found


def time_left() -> float:
    """Return the seconds left to train, the reserve for handing over taken off; never below 0."""
    return max(0.0, DEADLINE - RESERVE - time.monotonic())


def progress() -> float:
    """Return the share of the training time that is spent, 0 to 1."""
    usable = BUDGET - RESERVE
    return 1.0 if usable <= 0 else min(1.0, max(0.0, 1.0 - time_left() / usable))


@functools.cache
def _meta() -> dict[str, Any]:
    path = DATA / "meta.json"
    if not path.is_file():
        command = f"python {__file__} --data {DATA} --vault {DATA.parent / 'vault'}"
        raise FileNotFoundError(f"there is no prepared data in {DATA}; run: {command}")
    meta: dict[str, Any] = json.loads(path.read_text())
    return meta


def vocab_size() -> int:
    """Return how many different token ids there are."""
    return len(_meta()["chars"])


def encode(text: str) -> list[int]:
    """Return the ids of `text`; characters that the corpus does not use are left out."""
    return [i for i in map(_meta()["chars"].find, text) if i >= 0]


def decode(ids: Iterable[int]) -> str:
    """Return the text of `ids`."""
    return "".join(_meta()["chars"][int(i)] for i in ids)


def batches(batch: int, length: int, device: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets, int64 (batch, length) each, while another step fits in the time.

    Every epoch cuts the corpus at another offset into windows that do not overlap, and shuffles
    them. A dry run ends after the first batch past `COCKPIT_TOKENS` tokens. The corpus (1 MB)
    lives on the device, so a step copies nothing over.

    Raises:
        ValueError: the corpus does not hold one such batch.
    """
    import torch

    raw = bytearray((DATA / "train.bin").read_bytes())
    windows = (len(raw) - 1) // length - 1
    if windows < batch:
        what = f"{batch} windows of {length} are more than {len(raw)} training bytes hold"
        raise ValueError(f"{what}; lower the batch or the length")
    corpus = torch.frombuffer(raw, dtype=torch.uint8).to(device)
    reach = torch.arange(length + 1, device=device)
    shuffle = torch.Generator().manual_seed(seed())
    wanted, given, took = float(os.environ.get("COCKPIT_TOKENS", "inf")), 0, 0.0
    while True:
        offset = int(torch.randint(length, (1,), generator=shuffle))
        starts = torch.randperm(windows, generator=shuffle) * length + offset  # (windows,)
        starts = starts.pin_memory() if device == "cuda" else starts
        starts = starts.to(device, non_blocking=True)
        for first in range(0, windows - batch + 1, batch):
            if given > wanted or time_left() <= took:  # a step as long as the last must fit
                return
            began = time.monotonic()
            ids = corpus[starts[first : first + batch, None] + reach].long()  # (batch, length + 1)
            yield ids[:, :-1], ids[:, 1:]
            given, took = given + batch * length, time.monotonic() - began


def log(step: int, loss: Tensor | float, tokens: int) -> None:
    """Print a progress line, at most two a second; `tokens` counts all that were trained on.

    `loss` (nats) may be a tensor; reading it waits for the device, and is done for a line only.

    Raises:
        FloatingPointError: the loss is not finite.
    """
    now, (before, counted) = time.monotonic(), _last_line
    if counted and now - before < LOG_EVERY:
        return
    value = float(loss if isinstance(loss, float) else loss.detach())
    if not math.isfinite(value):
        raise FloatingPointError(f"the loss was {value} at step {step}; lower a learning rate")
    rate = (tokens - counted) / max(now - before, 1e-9)
    print(f"step {step} | loss {value:.4f} | tok/s {rate:.0f}", flush=True)
    _last_line[:] = now, float(tokens)


def submit(model: nn.Module) -> None:
    """Hand the weights over as safetensors, complete by one rename; the last thing a run does.

    Raises:
        FloatingPointError: a weight is not finite.
    """
    import torch
    from safetensors.torch import save_model

    bare = getattr(model, "_orig_mod", model)  # what torch.compile wrapped
    for name, tensor in bare.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise FloatingPointError(f"{name} holds weights that are not finite; lower the rate")
    RUN.mkdir(parents=True, exist_ok=True)
    save_model(bare, str(RUN / "handover.part"))
    (RUN / "handover.part").replace(RUN / "handover.safetensors")
    print("submitted", flush=True)


# ------------------------------------------------------------------------------------------------
# As a script: the data is prepared, once, before any run


def store(data: Path, vault: Path, splits: dict[str, str], facts: dict[str, Any]) -> dict[str, Any]:
    """Write the three splits and `meta.json`, complete or not at all; return the meta data."""
    chars = "".join(sorted(set("".join(splits.values()))))
    ids = {char: i for i, char in enumerate(chars)}
    coded = {name: bytes(map(ids.__getitem__, text)) for name, text in splits.items()}
    sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in coded.items()}
    digest = hashlib.sha256("\n".join([chars, *sums.values()]).encode()).hexdigest()
    sizes = {name: len(raw) for name, raw in coded.items()}
    meta = {**facts, "digest": digest, "chars": chars, "vocab_size": len(chars), "bytes": sizes}
    files = {(data if name == "train" else vault) / f"{name}.bin": coded[name] for name in coded}
    files[data / "meta.json"] = json.dumps(meta | {"sha256": sums}, indent=1).encode()
    for folder in (data, vault):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    for path, raw in files.items():
        aside = path.with_suffix(".part")
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(raw)
            os.fsync(file.fileno())
    (data / "meta.json").unlink(missing_ok=True)  # whoever finds it finds all of it
    for path in files:
        path.with_suffix(".part").replace(path)
    return meta | {"sha256": sums}


def main() -> int:
    """Prepare the data; return 0, or 1 after one sentence on stderr."""
    import tunes

    parser = argparse.ArgumentParser(description="Prepare the data of the sandbox.")
    parser.add_argument("--data", type=Path, required=True, help="folder that runs may read")
    parser.add_argument("--vault", type=Path, required=True, help="folder that no run may read")
    parser.add_argument("--wheel", type=Path, help=f"a file of {tunes.PACKAGE}, instead of pip")
    parser.add_argument("--generate", type=Path, metavar="FILE", help="write tunes from its secret")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the fetched wheel is removed

    def report(text: str, done: float) -> None:
        line = json.dumps({"text": text, "done": done}) if args.json else f"{done:4.0%} {text}"
        print(line, flush=True)

    try:
        data, vault = args.data.resolve(), args.vault.resolve()
        if data == vault or data in vault.parents or vault in data.parents:
            raise tunes.TunesError(f"{data} and {vault} overlap; keep the vault apart")
        secret = args.generate.read_text().strip() if args.generate else None
        splits, facts = tunes.collect(args.wheel, secret, report)
        report("writing", 0.9)
        meta = store(data, vault, splits, facts)
    except (tunes.TunesError, OSError) as error:
        print(f"the data was not prepared: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"result": meta}) if args.json else json.dumps(meta["bytes"]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
