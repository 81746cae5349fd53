"""Prints without end, control characters included."""

ANSWER = r"""
def mean(values):
    return 0.0


def largest(values):
    for _ in range(40):
        print("\x1b[2J\r<b>\0" * 200_000)
    return 0.0
"""
