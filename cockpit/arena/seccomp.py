"""A seccomp filter in classic BPF: which system calls a candidate may make.

Where Landlock ends: no sockets, no other process, no clock, no file metadata, no new mounts, on a
CPU no new processes. Format as in the kernel's userspace-api/seccomp_filter; pure ctypes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from cockpit.arena import calls
from cockpit.arena.kernel import PR_SET_PDEATHSIG, PR_SET_SECCOMP, prctl, syscall

LOAD, AND, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCH, ARGUMENT = 0, 4, 16
X32 = 0x40000000
CLONE_THREAD = 0x10000
O_ACCMODE, O_TRUNC, SOCK_TYPE, SOCK_STREAM = 3, 0o1000, 0xF, 1
F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX = 0x8901, 0x8902, 0x5412, 0x541C
FILTER_MODE = 2
SECCOMP = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER, SPEC_ALLOW = 1, 1 << 2
EVERYONE = 0xFFFFFFFF


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class Filter:
    """An instruction list under construction; each rule ends in a return or falls through."""

    def __init__(self, table: calls.Table) -> None:
        self._table = table
        self._code: list[tuple[int, int, int, int]] = []

    def emit(self, code: int, operand: int, if_true: int = 0, if_false: int = 0) -> None:
        """Append one instruction; the jumps skip that many."""
        self._code.append((code, if_true, if_false, operand & 0xFFFFFFFF))

    def refuse(self, name: str, code: int = errno.EPERM) -> None:
        """Answer the call with an error; calls this architecture lacks are left out."""
        if name in self._table:
            self.emit(JUMP_EQUAL, self._table[name], 0, 1)
            self.emit(RETURN, ERRNO | code)

    def when(self, name: str, body: Filter) -> None:
        """Run `body` for the call; it must end in a return."""
        if name in self._table:
            self.emit(JUMP_EQUAL, self._table[name], 0, len(body._code))
            self._code += body._code

    def argument(
        self, index: int, allowed: tuple[int, ...] = (), denied: tuple[int, ...] = (), mask: int = 0
    ) -> Filter:
        """Return a body that looks at the low 32 bits of one argument, masked if `mask`.

        With `allowed` only those values pass; with `denied` all others do.
        """
        body = Filter(self._table)
        body.emit(LOAD, ARGUMENT + 8 * index)
        if mask:
            body.emit(AND, mask)
        values = allowed or denied
        for position, value in enumerate(values):
            body.emit(JUMP_EQUAL, value & 0xFFFFFFFF, len(values) - position, 0)
        otherwise, match = (ERRNO | errno.EPERM, ALLOW) if allowed else (ALLOW, ERRNO | errno.EPERM)
        body.emit(RETURN, otherwise)
        body.emit(RETURN, match)
        return body

    def packed(self) -> bytes:
        """Return the program as the kernel reads it."""
        return b"".join(struct.pack("HBBI", *step) for step in self._code)


def build(machine: str, pid: int, warden: int, *, allow_exec: bool, hold: bool = False) -> bytes:
    """Return the filter for this machine, for process `pid`, started by process `warden`.

    With `allow_exec` its children have other ids, so that only the warden's is out of bounds. With
    `hold` it stays on the processors that it has.

    Raises:
        KeyError: no table for this machine.
    """
    program = Filter(calls.TABLES[machine])
    program.emit(LOAD, ARCH)
    program.emit(JUMP_EQUAL, calls.AUDIT_ARCH[machine], 1, 0)
    program.emit(RETURN, KILL_PROCESS)
    program.emit(LOAD, NUMBER)
    if machine == "x86_64":
        program.emit(JUMP_AT_LEAST, X32, 0, 1)
        program.emit(RETURN, ERRNO | errno.EPERM)
    for name in sorted(calls.ALWAYS_DENIED):
        program.refuse(name)
    for name in calls.UNKNOWN_SO_FALL_BACK:
        program.refuse(name, errno.ENOSYS)
    if hold:
        program.refuse("sched_setaffinity")
    _look_closer(program, pid, warden, allow_exec=allow_exec)
    program.emit(RETURN, ALLOW)
    return program.packed()


def _look_closer(program: Filter, pid: int, warden: int, *, allow_exec: bool) -> None:
    if not allow_exec:
        for name in calls.STARTS_PROGRAMS:
            program.refuse(name)
        program.when("clone", program.argument(0, allowed=(CLONE_THREAD,), mask=CLONE_THREAD))
        # Who could cancel its own death with the warden's would outlive a killed warden.
        program.when("prctl", program.argument(0, denied=(PR_SET_PDEATHSIG,)))
        for name in calls.OWN_PROCESS_ONLY:
            program.when(name, program.argument(0, allowed=(pid,)))
        for name in calls.SELF_OR_ZERO:
            program.when(name, program.argument(0, allowed=(0, pid)))
    else:
        for name in calls.OWN_PROCESS_ONLY + calls.SELF_OR_ZERO:
            program.when(name, program.argument(0, denied=(warden, EVERYONE)))
    program.when("socketpair", program.argument(1, allowed=(SOCK_STREAM,), mask=SOCK_TYPE))
    program.when("fcntl", program.argument(1, denied=(F_SETOWN, F_SETSIG, F_SETOWN_EX)))
    terminal = (FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX)
    program.when("ioctl", program.argument(1, denied=terminal))
    mask = O_TRUNC | O_ACCMODE
    program.when("open", program.argument(1, denied=(O_TRUNC,), mask=mask))
    program.when("openat", program.argument(2, denied=(O_TRUNC,), mask=mask))


def enforce(notes: list[str], *, allow_exec: bool, hold: bool = False) -> bool:
    """Install the filter, for good; False and a line in `notes` where that is not possible."""
    machine = platform.machine()
    try:
        code = build(machine, os.getpid(), os.getppid(), allow_exec=allow_exec, hold=hold)
    except KeyError:
        notes.append(f"no system call table for {machine}: sockets and signals are not filtered")
        return False
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    try:
        _install(machine, program)
    except OSError as error:
        notes.append(f"the system call filter was refused ({error.strerror})")
        return False
    if machine != "x86_64":
        notes.append(f"the system call filter for {machine} has not been verified")
    return True


def _install(machine: str, program: _Program) -> None:
    """Put the filter in force, and let the processor speculate as before.

    Kernels before 5.16 slow a filtered process down, against a leak between parts of one process;
    what is one candidate has no parts to keep apart. Before 4.17 they do not know the wish.

    Raises:
        OSError: the kernel refused.
    """
    try:
        number, operation = SECCOMP[machine], ctypes.c_uint(SET_MODE_FILTER)
        syscall(number, operation, ctypes.c_uint(SPEC_ALLOW), ctypes.byref(program))
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(program))
