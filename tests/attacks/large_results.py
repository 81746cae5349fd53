"""Returns what is too large or has no end."""

ANSWER = r"""
import numpy as np


def mean(values):
    if len(values) == 3:
        return [0] * 3_000_000
    if len(values) == 4:
        endless = []
        endless.append(endless)
        return endless
    return np.zeros(40_000_000)


def largest(values):
    return "x" * 20_000_000 if len(values) == 3 else np.zeros(10_000_000)
"""
