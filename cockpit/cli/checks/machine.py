"""The machine: interpreter, git, GPU, torch, processors, disk, terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cockpit.cli.checks import Check, dotted, version_in
from cockpit.events import Device

OLDEST_PYTHON = (3, 11)
OLDEST_GIT = (2, 30)
SMALLEST, FITTING = (60, 16), (80, 24)
"""Columns and rows: below the first there are two status lines only, from the second all panes."""
ROOMY = 5 << 30
TMUX_COLOURS = 'set -as terminal-features ",*:RGB"; set-environment -g COLORTERM truecolor'


def python_check(version: tuple[int, int, int], executable: str) -> Check:
    """Judge the interpreter the cockpit runs in."""
    found = f"{'.'.join(map(str, version))}, {executable}"
    if version[:2] < OLDEST_PYTHON:
        return Check(state="fail", name="python", found=found, remedy="install Python 3.11")
    return Check(state="ok", name="python", found=found)


def git_check(told: str) -> Check:
    """Judge what `git version` told."""
    wanted = f"install git {dotted(OLDEST_GIT)} or newer"
    if version_in(told) < OLDEST_GIT:
        return Check(state="fail", name="git", found=told or "no version told", remedy=wanted)
    return Check(state="ok", name="git", found=told)


def gpu_check(devices: Sequence[Device], *, cuda: bool | None, wanted: str) -> Check:
    """Hold the GPUs that NVML sees against what torch sees; None where torch was not asked."""
    names = ", ".join(f"{d.name}{_gib(d.memory_total)}" for d in devices)
    if devices and cuda is False and wanted in ("", "cuda"):
        found = f"{names} (driver {devices[0].driver or 'unknown'}), but torch does not see it"
        remedy = (
            "install a torch built for CUDA (python -m pip install torch==2.13.0), update the "
            "driver, or say [sandbox] device = 'cpu'"
        )
        return Check(state="warn", name="gpu", found=found, remedy=remedy)
    if devices:
        return Check(state="ok", name="gpu", found=f"{names} (driver {devices[0].driver})")
    if cuda:
        return Check(state="ok", name="gpu", found="seen by torch, not by NVML: no live figures")
    if wanted == "cuda":
        remedy = "install its driver, or say [sandbox] device = ''"
        return Check(state="warn", name="gpu", found="none, but [sandbox] device is cuda",
                     remedy=remedy)  # fmt: skip
    return Check(state="ok", name="gpu", found="none that NVML sees")


def torch_check(version: str, device: str, trouble: str, python: str) -> Check:
    """Judge torch as a run would find it, inside the walls, in the sandbox's interpreter."""
    if version and not trouble:
        return Check(state="ok", name="torch", found=f"{version} on {device}, in {python}")
    found = trouble or f"{python} has no torch"
    remedy = f"{python} -m pip install torch==2.13.0, or set [sandbox] python"
    return Check(state="warn" if version else "fail", name="torch", found=found, remedy=remedy)


def compile_check(*, programs: bool, compiler: str) -> Check:
    """Say whether `train.py` may use torch.compile; `compiler` is the C compiler found, if any."""
    if not programs:
        found = "not on the CPU: a run there may not start a compiler, and a dry run ends saying so"
        return Check(state="ok", name="compile", found=found)
    if not compiler:
        found = "allowed, but there is no C compiler for Triton to use"
        return Check(state="warn", name="compile", found=found, remedy="install gcc")
    found = f"allowed: a run may start {compiler}; it begins with empty caches, on its own time"
    return Check(state="ok", name="compile", found=found)


def threads_check(threads: int, cores: int) -> Check:
    """Say how many CPU threads a run would use."""
    found = f"{threads} of {cores} CPUs a run"
    if threads > cores:
        remedy = f"set [sandbox] threads to {cores} or less"
        return Check(state="warn", name="threads", found=found, remedy=remedy)
    return Check(state="ok", name="threads", found=found)


def disk_check(free: int, least: int, folder: Path) -> Check:
    """Judge the free bytes; runs are ended when `least` are left."""
    found = f"{free / 2**30:.1f} GiB free at {folder}"
    if free <= 2 * least:
        remedy = f"free some: a run is ended when {least >> 20} MB are left"
        return Check(state="fail", name="disk", found=found, remedy=remedy)
    if free < ROOMY:
        return Check(state="warn", name="disk", found=found, remedy="free some before a night")
    return Check(state="ok", name="disk", found=found)


def terminal_check(env: Mapping[str, str], size: tuple[int, int] | None) -> Check:
    """Judge the terminal; `size` is columns and rows, None when there is none."""
    term, colour = env.get("TERM", ""), env.get("COLORTERM", "")
    if size is None or term in ("", "dumb"):
        remedy = "the full screen needs one; without: cockpit run --unattended"
        found = f"none here (TERM is {term or 'not set'})"
        return Check(state="warn", name="terminal", found=found, remedy=remedy)
    full = colour in ("truecolor", "24bit")
    depth = "16 million" if full else "256" if "256" in term else "16"
    found = f"TERM={term} COLORTERM={colour or '-'}: {depth} colours, {size[0]}x{size[1]}"
    if size[0] < SMALLEST[0] or size[1] < SMALLEST[1]:
        remedy = f"enlarge it to {FITTING[0]}x{FITTING[1]}: below {SMALLEST[0]}x{SMALLEST[1]} "
        return Check(state="warn", name="terminal", found=found,
                     remedy=remedy + "only two status lines fit")  # fmt: skip
    if not full and depth == "16":
        remedy = "export TERM=xterm-256color, if your terminal can show that"
        return Check(state="warn", name="terminal", found=found, remedy=remedy)
    if not full and "TMUX" in env:
        remedy = f"for more, in ~/.tmux.conf: {TMUX_COLOURS}"
        return Check(state="ok", name="terminal", found=found, remedy=remedy)
    return Check(state="ok", name="terminal", found=found)


def locale_check(encoding: str) -> Check:
    """Judge whether box drawing and braille can be written."""
    if encoding.lower().replace("-", "") == "utf8":
        return Check(state="ok", name="locale", found=encoding.lower())
    remedy = "export LC_ALL=C.UTF-8, or: cockpit --ascii"
    return Check(state="warn", name="locale", found=f"{encoding}, not UTF-8", remedy=remedy)


def _gib(size: int | None) -> str:
    return "" if size is None else f" {size / 2**30:.0f} GiB"
