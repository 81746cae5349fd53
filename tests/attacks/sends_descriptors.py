"""Answers with descriptors: too many, fewer than announced, unsealed ones that shrink while they are read."""

ANSWER = r"""
import array
import os
import socket
import struct

import numpy as np

BODY = b"a" + struct.pack("<BB1Q", 11, 1, 1 << 16) + b"M"


def send(count, announced, descriptor):
    connection = socket.socket(fileno=os.dup(3))
    header = struct.pack("<IBBH", len(BODY), 2, announced, 1)
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor] * count))]
    for number in range(1, 50):
        header = struct.pack("<IBBH", len(BODY), 2, announced, number)
        connection.sendmsg([header, BODY], rights)


def mean(values):
    descriptor = os.open("buffer", os.O_CREAT | os.O_RDWR)
    os.ftruncate(descriptor, 8 << 16)
    send(1, 1, descriptor)
    os.ftruncate(descriptor, 0)
    return 0.0


def largest(values):
    send(200 if len(values) == 3 else 0, 16, 0)
    return 0.0
"""
