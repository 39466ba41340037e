"""Landlock: the kernel's allow-list of paths, for processes without privileges.

ABI numbers as in the kernel's userspace-api/landlock: 1 files, 2 refer, 3 truncate, 4 TCP,
5 device ioctl, 6 signals and abstract Unix sockets, 7 audit. What is there is detected by the
system call itself: /sys/kernel/security does not exist on every kernel that enforces it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.arena.kernel import syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 10, 1 << 11
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST_ABI = (1 << 13) - 1
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("fd", ctypes.c_int32))


HELD_BACK = "Landlock is held back by [isolation] landlock = 0"
ABSENT = {
    errno.ENOSYS: "this kernel has no Landlock",
    errno.EOPNOTSUPP: "Landlock is switched off at boot",
    errno.EPERM: "this container forbids Landlock",
}
"""Why it is not there, by the error of its first call; landlock_create_ruleset(2)."""
REMEDIES = {
    HELD_BACK: "remove landlock = 0 from [isolation]",
    ABSENT[errno.ENOSYS]: "use Linux 5.13 or newer, built with Landlock; 6.12 holds most",
    ABSENT[errno.EOPNOTSUPP]: "add landlock to lsm= on the kernel's command line, and restart",
    ABSENT[errno.EPERM]: "let the container make the landlock calls: docker run --security-opt "
    "seccomp=unconfined, or a newer Docker",
}


def version() -> int:
    """Return the Landlock ABI of this kernel; 0 when it has none, or a container forbids it."""
    return _asked()[0]


def _asked() -> tuple[int, str]:
    """Return the ABI, and why there is none."""
    try:
        return syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1)), ""
    except OSError as error:
        known = ABSENT.get(error.errno or 0)
        return 0, known or f"Landlock was refused ({error.strerror})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Paths that may be read, only listed (folders, with all below), written, used as devices.

    Missing paths are skipped.
    """

    read: Sequence[str] = ()
    listed: Sequence[str] = ()
    write: Sequence[str] = ()
    devices: Sequence[str] = ()


def enforce(rules: Rules, notes: list[str], newest: int | None = None) -> int:
    """Allow these paths and no others, and no TCP, for good; return the ABI in force, 0 if none.

    Needs no-new-privileges. A `notes` line says what was not possible.
    `newest` is the ABI to stop at: a kernel keeps every promise of the older ones.
    """
    abi, why = (0, HELD_BACK) if newest == 0 else _asked()
    abi = abi if newest is None else min(abi, newest)
    if abi < 1:
        notes.append(f"{why}: files are not protected")
        return 0
    handled = FIRST_ABI
    handled |= REFER if abi >= 2 else 0
    handled |= TRUNCATE if abi >= 3 else 0
    handled |= IOCTL_DEV if abi >= 5 else 0
    attr = _Ruleset(fs=handled, net=3 if abi >= 4 else 0, scoped=3 if abi >= 6 else 0)
    size = ctypes.c_size_t(24 if abi >= 6 else 16 if abi >= 4 else 8)
    ruleset = syscall(CREATE_RULESET, ctypes.byref(attr), size, ctypes.c_uint32(0))
    everything = handled & ~(IOCTL_DEV | MAKE_CHAR | MAKE_BLOCK | MAKE_SOCK | MAKE_FIFO)
    try:
        for path in rules.read:
            _allow(ruleset, path, (EXECUTE | READ_FILE | READ_DIR) & handled)
        for path in rules.listed:
            _allow(ruleset, path, READ_DIR)
        for path in rules.write:
            _allow(ruleset, path, everything)
        for path in rules.devices:
            _allow(ruleset, path, (READ_FILE | WRITE_FILE | READ_DIR | IOCTL_DEV) & handled)
        syscall(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            access &= FILE_RIGHTS
        rule = _PathBeneath(access=access, fd=fd)
        syscall(ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), 0)
    finally:
        os.close(fd)
