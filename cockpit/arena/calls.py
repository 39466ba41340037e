"""System call numbers, by architecture, grouped by why a candidate has no use for them.

Numbers from the kernel's syscall tables (arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h). x86-64 is exercised by the tests; aarch64 is written from the
table and has not been run.
"""

from __future__ import annotations

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
Table = dict[str, int]

# fmt: off
X86_64: Table = {
    # processes
    "fork": 57, "vfork": 58, "clone": 56, "clone3": 435, "execve": 59, "execveat": 322,
    # other processes
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "process_madvise": 440,
    "process_mrelease": 448, "kcmp": 312, "pidfd_open": 434, "pidfd_getfd": 438,
    "pidfd_send_signal": 424, "tkill": 200, "kill": 62, "tgkill": 234, "rt_sigqueueinfo": 129,
    "rt_tgsigqueueinfo": 297, "prlimit64": 302, "setpriority": 141, "sched_setscheduler": 144,
    "sched_setparam": 142, "sched_setattr": 314, "ioprio_set": 251, "migrate_pages": 256,
    "sched_setaffinity": 203,
    "fcntl": 72, "ioctl": 16, "prctl": 157,
    # network
    "socket": 41, "socketpair": 53, "connect": 42, "bind": 49, "listen": 50, "accept": 43,
    "accept4": 288,
    # namespaces, mounts
    "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "mount_setattr": 442, "open_tree_attr": 467, "open_by_handle_at": 304,
    "quotactl": 179, "quotactl_fd": 443, "fanotify_init": 300,
    # the kernel itself
    "bpf": 321, "perf_event_open": 298, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "userfaultfd": 323, "keyctl": 250, "add_key": 248,
    "request_key": 249, "kexec_load": 246, "kexec_file_load": 320, "init_module": 175,
    "finit_module": 313, "delete_module": 176, "reboot": 169, "swapon": 167, "swapoff": 168,
    "acct": 163, "syslog": 103, "iopl": 172, "ioperm": 173, "personality": 135, "vhangup": 153,
    "modify_ldt": 154,
    # clocks
    "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305,
    # what belongs to files and outlives a run
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93,
    "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235, "futimesat": 261,
    "utimensat": 280, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "setxattrat": 463,
    "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "removexattrat": 466,
    "file_setattr": 469, "truncate": 76, "openat2": 437, "open": 2, "openat": 257,
    # memory that outlives a run
    "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240,
}

AARCH64: Table = {
    "clone": 220, "clone3": 435, "execve": 221, "execveat": 281,
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "process_madvise": 440,
    "process_mrelease": 448, "kcmp": 272, "pidfd_open": 434, "pidfd_getfd": 438,
    "pidfd_send_signal": 424, "tkill": 130, "kill": 129, "tgkill": 131, "rt_sigqueueinfo": 138,
    "rt_tgsigqueueinfo": 240, "prlimit64": 261, "setpriority": 140, "sched_setscheduler": 119,
    "sched_setparam": 118, "sched_setattr": 274, "ioprio_set": 30, "migrate_pages": 238,
    "sched_setaffinity": 122,
    "fcntl": 25, "ioctl": 29, "prctl": 167,
    "socket": 198, "socketpair": 199, "connect": 203, "bind": 200, "listen": 201, "accept": 202,
    "accept4": 242,
    "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "mount_setattr": 442, "open_tree_attr": 467, "open_by_handle_at": 265,
    "quotactl": 60, "quotactl_fd": 443, "fanotify_init": 262,
    "bpf": 280, "perf_event_open": 241, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "userfaultfd": 282, "keyctl": 219, "add_key": 217,
    "request_key": 218, "kexec_load": 104, "kexec_file_load": 294, "init_module": 105,
    "finit_module": 273, "delete_module": 106, "reboot": 142, "swapon": 224, "swapoff": 225,
    "acct": 89, "syslog": 116, "personality": 92, "vhangup": 58,
    "settimeofday": 170, "clock_settime": 112, "adjtimex": 171, "clock_adjtime": 266,
    "fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "fchown": 55, "fchownat": 54,
    "utimensat": 88, "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "setxattrat": 463,
    "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16, "removexattrat": 466,
    "file_setattr": 469, "truncate": 45, "openat2": 437, "openat": 56,
    "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180,
}
# fmt: on

TABLES = {"x86_64": X86_64, "aarch64": AARCH64}

STARTS_PROGRAMS = ("execve", "execveat", "fork", "vfork")
"""Denied on a CPU; a GPU compiler needs them."""

UNKNOWN_SO_FALL_BACK = ("clone3", "openat2", "io_uring_setup", "io_uring_enter")
"""Answered with ENOSYS: their arguments lie in memory a filter cannot read, and libraries then
use the older call, whose arguments it can."""

OWN_PROCESS_ONLY = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""The first argument must be the process itself."""

SELF_OR_ZERO = (
    "prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity",
)  # fmt: skip
"""The first argument must be 0 or the process itself: a limit, a low priority or a crowded core set
on the warden would stop its clock."""

TAKES_ARGUMENTS = frozenset(
    (*OWN_PROCESS_ONLY, *SELF_OR_ZERO, *UNKNOWN_SO_FALL_BACK, *STARTS_PROGRAMS)
) | {"clone", "fcntl", "ioctl", "prctl", "socketpair", "open", "openat"}
"""Not simply denied: the filter looks closer, or the policy decides."""

ALWAYS_DENIED = frozenset(X86_64) | frozenset(AARCH64)
"""Every call of the tables that `TAKES_ARGUMENTS` does not name."""
ALWAYS_DENIED -= TAKES_ARGUMENTS
