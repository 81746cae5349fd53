"""Writes answers of its own to the socket: bytes, lengths and counts that nobody sends."""

ANSWER = r"""
import os
import struct


def mean(values):
    for number in range(1, 40):
        body = b"d" + struct.pack("<d", 3.0)
        os.write(3, struct.pack("<IBBH", len(body), 2, 0, number) + body)
    return 0.0


def largest(values):
    os.write(3, struct.pack("<IBBH", 0xFFFFFFFF, 2, 255, 1) + os.urandom(4096))
    return 0.0
"""
