"""Forks as often as it may, in every call."""

ANSWER = r"""
import os
import time


def forks():
    for _ in range(200):
        try:
            if os.fork() == 0:
                time.sleep(1000)
                os._exit(0)
        except OSError:
            return


def mean(values):
    forks()
    return 0.0


def largest(values):
    forks()
    return 0.0
"""
