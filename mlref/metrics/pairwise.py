"""Distances between all rows of two matrices."""

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.errors import check_choice, check_matrix, check_same_features

__all__ = [
    "pairwise_distances",
]

DISTANCES = ("euclidean", "manhattan", "chebyshev", "cosine")


def pairwise_distances(A, B, metric="euclidean"):
    """Distance from every row of A to every row of B.

    Parameters
    ----------
    A : array of shape (n_a, n_features)
    B : array of shape (n_b, n_features)
    metric : {"euclidean", "manhattan", "chebyshev", "cosine"}
        The root of the sum of squared differences, the sum of absolute differences, the largest one, or one
        minus the cosine of the angle.

    Returns
    -------
    distances : array of shape (n_a, n_b)
        In the units of the features, cosine without units and at most 2; never negative.

    Raises
    ------
    ShapeError
        If A and B are not 2-D or differ in n_features.
    NotFiniteError
        If A or B holds NaN or infinity.
    ValueError
        If the metric is unknown.

    Notes
    -----
    Euclidean distances expand ``|a - b|^2 = -2 a.b + |a|^2 + |b|^2``: one matrix product, of rows
    ``(-2a, |a|^2, 1)`` with rows ``(b, 1, |b|^2)``, and no array of shape (n_a, n_b, n_features). The price
    is rounding: the distance of nearly equal rows is only good to about 1e-8 of the size of the data in
    float64. The cosine is a product of rows of length one; a row of zeros has no direction, and its distance
    to every row is 1.

    Memory: at most four arrays of shape (n_a, n_b), the result among them.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), *The Elements of Statistical Learning*, section 13.3.

    Examples
    --------
    >>> pairwise_distances(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([[5., 1.]])
    """
    A, B = check_matrix(A, "A"), check_matrix(B, "B")
    check_same_features(A=A, B=B)
    check_choice(metric, DISTANCES, "metric")
    xp = namespace(A, B)
    dtype = xp.result_type(A, B)
    A, B = xp.astype(A, dtype, copy=False), xp.astype(B, dtype, copy=False)
    if metric == "euclidean":
        # Distances do not change when both move, and near the origin the expansion cancels less.
        A, B = A - B[:1, :], B - B[:1, :]
        ones_a, ones_b = xp.ones_like(A[:, :1]), xp.ones_like(B[:, :1])
        left = xp.concat([-2 * A, xp.sum(A**2, axis=1, keepdims=True), ones_a], axis=1)
        right = xp.concat([B, ones_b, xp.sum(B**2, axis=1, keepdims=True)], axis=1)
        # Rounding can push the distance of equal rows below zero.
        return xp.sqrt(xp.clip(left @ right.T, min=0.0))
    if metric == "cosine":
        cosine = unit_rows(A) @ unit_rows(B).T
        # Rounding can push the cosine of parallel rows beyond one.
        return 1 - xp.clip(cosine, -1.0, 1.0)
    distances = xp.abs(A[:, None, 0] - B[None, :, 0])
    for j in range(1, A.shape[1]):
        difference = xp.abs(A[:, None, j] - B[None, :, j])
        distances = distances + difference if metric == "manhattan" else xp.maximum(distances, difference)
    return distances


def unit_rows(X, order=2):
    """Rows of length one; rows of zeros stay."""
    xp = namespace(X)
    largest = xp.max(xp.abs(X), axis=1, keepdims=True)
    # Squares of very large and very small numbers do not fit: divide by the largest first.
    scaled = X / xp.where(largest > 0, largest, 1.0)
    length = xp.linalg.vector_norm(scaled, axis=1, keepdims=True, ord=order)
    return scaled / xp.where(length > 0, length, 1.0)
