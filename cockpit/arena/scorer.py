"""The process that runs the agent's model in an examination; it never sees a target.

A clean host imports torch once and runs nothing of the agent's. On request it forks a scorer, which
lowers its own rights, imports the candidate's `train.py` as a module, loads the weights, and
answers rows of token ids with logits. Two scorers never live at the same time, and share no open
file: what the first saw, it cannot tell the second.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import mmap
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from cockpit.arena import kernel, tree, wire
from cockpit.arena.isolation import lower

if TYPE_CHECKING:
    import torch

LONGEST = 600
"""Characters of a failure that are passed on."""
CACHES = (
    "TMPDIR",
    "XDG_CACHE_HOME",
    "TRITON_CACHE_DIR",
    "TORCHINDUCTOR_CACHE_DIR",
    "CUDA_CACHE_PATH",
)


class ContractError(Exception):
    """The candidate broke the contract of `train.py`; the text is the whole sentence."""


def main() -> None:
    """Serve the control socket whose descriptor is the first argument, until it closes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    import safetensors.torch
    import torch

    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
    if threads != 1:
        control.send(
            wire.FAILED + f"importing torch {torch.__version__} left {threads} threads".encode()
        )
        return
    gc.freeze()
    control.send(wire.READY + safetensors.__version__.encode())
    scorer: int | None = None
    while True:
        packet, descriptors, _, _ = socket.recv_fds(control, wire.PACKET, 3)
        if packet.startswith(wire.FORK):
            scorer = _fork(packet, descriptors, control)
            continue
        ended, scorer = _end(scorer), None
        if not packet:
            return
        control.send(wire.DONE + json.dumps(ended).encode())


def _fork(packet: bytes, descriptors: list[int], control: socket.socket) -> int:
    scorer = os.fork()
    if scorer == 0:
        try:
            control.close()
            os.setsid()
            _serve(wire.Seat.from_bytes(packet), *descriptors)
        finally:
            os._exit(1)
    for descriptor in descriptors:
        os.close(descriptor)
    return scorer


def _end(scorer: int | None) -> dict[str, int | None]:
    """Kill and reap all below; say how the scorer had ended and how many would not go."""
    ended: list[tree.Reaped] = []
    left = 0 if scorer is None else tree.sweep(scorer, ended.extend)
    status = next((process.status for process in ended if process.pid == scorer), None)
    return {"status": status, "left": left}


# --- in the scorer ---------------------------------------------------------------------------


def _serve(seat: wire.Seat, talk: int, inputs: int, outputs: int) -> NoReturn:
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    _close_others({talk, inputs, outputs})
    line = socket.socket(fileno=talk)
    try:
        _enter(seat)
        model = _load(seat)
        line.send(wire.READY)
        _answer(model, seat, line, inputs, outputs)
    except ContractError as error:
        line.send(wire.FAILED + str(error)[:LONGEST].encode("utf-8", "replace"))
    except BaseException as error:  # whatever the agent's code raised, the reason is passed on
        text = f"answering raised {_describe(error)}"
        line.send(wire.FAILED + text[:LONGEST].encode("utf-8", "replace"))
    os._exit(0)


def _close_others(keep: set[int]) -> None:
    """Leave no description shared with another scorer: a file offset would carry a message."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) > 2 and int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:
                continue


def _enter(seat: wire.Seat) -> None:
    import torch

    for cache in CACHES if seat.scratch else ():
        os.environ[cache] = seat.scratch
    lower(seat.policy)
    sys.path.insert(0, seat.path)
    torch.set_num_threads(seat.threads)
    torch.manual_seed(0)


def _load(seat: wire.Seat) -> torch.nn.Module:
    import torch
    from safetensors.torch import load_model

    spec = importlib.util.spec_from_file_location("candidate", seat.text)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["candidate"] = module
    _attempt("importing train.py", spec.loader.exec_module, module)
    build = getattr(module, "build_model", None)
    if not callable(build):
        raise ContractError("train.py has no build_model()")
    model = _attempt("build_model()", build)
    if not isinstance(model, torch.nn.Module):
        raise ContractError(f"build_model() returned {type(model).__name__}, not a torch module")
    try:
        load_model(model, seat.weights, strict=True, device="cpu")
    except Exception as error:  # safetensors and torch raise many kinds; the sentence matters
        raise ContractError(f"the weights do not fit build_model(): {_describe(error)}") from None
    return model.to(seat.device).eval()


def _attempt(what: str, call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except BaseException as error:
        raise ContractError(f"{what} raised {_describe(error)}") from None


def _describe(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _answer(
    model: torch.nn.Module, seat: wire.Seat, line: socket.socket, inputs: int, outputs: int
) -> None:
    import torch

    cells = seat.rows * seat.context
    given = mmap.mmap(inputs, cells * wire.ID_BYTES, mmap.MAP_SHARED, mmap.PROT_READ)
    shared = mmap.mmap(outputs, cells * seat.vocab * wire.LOGIT_BYTES)
    answers = torch.frombuffer(shared, dtype=torch.float32).view(seat.rows, seat.context, -1)
    while packet := line.recv(wire.ROWS.size):
        _, rows = wire.ROWS.unpack(packet)
        raw = bytearray(given[: rows * seat.context * wire.ID_BYTES])
        ids = torch.frombuffer(raw, dtype=torch.int64).view(rows, seat.context)
        torch.set_num_threads(1 if rows == 1 else seat.threads)  # two only wait for each other
        with torch.inference_mode():
            logits = model(ids.to(seat.device))
        wanted = (rows, seat.context, seat.vocab)
        if not isinstance(logits, torch.Tensor):
            raise ContractError(f"the model returned {type(logits).__name__}, not logits")
        if tuple(logits.shape) != wanted:
            raise ContractError(f"the model returned shape {tuple(logits.shape)}, not {wanted}")
        answers[:rows].copy_(logits)
        line.send(wire.DONE)
