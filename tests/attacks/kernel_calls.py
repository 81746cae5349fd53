"""Asks the kernel for what a jail must not have."""

ANSWER = r"""
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "unshare": (272, 0x10000000),
    "mount": (165, b"none", b"/home", b"tmpfs", 0, None),
    "chroot": (161, b"/home"),
    "bpf": (321, 0, None, 0),
    "keyctl": (250, 0, -3, 0),
    "io_uring_setup": (425, 1, None),
    "userfaultfd": (323, 0),
    "perf_event_open": (298, None, 0, -1, -1, 0),
    "open_by_handle_at": (304, -100, None, 0),
    "execve": (59, b"/bin/true", None, None),
    "setns": (308, 0, 0),
    "shmget": (29, 1, 4096, 0o1666),
}
for name, (number, *arguments) in NUMBERS.items():
    if libc.syscall(number, *arguments) >= 0:
        print("FOUND", name)


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
