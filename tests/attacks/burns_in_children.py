"""Computes in children that vanish with their CPU time, in every call."""

SLOW = True

ANSWER = r"""
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def burn():
    while True:
        try:
            if os.fork() == 0:
                end = time.process_time() + 0.02
                while time.process_time() < end:
                    pass
                os._exit(0)
        except OSError:
            pass


def mean(values):
    burn()


def largest(values):
    return 0.0
"""
