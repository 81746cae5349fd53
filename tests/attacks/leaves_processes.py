"""Leaves daemons, threads and exit handlers behind, in cells and in answers."""

ANSWER = r"""
import atexit
import os
import threading
import time


def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(1000)
        os._exit(0)


def leave():
    daemon()
    threading.Thread(target=time.sleep, args=(1000,)).start()
    atexit.register(time.sleep, 1000)


def mean(values):
    leave()
    return 0.0


def largest(values):
    leave()
    return 0.0


leave()
"""
