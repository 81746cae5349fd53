"""Claims about what was drawn: how far off is too far follows from how often a right answer may fail.

A limit on a statistic is never chosen by eye: the claim is told the largest chance of failing a right
answer, and derives its limit from an inequality that holds for every number of draws. A check that uses
one is marked with `stochastic`, and `certify` adds up what its claims spend.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.testing.assertions import assert_dtype, assert_finite
from autograder.testing.comparison import CheckFailed

__all__ = ["Spent", "assert_mean", "assert_rate", "spent_chance"]

# Ten claims fit into the chance that a check has.
FALSE_FAIL = 1e-7


class Spent:
    """What the claims of a check may cost a right answer.

    Attributes
    ----------
    false_fail : float
        The sum of their chances to fail; no dependence between them makes it larger.
    """

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.false_fail = 0.0


_watching: list[Spent] = []


@contextmanager
def spent_chance(factor: float = 1.0) -> Iterator[Spent]:
    """Add up the chances of the claims made meanwhile; for `certify`.

    Parameters
    ----------
    factor : float
        Multiplies the chance of each claim, so that failures become frequent enough to be counted.

    Yields
    ------
    Spent
    """
    spent = Spent(factor)
    _watching.append(spent)
    try:
        yield spent
    finally:
        _watching.pop()


def _spend(false_fail: float) -> float:
    """Note a claim; return the chance to derive its limit from."""
    if not 0 < false_fail < 1:
        raise ValueError(f"false_fail: expected a probability above 0 and below 1, got {false_fail!r}")
    for spent in _watching:
        spent.false_fail += false_fail
        false_fail = min(false_fail * spent.factor, 0.5)
    return false_fail


def assert_rate(
    hits: Any, trials: int, rate: float, *, false_fail: float = FALSE_FAIL, what: str = "your rate"
) -> None:
    """Claim that so many independent draws are hits as there should be.

    Parameters
    ----------
    hits : int
        Draws that are hits, counted by the suite.
    trials : int
        All draws; each is a hit independently of the others.
    rate : float
        The right chance of a hit, from 0 to 1.
    false_fail : float
        How often this may fail an answer whose chance of a hit is `rate`.
    what : str
        How the message names it.

    Raises
    ------
    CheckFailed
        With category value.

    Notes
    -----
    The count is binomial. Each tail gets half of `false_fail`: the claim fails where the exact probability
    of a count as low, or of one as high, is below that half. As the values whose tail is below q have
    themselves a probability of q at most, a right answer fails with at most `false_fail`.

    Examples
    --------
    >>> assert_rate(507, 1000, 0.5)
    >>> assert_rate(620, 1000, 0.5)
    Traceback (most recent call last):
    ...
    autograder.testing.comparison.CheckFailed: your rate: expected about 0.5, got 620 of 1000
    """
    from scipy.special import bdtr, bdtrc  # type: ignore[import-untyped]

    if trials < 1 or not 0 <= rate <= 1:
        raise ValueError(f"expected trials of 1 or more and a rate from 0 to 1, got {trials!r}, {rate!r}")
    half = _spend(false_fail) / 2
    hits = int(hits)
    lower = float(bdtr(hits, trials, rate))
    upper = float(bdtrc(hits - 1, trials, rate)) if hits > 0 else 1.0
    if min(lower, upper) < half:
        raise CheckFailed(f"{what}: expected about {rate:.6g}, got {hits} of {trials}", "value")


def assert_mean(
    values: Any,
    expected: float,
    *,
    low: float,
    high: float,
    false_fail: float = FALSE_FAIL,
    what: str = "the mean of your values",
) -> None:
    """Claim that independent draws have the right mean.

    Parameters
    ----------
    values : array of float
        The draws.
    expected : float
        Their right mean.
    low, high : float
        Where right draws lie. For draws without ends hand in their ranks, by the right distribution
        function: these lie between 0 and 1 and have the mean 0.5.
    false_fail : float
        How often this may fail draws that are right.
    what : str
        How the message names it.

    Raises
    ------
    CheckFailed
        With category value, for a mean that is too far off and for a draw outside the ends.

    Notes
    -----
    Hoeffding's inequality for n independent draws between `low` and `high`: the mean is off by t or more
    with a probability of at most ``2 exp(-2 n t**2 / (high - low)**2)``. Solved for t that is the limit.

    Examples
    --------
    >>> assert_mean(np.linspace(0.0, 1.0, 1001), 0.5, low=0.0, high=1.0)
    """
    assert_dtype(values, "float", what=what)
    assert_finite(values, what=what)
    if values.size == 0 or not high > low:
        raise ValueError("expected draws, and low below high")
    limit = (high - low) * math.sqrt(math.log(2 / _spend(false_fail)) / (2 * values.size))
    if np.any(values < low) or np.any(values > high):
        raise CheckFailed(f"{what}: expected values from {low:.6g} to {high:.6g}", "value")
    mean = float(np.mean(values))
    if abs(mean - expected) > limit:
        raise CheckFailed(f"{what}: expected about {expected:.6g}, got {mean:.6g}", "value")
