"""How many numbers a hand-over holds, by its own header; nothing in it is run or believed blindly.

The header of a safetensors file is JSON that the agent's code wrote. It is read with bounds, and
what it says is held against the bytes that are there: weights cannot be hidden from the count.
Format: https://huggingface.co/docs/safetensors (8 bytes of length, the header, the tensors).
"""

from __future__ import annotations

import json
import math
import os
import stat
import struct
from pathlib import Path
from typing import Any

from cockpit.arena.vault import MAX_HEADER

BITS = {
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32,
    "F16": 16, "BF16": 16, "I16": 16, "U16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
    "I8": 8, "U8": 8, "BOOL": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}  # fmt: skip
"""Bits of one number of each type."""


def count_parameters(path: Path) -> int | None:
    """Return how many numbers the hand-over at `path` holds, or None when it cannot be told.

    No link is followed. A tensor of 8 bits and less counts as many numbers as it holds, of which a
    program could unpack more: the bytes say so in the ledger.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None
        with os.fdopen(os.dup(descriptor), "rb") as file:
            head = file.read(8)
            length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
            if not 2 <= length <= min(MAX_HEADER, found.st_size - 8):
                return None
            return numbers(file.read(length), found.st_size - 8 - length)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def numbers(header: bytes, size: int) -> int | None:
    """Return how many numbers a header says that `size` bytes of tensors hold.

    None when it is no header, or its tensors do not cover the bytes exactly, without overlap.
    """
    try:
        tensors: dict[str, Any] = json.loads(header)
        tensors.pop("__metadata__", None)
        spans = sorted(_tensor(tensor) for tensor in tensors.values())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    place = total = 0
    for begin, end, count in spans:
        if begin != place:
            return None
        place, total = end, total + count
    return total if place == size else None


def _tensor(tensor: dict[str, Any]) -> tuple[int, int, int]:
    """Return where a tensor lies and how many numbers it holds.

    Raises:
        ValueError: it does not fit there.
    """
    begin, end = tensor["data_offsets"]
    shape = tensor["shape"]
    if not all(type(number) is int and number >= 0 for number in (begin, end, *shape)):
        raise ValueError("sizes are whole numbers")
    count = math.prod(shape)
    if (count * BITS[tensor["dtype"]] + 7) // 8 != end - begin:
        raise ValueError("shape and bytes do not agree")
    return begin, end, count
