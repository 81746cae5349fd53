"""Waits instead of computing: in its cells for a while, in its answers for ever."""

ANSWER = r"""
import threading
import time

threading.Thread(target=time.sleep, args=(1e6,)).start()
time.sleep(0.2)


def mean(values):
    time.sleep(1e6)


def largest(values):
    threading.Event().wait()
"""
