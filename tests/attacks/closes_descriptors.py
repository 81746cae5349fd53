"""Closes the socket to the grader, or puts its own in its place."""

ANSWER = r"""
import os
import socket


def mean(values):
    os.closerange(0, 256)
    return 0.0


def largest(values):
    mine, other = socket.socketpair()
    os.dup2(mine.fileno(), 3)
    other.sendall(b"\1\0\0\0\2\0\1\0T")
    return 0.0
"""
