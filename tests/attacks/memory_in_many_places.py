"""Holds memory where one process does not show it: in children, shared pages and files in memory."""

SLOW = True

ANSWER = r"""
import mmap
import os
import socket
import time

kept = []


def hold():
    for _ in range(4):
        try:
            if os.fork() == 0:
                block = bytearray(700 << 20)
                time.sleep(1000)
        except OSError:
            pass
    time.sleep(1.0)


def hide():
    for attempt in range(40):
        try:
            descriptor = os.memfd_create("hidden")
        except OSError:
            return
        os.ftruncate(descriptor, 64 << 20)
        mmap.mmap(descriptor, 64 << 20).write(b"x" * (64 << 20))
        ours, theirs = socket.socketpair()
        socket.send_fds(ours, [b"x"], [descriptor])
        kept.extend((ours, theirs))
        os.close(descriptor)


def mean(values):
    hold()
    return 0.0


def largest(values):
    hide()
    return 0.0
"""
