"""The chance of a check: the same numbers at the student's home and when grading."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["check_rng"]


def check_rng(seed: int, check_name: str) -> np.random.Generator:
    """Return the generator that a check gets as ``rng``.

    Parameters
    ----------
    seed : int
        One number per question. That of the public checks is shipped to students, so hidden
        checks must get another one that cannot be derived from it.
    check_name : str
        Name of the test function: each check draws from a stream of its own.

    Returns
    -------
    numpy.random.Generator
        Freshly seeded.

    Examples
    --------
    >>> check_rng(7, "test_mean").integers(100) == check_rng(7, "test_mean").integers(100)
    np.True_
    """
    word = int.from_bytes(hashlib.sha256(check_name.encode("utf-8")).digest()[:8], "big")
    return np.random.default_rng([seed, word])
