"""Rebinds fork, hooks it, and answers in the copy's place."""

ANSWER = r"""
import os
import signal
import sys
import time

os.register_at_fork(before=lambda: time.sleep(100), after_in_child=lambda: os._exit(0))
os.fork = lambda: 0
signal.signal(signal.SIGCHLD, lambda *args: os._exit(1))
sys.settrace(lambda *args: None)
sys.setprofile(lambda *args: None)
sys.addaudithook(lambda *args: None)


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
