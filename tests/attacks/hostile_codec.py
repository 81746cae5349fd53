"""Encodes what the codec refuses: depth, lengths, shapes, kinds and equal keys."""

ANSWER = r"""
import struct

from inside import channel

bodies = [
    b"l" + struct.pack("<I", 0xFFFFFFFF),
    b"l\1\0\0\0" * 5000 + b"N",
    b"a" + struct.pack("<BB2Q", 12, 2, 0, 1 << 62) + b"B",
    b"a" + struct.pack("<BB1Q", 12, 1, 1 << 40) + b"B" + b"x" * 8,
    b"a\xff\1",
    b"R" + struct.pack("<QBIH", 1, 4, 0, 0),
    b"D" + struct.pack("<I", 300) + b"".join(
        b"I" + struct.pack("<I", 32) + (((1 << 61) - 1) * (k + 1) << 100).to_bytes(32, "little") + b"N"
        for k in range(300)
    ),
    b"k\0\1\1",
    b"?",
    b"",
]
original, calls = channel.Channel.send, [0]


def send(self, kind, body=b"", descriptors=(), request=0):
    if calls[0] and kind == 2:
        body = bodies[calls[0] % len(bodies)]
        calls[0] += 1
    return original(self, kind, body, descriptors, request)


channel.Channel.send = send


def mean(values):
    calls[0] = calls[0] or len(values)
    return 0.0


def largest(values):
    calls[0] = calls[0] or len(values) + 1
    return 0.0
"""
