"""Uses each budget up to its limit: disk, inodes, descriptors, memory in shared pages, threads, output."""

SLOW = True

ANSWER = r"""
import mmap
import os
import sys
import threading
import time

kept = []


def fill():
    for attempt in (
        lambda: kept.append(mmap.mmap(-1, 64 << 20)) or kept[-1].write(bytes(64 << 20)),
        lambda: kept.append(os.open(f"file{len(kept)}", os.O_CREAT | os.O_RDWR)),
        lambda: os.write(kept_file, bytes(1 << 20)),
        lambda: threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start(),
    ):
        for _ in range(20_000):
            try:
                attempt()
            except (OSError, MemoryError, RuntimeError, ValueError):
                break
    sys.stdout.write("x" * (30 << 20))


kept_file = os.open("disk", os.O_CREAT | os.O_RDWR)


def mean(values):
    fill()
    return 0.0


def largest(values):
    sys.stderr.write("y" * (30 << 20))
    return 0.0
"""
