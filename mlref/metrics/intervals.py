"""Confidence intervals of a mean."""

import math
from statistics import NormalDist

import numpy as np

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_choice, check_count, check_vector

__all__ = [
    "mean_confidence_interval",
    "t_quantile",
]


def mean_confidence_interval(values, level=0.95, method="normal"):
    """Mean of a sample and the half-width of a confidence interval for the population's mean.

    The half-width is a quantile times the standard error ``s / sqrt(n)``, where ``s`` is the sample's
    standard deviation with ``n - 1`` in the denominator. The quantile leaves ``(1 - level) / 2`` on each
    side, of the standard normal distribution or of Student's t with ``n - 1`` degrees of freedom.

    Parameters
    ----------
    values : array of shape (n,)
        Independent observations, at least two.
    level : float
        Share of such intervals that hold the population's mean, between 0 and 1.
    method : {"normal", "t"}
        "normal" is right for large n only; "t" is exact for normal values.

    Returns
    -------
    mean : float
    half_width : float
        The interval is ``mean - half_width`` to ``mean + half_width``.

    Raises
    ------
    ShapeError
        If values is not 1-D, or has fewer than two entries.
    NotFiniteError
        If values holds NaN or infinity.
    ValueError
        If level is not strictly between 0 and 1, or method is unknown.

    Examples
    --------
    >>> mean, half_width = mean_confidence_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    >>> print(f"{mean} +- {half_width:.4f}")
    2.5 +- 1.2652
    """
    values = check_vector(values, "values")
    check_choice(method, ("normal", "t"), "method")
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; it must lie strictly between 0 and 1, such as 0.95")
    n = values.shape[0]
    if n < 2:
        raise ShapeError("values has 1 entry; the spread of a sample needs at least 2")
    xp = namespace(values)
    mean = float(xp.mean(values))
    standard_error = float(xp.std(values, correction=1)) / math.sqrt(n)
    probability = (1 + level) / 2
    quantile = NormalDist().inv_cdf(probability) if method == "normal" else t_quantile(probability, n - 1)
    return mean, quantile * standard_error


def t_quantile(probability, degrees_of_freedom):
    """Quantile of Student's t distribution with a whole number of degrees of freedom.

    Parameters
    ----------
    probability : float
        Between 0 and 1: how much of the distribution lies below the quantile.
    degrees_of_freedom : int
        At least 1.

    Returns
    -------
    quantile : float

    Raises
    ------
    ValueError
        If probability is not strictly between 0 and 1, or degrees_of_freedom is not a whole number above 0.

    Notes
    -----
    With ``theta = atan(t / sqrt(df))`` the distribution function is a finite sum of powers of ``cos(theta)``.
    It is inverted by bisection on ``theta``.

    References
    ----------
    Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 26.7.3 and 26.7.4.

    Examples
    --------
    >>> round(t_quantile(0.975, 9), 3)
    2.262
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability is {probability!r}; it must lie strictly between 0 and 1")
    check_count(degrees_of_freedom, "degrees_of_freedom")
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees_of_freedom)
    low, high = 0.0, math.pi / 2
    # 60 halvings exhaust the precision of a double.
    for _ in range(60):
        theta = (low + high) / 2
        if _central_t_probability(theta, degrees_of_freedom) < 2 * probability - 1:
            low = theta
        else:
            high = theta
    return math.sqrt(degrees_of_freedom) * math.tan((low + high) / 2)


def _central_t_probability(theta, degrees_of_freedom):
    """Probability of a t between -sqrt(df) tan(theta) and sqrt(df) tan(theta)."""
    odd = degrees_of_freedom % 2
    # Each term is the one before times cos^2 times 1/2, 3/4, 5/6 ... (even) or 2/3, 4/5 ... (odd).
    steps = np.arange(1 + odd, degrees_of_freedom - 1, 2)
    terms = np.cumprod(math.cos(theta) ** 2 * steps / (steps + 1))
    series = 1 + float(np.sum(terms))
    if not odd:
        return math.sin(theta) * series
    if degrees_of_freedom == 1:
        return 2 / math.pi * theta
    return 2 / math.pi * (theta + math.sin(theta) * math.cos(theta) * series)
