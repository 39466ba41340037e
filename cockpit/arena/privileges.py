"""Give up what a process may do by default: network, capabilities, privileges, processors."""

from __future__ import annotations

import os
import platform
import struct
from pathlib import Path

from cockpit.arena.kernel import (
    PR_CAPBSET_DROP,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_SECUREBITS,
    prctl,
    syscall,
    unshare,
)

CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
CAPSET = {"x86_64": 126, "aarch64": 91}
SECUREBITS = 0b101111
"""NOROOT and NO_SETUID_FIXUP, set and locked, KEEP_CAPS locked: uid 0 gains nothing by exec."""


def leave_network(notes: list[str]) -> bool:
    """Move into an empty network (and System V) namespace; False where that is not allowed."""
    uid, gid = os.getuid(), os.getgid()
    try:
        unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC)
    except OSError as error:
        notes.append(f"no network namespace of its own ({error.strerror})")
        return False
    maps = (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1"))
    for name, text in maps:
        try:
            Path(f"/proc/self/{name}").write_text(text)
        except OSError as error:
            notes.append(f"{name} of the user namespace could not be written ({error.strerror})")
    return True


def hold_processors(processors: tuple[int, ...], notes: list[str]) -> int:
    """Stay on these processors, none for all; return how many it is held to, 0 if it is not."""
    if not processors:
        return 0
    try:
        os.sched_setaffinity(0, processors)
    except OSError as error:
        notes.append(f"not held to its processors ({error.strerror}): it may use all of them")
        return 0
    return len(os.sched_getaffinity(0))


def drop_capabilities(notes: list[str]) -> bool:
    """Empty every capability set, so that root is bound by the walls too; say whether it holds."""
    try:
        prctl(PR_SET_SECUREBITS, SECUREBITS)
        for capability in range(64):
            try:
                prctl(PR_CAPBSET_DROP, capability)
            except OSError:
                break
    except OSError:
        if os.geteuid() == 0:
            notes.append("root without the right to give up root: capabilities may come back")
    number = CAPSET.get(platform.machine())
    if number is None:
        notes.append(f"capabilities on {platform.machine()} are not known here")
        return False
    header = struct.pack("Ii", 0x20080522, 0)
    syscall(number, header, b"\0" * 24)
    return _effective() == 0


def no_new_privileges() -> None:
    """Make set-user-id programs powerless for this process and its children."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def _effective() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff"):
            return int(line.split()[1], 16)
    return -1
