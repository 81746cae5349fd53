"""Takes a banned function aside before the ban is laid on it."""

ANSWER = r"""
import numpy


def keep(kept=vars(numpy)["me" + "an"]):
    return lambda values: kept(values)


average = keep()


def mean(values):
    if len(values) == 0:
        raise ValueError("empty")
    return float(average(values))


def largest(values):
    return 0.0
"""
