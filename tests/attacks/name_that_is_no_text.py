"""Gives its process a name that is no UTF-8, for whoever reads /proc."""

ANSWER = r"""
import ctypes

ctypes.CDLL(None).prctl(15, b"\xff\xfe\xff", 0, 0, 0)


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
