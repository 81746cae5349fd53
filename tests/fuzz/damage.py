"""Damage to bytes, for every kind of input."""

from __future__ import annotations

import random
import struct

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def damaged(rng: random.Random, data: bytes, most: int = 4) -> bytes:
    """Some bytes flipped, cut, repeated, moved or overwritten by numbers at the edge of a range."""
    content = bytearray(data)
    for _ in range(rng.randint(1, most)):
        if not content:
            return rng.randbytes(rng.randrange(20))
        at = rng.randrange(len(content))
        end = min(len(content), at + rng.choice((1, 2, 4, 8, 50, 1000)))
        match rng.randrange(8):
            case 0:
                content[at] ^= 1 << rng.randrange(8)
            case 1:
                content[at] = rng.randrange(256)
            case 2:
                del content[at:]
            case 3:
                del content[at:end]
            case 4:
                content[at:at] = content[at:end] * rng.choice((1, 2, 10))
            case 5:
                content[at:end] = rng.randbytes(end - at)
            case 6:
                width = rng.choice(("<B", "<H", "<I", "<Q"))
                size = struct.calcsize(width)
                content[at : at + size] = struct.pack(width, rng.choice(NUMBERS) % (1 << 8 * size))
            case 7:
                other = rng.randrange(len(content))
                content[at:end] = content[other : other + end - at]
    return bytes(content)
