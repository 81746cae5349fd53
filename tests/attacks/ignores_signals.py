"""Blocks every signal and computes for ever."""

ANSWER = r"""
import signal


def mean(values):
    return 0.0


def largest(values):
    signal.pthread_sigmask(signal.SIG_SETMASK, range(1, 64))
    while True:
        pass
"""
