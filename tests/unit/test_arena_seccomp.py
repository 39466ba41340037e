"""The filter is run by a small interpreter of classic BPF, so that both tables are exercised."""

import errno
import struct

import pytest

from cockpit.arena import calls
from cockpit.arena.seccomp import build

PID, WARDEN = 4242, 77
ALLOWED = 0x7FFF0000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
KILLED = 0x80000000
MACHINES = ("x86_64", "aarch64")


def decide(code: bytes, arch: int, number: int, *arguments: int) -> int:
    values = [a & 0xFFFFFFFFFFFFFFFF for a in arguments] + [0] * (6 - len(arguments))
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *values)
    steps = list(struct.iter_unpack("HBBI", code))
    position, held = 0, 0
    while True:
        operation, if_true, if_false, operand = steps[position]
        position += 1
        match operation:
            case 0x20:
                held = struct.unpack_from("<I", data, operand)[0]
            case 0x54:
                held &= operand
            case 0x15:
                position += if_true if held == operand else if_false
            case 0x35:
                position += if_true if held >= operand else if_false
            case 0x06:
                return int(operand)
            case _:
                raise AssertionError(f"instruction {operation:#x}")


def ask(machine: str, name: str, *arguments: int, programs: bool = False) -> int:
    code = build(machine, PID, WARDEN, allow_exec=programs)
    return decide(code, calls.AUDIT_ARCH[machine], calls.TABLES[machine][name], *arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_sockets_mounts_clocks_and_metadata_are_refused(machine: str) -> None:
    for name in ("socket", "connect", "mount", "clock_settime", "fchmod", "ptrace", "unshare"):
        assert ask(machine, name, 1, 1) == EPERM
        assert ask(machine, name, 1, 1, programs=True) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_may_start_and_processes_may_not(machine: str) -> None:
    thread, process = 0x3D0F00, 0x1200011
    assert ask(machine, "clone", thread) == ALLOWED
    assert ask(machine, "clone", process) == EPERM
    assert ask(machine, "execve") == EPERM
    assert ask(machine, "clone3") == ENOSYS
    assert ask(machine, "clone", process, programs=True) == ALLOWED
    assert ask(machine, "execve", programs=True) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_signals_and_limits_reach_the_process_itself_alone(machine: str) -> None:
    for name in ("kill", "tgkill"):
        assert ask(machine, name, PID, 9) == ALLOWED
        for other in (WARDEN, 1, 0, -1, -WARDEN):
            assert ask(machine, name, other, 9) == EPERM
    assert ask(machine, "prlimit64", 0) == ALLOWED
    assert ask(machine, "prlimit64", WARDEN) == EPERM
    assert ask(machine, "tkill", PID) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_where_programs_may_start_the_warden_is_still_out_of_reach(machine: str) -> None:
    assert ask(machine, "kill", WARDEN, 9, programs=True) == EPERM
    assert ask(machine, "kill", -1, 9, programs=True) == EPERM
    assert ask(machine, "kill", PID + 1, 9, programs=True) == ALLOWED
    assert ask(machine, "prlimit64", WARDEN, programs=True) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide_where_a_call_has_two_faces(machine: str) -> None:
    stream, datagram, close_on_exec = 1, 2, 0o2000000
    assert ask(machine, "socketpair", 1, stream | close_on_exec) == ALLOWED
    assert ask(machine, "socketpair", 1, datagram) == EPERM
    assert ask(machine, "fcntl", 3, 2) == ALLOWED
    assert ask(machine, "fcntl", 3, 8) == EPERM
    truncating_read, writing, create = 0o1000, 0o1001, 0o100
    assert ask(machine, "openat", 3, 0, truncating_read) == EPERM
    assert ask(machine, "openat", 3, 0, writing | create) == ALLOWED
    assert ask(machine, "ioctl", 0, 0x5412) == EPERM
    assert ask(machine, "ioctl", 0, 0x5401) == ALLOWED
    death_signal, name = 1, 15
    assert ask(machine, "prctl", death_signal, 0) == EPERM
    assert ask(machine, "prctl", name, 0) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_who_is_held_to_its_processors_stays_there(machine: str) -> None:
    number = calls.TABLES[machine]["sched_setaffinity"]
    for hold, answer in ((True, EPERM), (False, ALLOWED)):
        code = build(machine, PID, WARDEN, allow_exec=False, hold=hold)
        assert decide(code, calls.AUDIT_ARCH[machine], number, 0) == answer
        assert decide(code, calls.AUDIT_ARCH[machine], number, PID) == answer
        assert decide(code, calls.AUDIT_ARCH[machine], number, WARDEN) == EPERM


def test_other_doors_into_the_kernel_are_shut() -> None:
    code = build("x86_64", PID, WARDEN, allow_exec=False)
    i386 = 0x40000003
    assert decide(code, i386, 11) == KILLED
    assert decide(code, calls.AUDIT_ARCH["x86_64"], 0x40000000 | 41) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_not_named_passes(machine: str) -> None:
    code = build(machine, PID, WARDEN, allow_exec=False)
    listed = set(calls.TABLES[machine].values())
    free = next(n for n in range(100, 300) if n not in listed)
    assert decide(code, calls.AUDIT_ARCH[machine], free) == ALLOWED
    assert len(code) // 8 <= 4096
