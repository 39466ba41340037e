"""What a run computes on: torch, device and driver, asked in a child and inside its walls."""

from __future__ import annotations

import ctypes
import importlib
import os
from pathlib import Path
from typing import Any


def facts(device: str) -> dict[str, Any]:
    """Return torch's version, whether it sees CUDA, names of device and driver, and what failed.

    `device` is the one that is wanted; torch is imported.
    """
    try:
        torch = importlib.import_module("torch")
        cuda = bool(torch.cuda.is_available())
        name = _processor()
        if device == "mps" and torch.backends.mps.is_available():
            name = device
        elif device != "cpu" and cuda:
            name = torch.cuda.get_device_name()
        version, trouble = str(torch.__version__), ""
    except Exception as error:  # the sentence is all that is wanted
        cuda, name, version = False, _processor(), ""
        trouble = f"torch could not be imported inside the walls ({type(error).__name__}: {error})"
    return {
        "torch": version,
        "cuda": cuda,
        "device_name": name,
        "driver": driver() if device != "cpu" else "",
        "trouble": trouble[:400],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else os.uname().machine


def driver() -> str:
    """Return the version of the NVIDIA driver, empty where there is none."""
    version = ctypes.c_int(0)
    try:
        ctypes.CDLL("libcuda.so.1").cuDriverGetVersion(ctypes.byref(version))
        module = Path("/proc/driver/nvidia/version").read_text().split("\n")[0].split()
    except (OSError, AttributeError):
        return f"CUDA {version.value}" if version.value else ""
    return next((word for word in module if word[:1].isdigit() and "." in word), "")
