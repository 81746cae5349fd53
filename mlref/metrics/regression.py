"""Errors of a regression.

Signs and orders follow scikit-learn: the true values come first, and an error is what was predicted minus
what is true.
"""

import math

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.errors import check_same_length, check_vector

__all__ = [
    "mean_absolute_error",
    "mean_error",
    "mean_squared_error",
    "r2_score",
    "root_mean_squared_error",
]


def mean_error(y_true, y_pred, sample_weight=None):
    """Mean of ``y_pred - y_true``: positive where the predictions are too large on average.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True values.
    y_pred : array of shape (n_samples,)
        Predicted values, in the same order.
    sample_weight : array of shape (n_samples,), optional
        Non-negative weight of each sample; only their ratios matter. All equal by default.

    Returns
    -------
    error : float
        In the units of y.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    NotFiniteError
        If an argument holds NaN or infinity.
    ValueError
        If a weight is negative or all are zero.

    Examples
    --------
    >>> mean_error(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    1.5
    """
    y_true, y_pred, weights = _checked(y_true, y_pred, sample_weight)
    xp = namespace(y_true, y_pred, weights)
    return float(xp.sum(weights * (y_pred - y_true)) / xp.sum(weights))


def mean_squared_error(y_true, y_pred, sample_weight=None):
    """Mean of the squared errors.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True values.
    y_pred : array of shape (n_samples,)
        Predicted values, in the same order.
    sample_weight : array of shape (n_samples,), optional
        Non-negative weight of each sample; only their ratios matter. All equal by default.

    Returns
    -------
    error : float
        In squared units of y; never negative.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    NotFiniteError
        If an argument holds NaN or infinity.
    ValueError
        If a weight is negative or all are zero.

    Examples
    --------
    >>> mean_squared_error(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    2.5
    """
    y_true, y_pred, weights = _checked(y_true, y_pred, sample_weight)
    xp = namespace(y_true, y_pred, weights)
    return float(xp.sum(weights * (y_pred - y_true) ** 2) / xp.sum(weights))


def root_mean_squared_error(y_true, y_pred, sample_weight=None):
    """Square root of the mean squared error.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True values.
    y_pred : array of shape (n_samples,)
        Predicted values, in the same order.
    sample_weight : array of shape (n_samples,), optional
        Non-negative weight of each sample; only their ratios matter. All equal by default.

    Returns
    -------
    error : float
        In the units of y; never negative.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    NotFiniteError
        If an argument holds NaN or infinity.
    ValueError
        If a weight is negative or all are zero.

    Examples
    --------
    >>> root_mean_squared_error(np.array([0.0, 0.0]), np.array([1.0, 7.0]))
    5.0
    """
    # The root of the mean, not the mean of the roots: that would be the mean absolute error.
    return math.sqrt(mean_squared_error(y_true, y_pred, sample_weight))


def mean_absolute_error(y_true, y_pred, sample_weight=None):
    """Mean of the absolute errors.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True values.
    y_pred : array of shape (n_samples,)
        Predicted values, in the same order.
    sample_weight : array of shape (n_samples,), optional
        Non-negative weight of each sample; only their ratios matter. All equal by default.

    Returns
    -------
    error : float
        In the units of y; never negative.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    NotFiniteError
        If an argument holds NaN or infinity.
    ValueError
        If a weight is negative or all are zero.

    Examples
    --------
    >>> mean_absolute_error(np.array([1.0, 2.0]), np.array([2.0, 0.0]))
    1.5
    """
    y_true, y_pred, weights = _checked(y_true, y_pred, sample_weight)
    xp = namespace(y_true, y_pred, weights)
    return float(xp.sum(weights * xp.abs(y_pred - y_true)) / xp.sum(weights))


def r2_score(y_true, y_pred, sample_weight=None):
    """Share of the variance of the true values that the predictions explain.

    One minus the sum of squared errors over the sum of squared deviations of ``y_true`` from its mean. It
    is 1 for perfect predictions, 0 for predicting the mean of ``y_true`` everywhere, and has no lower
    bound. Where ``y_true`` is constant it is 1.0 if every prediction is exact and 0.0 otherwise.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        True values.
    y_pred : array of shape (n_samples,)
        Predicted values, in the same order.
    sample_weight : array of shape (n_samples,), optional
        Non-negative weight of each sample, also in the mean; only their ratios matter. All equal by
        default.

    Returns
    -------
    score : float
        At most 1, without units.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, is empty, or their lengths differ.
    NotFiniteError
        If an argument holds NaN or infinity.
    ValueError
        If a weight is negative or all are zero.

    Examples
    --------
    >>> r2_score(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    y_true, y_pred, weights = _checked(y_true, y_pred, sample_weight)
    xp = namespace(y_true, y_pred, weights)
    unexplained = float(xp.sum(weights * (y_pred - y_true) ** 2))
    counted = y_true[weights > 0]
    # Compared exactly: the deviations of a constant from its rounded mean need not be zero.
    if bool(xp.all(counted == counted[0])):
        return 1.0 if unexplained == 0 else 0.0
    mean = xp.sum(weights * y_true) / xp.sum(weights)
    return 1 - unexplained / float(xp.sum(weights * (y_true - mean) ** 2))


def _checked(y_true, y_pred, sample_weight):
    """True values, predictions and weights, of one length and allowed."""
    y_true = check_vector(y_true, "y_true")
    y_pred = check_vector(y_pred, "y_pred")
    check_same_length(y_true=y_true, y_pred=y_pred)
    xp = namespace(y_true, y_pred, sample_weight)
    if sample_weight is None:
        sample_weight = xp.ones_like(y_true)
    weights = check_vector(sample_weight, "sample_weight")
    check_same_length(y_true=y_true, sample_weight=weights)
    if bool(xp.any(weights < 0)) or not bool(xp.any(weights > 0)):
        raise ValueError("sample_weight must not be negative, and at least one weight must be positive")
    return y_true, y_pred, weights
