"""Returns what is a number and none: nan, long doubles, masks, matrices and empty shapes."""

ANSWER = r"""
import numpy as np

STRANGE = [
    float("nan"),
    float("inf"),
    -0.0,
    np.longdouble(3),
    np.ma.masked,
    np.ma.array([3.0], mask=[True]),
    np.array(3.0),
    np.array([3.0], dtype=object),
    np.float16(3),
    np.datetime64("NaT"),
    10**4000,
    True,
    np.zeros((0, 3))[::-1],
    np.broadcast_to(np.nan, (1 << 20,)),
    [[]],
    type,
    Ellipsis,
]
number = [0]


def strange(values):
    number[0] += 1
    return STRANGE[(number[0] + len(values)) % len(STRANGE)]


def mean(values):
    return strange(values)


def largest(values):
    return strange(values)
"""
