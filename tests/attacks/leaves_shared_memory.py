"""Leaves shared memory, semaphores, queues, sockets and locks of every kind, for whoever comes next."""

ANSWER = r"""
import ctypes
import fcntl
import os
import socket
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)
kept = []


def leave():
    for attempt in (
        lambda: libc.shmget(0x6763, 4096, 0o1666),
        lambda: libc.semget(0x6763, 1, 0o1666),
        lambda: libc.msgget(0x6763, 0o1666),
        lambda: libc.mq_open(b"/gradecheck-left-behind", os.O_CREAT | os.O_RDWR, 0o666, None),
        lambda: libc.syscall(248, b"user", b"gradecheck", b"x", 1, -3),
        lambda: kept.append(shared_memory.SharedMemory("gradecheck-left-behind", create=True, size=4096)),
        lambda: kept.append(socket.socket(socket.AF_UNIX)) or kept[-1].bind("\0gradecheck-left-behind"),
        lambda: kept.append(open("/dev/null", "w")) or fcntl.flock(kept[-1], fcntl.LOCK_EX),
        lambda: os.memfd_create("gradecheck-left-behind"),
    ):
        try:
            attempt()
        except (OSError, ValueError, AttributeError):
            pass


leave()


def mean(values):
    leave()
    return 0.0


def largest(values):
    return 0.0
"""
