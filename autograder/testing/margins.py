"""How close comparisons come to their limits: kept while `certify` looks, and nowhere else.

A limit is good if right answers stay far below it and mistakes far above. Nothing of this is copied to
students, and a comparison that nobody measures runs no line of this file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.testing import assertions, gradients
from autograder.testing.comparison import CheckFailed, _compare, _is_number

__all__ = ["Margins", "error_over_limit", "measured_margins"]


class Margins:
    """The largest error of the comparisons so far, in units of its limit.

    Attributes
    ----------
    largest : float or None
        Above 1 where a comparison failed, infinite where no limit would have helped; None where nothing
        was compared with a limit.
    """

    def __init__(self) -> None:
        self.largest: float | None = None

    def add(self, ratio: float | None) -> None:
        """Take one more comparison into account; None says that it was exact and passed."""
        if ratio is not None:
            self.largest = ratio if self.largest is None else max(self.largest, ratio)


@contextmanager
def measured_margins() -> Iterator[Margins]:
    """Measure the comparisons of `assert_close`, `assert_equal` and `check_gradient` in this process.

    Yields
    ------
    Margins
        To be read at any time.
    """
    found = Margins()
    report = gradients._report

    def measured_compare(actual: Any, expected: Any, what: str, rtol: float, atol: float) -> None:
        found.add(error_over_limit(actual, expected, rtol=rtol, atol=atol))
        _compare(actual, expected, what, rtol, atol)

    def measured_report(*args: Any, **kwargs: Any) -> Any:
        given = report(*args, **kwargs)
        if given.verdict != "inconclusive":
            found.add(given.used)
        return given

    # why: a parameter or a listener in `assertions` would be copied into the checks that students get.
    vars(assertions)["_compare"], vars(gradients)["_report"] = measured_compare, measured_report
    try:
        yield found
    finally:
        vars(assertions)["_compare"], vars(gradients)["_report"] = _compare, report


def error_over_limit(actual: Any, expected: Any, *, rtol: float, atol: float) -> float | None:
    """The largest error in units of what `assert_close` allows there.

    Parameters
    ----------
    actual, expected : object
        As for `assert_close`.
    rtol, atol : float
        Its tolerances.

    Returns
    -------
    float or None
        At most 1 where the comparison passes; infinite where it fails for any limit, such as for another
        shape or a wrong integer; None where it passes and there is no limit.

    Examples
    --------
    >>> error_over_limit(1.5, 1.0, rtol=0.0, atol=1.0)
    0.5
    >>> error_over_limit(3, 3, rtol=0.0, atol=1.0) is None
    True
    """
    try:
        # With a limit that nothing exceeds, whatever still fails is no matter of limits.
        _compare(actual, expected, "", 0.0, math.inf)
    except CheckFailed:
        return math.inf
    return max(_ratios(actual, expected, rtol, atol), default=None)


def _ratios(actual: Any, expected: Any, rtol: float, atol: float) -> Iterator[float]:
    """The largest ratio of each array or number that has a limit; all have the right form."""
    if type(expected) in (tuple, list, dict):
        for key in expected if type(expected) is dict else range(len(expected)):
            yield from _ratios(actual[key], expected[key], rtol, atol)
    elif type(expected) is np.ndarray or _is_number(expected):
        wanted = np.asarray(expected)
        got = np.asarray(actual, dtype=None if type(actual) is np.ndarray else wanted.dtype)
        if wanted.dtype.kind in "fc":
            with np.errstate(all="ignore"):
                error, limit = np.abs(got - wanted), atol + rtol * np.abs(wanted)
                ratio = np.where(np.isfinite(wanted) & (error > 0), error / limit, 0.0)
            largest = float(np.max(ratio, initial=0.0))
            # Without any limit a comparison is exact: equal, or as wrong as can be.
            if rtol != 0 or atol != 0 or largest:
                yield largest
