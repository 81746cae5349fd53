"""Keeps a file mapped whose name is no UTF-8, for whoever reads /proc."""

ANSWER = r"""
import ctypes
import os

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
descriptor = os.open(b"\xff\xfe", os.O_RDWR | os.O_CREAT)
os.write(descriptor, b"x" * 4096)
libc.mmap(None, 4096, 1, 2, descriptor, 0)
os.close(descriptor)


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
