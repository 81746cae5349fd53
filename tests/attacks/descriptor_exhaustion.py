"""Uses up descriptors and leaves none for the answer."""

ANSWER = r"""
import os
import tempfile

import numpy as np

kept = []


def mean(values):
    try:
        while True:
            kept.append(os.dup(0))
    except OSError:
        return np.zeros(1_000_000)


def largest(values):
    try:
        for number in range(1_000_000):
            os.mkdir(f"folder{number}")
    except OSError:
        return 0.0
"""
