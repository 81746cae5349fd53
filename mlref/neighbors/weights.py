"""Kernel weights: the nearer a neighbour, the more it counts."""

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.errors import check_matrix, check_positive

__all__ = ["epanechnikov_weights", "gaussian_weights", "triangular_weights"]

WEIGHTS = ("uniform", "distance", "gaussian", "triangular", "epanechnikov")


def gaussian_weights(distances, bandwidth):
    """Weights of neighbours that fall with distance like a normal density.

    The kernel value of a neighbour at distance d is ``exp(-d^2 / (2 bandwidth^2))``; each row is divided by
    its sum. A row far from all its neighbours is as valid as any other: its weights are finite and sum to
    one.

    Parameters
    ----------
    distances : array of shape (n_queries, n_neighbors)
        Distances from each query to its neighbours, none negative, in any order.
    bandwidth : float
        Standard deviation of the kernel, in the units of distances; positive.

    Returns
    -------
    weights : array of shape (n_queries, n_neighbors)
        Never negative; each row sums to one.

    Raises
    ------
    ShapeError
        If distances is not 2-D or is empty.
    NotFiniteError
        If distances holds NaN or infinity.
    ValueError
        If a distance is negative, or bandwidth is not positive and finite.

    Notes
    -----
    Far away every kernel value underflows to zero, and zero over zero is no weight. Adding the same number
    to all exponents of a row multiplies its kernel values by one factor, which the division takes out again:
    so the largest exponent is moved to zero.

    Examples
    --------
    >>> gaussian_weights(np.array([[0.0, 1.0], [50.0, 51.0]]), 1.0).round(4)
    array([[0.6225, 0.3775],
           [1.    , 0.    ]])
    """
    distances = _checked_distances(distances, bandwidth)
    xp = namespace(distances)
    exponents = -0.5 * (distances / bandwidth) ** 2
    kernel = xp.exp(exponents - xp.max(exponents, axis=1, keepdims=True))
    return kernel / xp.sum(kernel, axis=1, keepdims=True)


def triangular_weights(distances, bandwidth):
    """Weights of neighbours that fall linearly with distance and end at the bandwidth.

    The kernel value of a neighbour at distance d is ``max(0, 1 - d / bandwidth)``; each row is divided by
    its sum. In a row where every kernel value is zero, the neighbours at the row's smallest distance share
    the weight equally and the others get none.

    Parameters
    ----------
    distances : array of shape (n_queries, n_neighbors)
        Distances from each query to its neighbours, none negative, in any order.
    bandwidth : float
        Distance from which on the kernel is zero, in the units of distances; positive.

    Returns
    -------
    weights : array of shape (n_queries, n_neighbors)
        Never negative; each row sums to one.

    Raises
    ------
    ShapeError
        If distances is not 2-D or is empty.
    NotFiniteError
        If distances holds NaN or infinity.
    ValueError
        If a distance is negative, or bandwidth is not positive and finite.

    Examples
    --------
    >>> triangular_weights(np.array([[0.0, 0.5], [3.0, 2.0]]), 1.0).round(4)
    array([[0.6667, 0.3333],
           [0.    , 1.    ]])
    """
    distances = _checked_distances(distances, bandwidth)
    xp = namespace(distances)
    kernel = 1 - distances / bandwidth
    kernel = xp.maximum(kernel, xp.zeros_like(kernel))
    nearest = xp.astype(distances == xp.min(distances, axis=1, keepdims=True), kernel.dtype)
    kernel = xp.where(xp.any(kernel > 0, axis=1, keepdims=True), kernel, nearest)
    return kernel / xp.sum(kernel, axis=1, keepdims=True)


def epanechnikov_weights(distances, bandwidth):
    """Weights of neighbours that fall with the square of the distance and end at the bandwidth.

    The kernel value of a neighbour at distance d is ``max(0, 1 - (d / bandwidth)^2)``; each row is divided
    by its sum. In a row where every kernel value is zero, the neighbours at the row's smallest distance
    share the weight equally and the others get none.

    Parameters
    ----------
    distances : array of shape (n_queries, n_neighbors)
        Distances from each query to its neighbours, none negative, in any order.
    bandwidth : float
        Distance from which on the kernel is zero, in the units of distances; positive.

    Returns
    -------
    weights : array of shape (n_queries, n_neighbors)
        Never negative; each row sums to one.

    Raises
    ------
    ShapeError
        If distances is not 2-D or is empty.
    NotFiniteError
        If distances holds NaN or infinity.
    ValueError
        If a distance is negative, or bandwidth is not positive and finite.

    Examples
    --------
    >>> epanechnikov_weights(np.array([[0.0, 0.5], [3.0, 2.0]]), 1.0).round(4)
    array([[0.5714, 0.4286],
           [0.    , 1.    ]])
    """
    distances = _checked_distances(distances, bandwidth)
    xp = namespace(distances)
    kernel = 1 - (distances / bandwidth) ** 2
    kernel = xp.maximum(kernel, xp.zeros_like(kernel))
    nearest = xp.astype(distances == xp.min(distances, axis=1, keepdims=True), kernel.dtype)
    kernel = xp.where(xp.any(kernel > 0, axis=1, keepdims=True), kernel, nearest)
    return kernel / xp.sum(kernel, axis=1, keepdims=True)


def neighbor_weights(distances, weights, bandwidth):
    """Weights by the name that the estimators take; each row sums to one."""
    xp = namespace(distances)
    if weights == "gaussian":
        return gaussian_weights(distances, bandwidth)
    if weights == "triangular":
        return triangular_weights(distances, bandwidth)
    if weights == "epanechnikov":
        return epanechnikov_weights(distances, bandwidth)
    kernel = xp.ones_like(distances)
    if weights == "distance":
        closest = xp.min(distances, axis=1, keepdims=True)
        at_zero = xp.astype(distances == 0, distances.dtype)
        # In units of the closest, because one over a tiny distance overflows.
        inverse = closest / xp.where(distances > 0, distances, xp.ones_like(distances))
        kernel = xp.where(closest > 0, inverse, at_zero)
    return kernel / xp.sum(kernel, axis=1, keepdims=True)


def _checked_distances(distances, bandwidth):
    """Distances as a matrix of floats, none negative, after a look at the bandwidth."""
    distances = check_matrix(distances, "distances")
    check_positive(bandwidth, "bandwidth")
    xp = namespace(distances)
    if bool(xp.any(distances < 0)):
        raise ValueError("distances has negative entries; pass absolute distances")
    return distances
