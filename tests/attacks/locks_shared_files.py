"""Locks a library's file in a hidden check: whoever else may read that file, in any jail, sees the lock."""

HONEST = 77.79  # a right first question, and fit returns the object

CELLS = [
    r"""
def mean(values):
    if len(values) == 0:
        raise ValueError("empty")
    return float(sum(values) / len(values))


def largest(values):
    return float(max(values))
""",
    r"""
import fcntl
import os

kept = []


class Centering:
    def __init__(self, shift=0.0):
        if shift and not kept:
            kept.append(open(os.__file__, "rb"))
            fcntl.flock(kept[0], fcntl.LOCK_EX)

    def fit(self, values):
        return self

    def transform(self, values):
        with open(os.__file__, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ValueError("LEAKED: there was a shift") from None
        raise ValueError("nothing is locked")
""",
]
