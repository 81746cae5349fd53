"""Takes more memory than there is for it."""

ANSWER = r"""
def mean(values):
    return 0.0


def largest(values):
    kept = [bytearray(1 << 28) for _ in range(40)]
    return 0.0
"""
