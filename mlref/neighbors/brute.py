"""The nearest points of every query, found by comparing it with every point."""

import numpy as np

from mlref.arrays import namespace, smallest
from mlref.errors import check_choice, check_count, check_matrix, check_same_features
from mlref.metrics.pairwise import pairwise_distances

__all__ = ["nearest_neighbors", "nearest_neighbors_simple"]

METRICS = ("euclidean", "manhattan", "chebyshev")
# Points beyond k whose distances are computed too: bounds a little off then seldom need a second look.
N_SPARE = 4


def nearest_neighbors(queries, points, n_neighbors, metric="euclidean"):
    """The nearest points of every query, found by comparing it with every point.

    Parameters
    ----------
    queries : array of shape (n_queries, n_features)
    points : array of shape (n_points, n_features)
    n_neighbors : int
        From 1 to n_points.
    metric : {"euclidean", "manhattan", "chebyshev"}

    Returns
    -------
    distances : array of shape (n_queries, n_neighbors)
        Ascending in each row.
    indices : array of shape (n_queries, n_neighbors)
        Row numbers in points; of two at the same distance the smaller comes first.

    Raises
    ------
    ShapeError
        If the arrays are not 2-D or differ in n_features.
    NotFiniteError
        If an array holds NaN or infinity.
    ValueError
        If n_neighbors is not from 1 to n_points, or the metric is unknown.

    Notes
    -----
    Filter and refine. One matrix product gives a lower bound of every distance: ``|p|^2 - 2 q.p`` ranks the
    points p of a query q as ``|q - p|^2`` does, and single precision, less its rounding error, is enough. The
    distances themselves are computed for a few points more than asked for. A point whose bound lies above
    the k-th of them cannot be among the k nearest; where one that was left out could be, the query is
    looked at again. Peak memory: copies of queries and points, and a block of bounds that is no larger than
    the points, or has a million entries.

    Examples
    --------
    >>> nearest_neighbors(np.array([[0.0]]), np.array([[2.0], [-1.0], [1.0]]), 2)
    (array([[1., 1.]]), array([[1, 2]]))
    """
    queries, points = check_matrix(queries, "queries"), check_matrix(points, "points")
    check_same_features(queries=queries, points=points)
    check_count(n_neighbors, "n_neighbors", maximum=points.shape[0])
    check_choice(metric, METRICS, "metric")
    xp = namespace(queries, points)
    dtype = xp.result_type(queries, points)
    queries, points = xp.astype(queries, dtype, copy=False), xp.astype(points, dtype, copy=False)
    precision = xp.float32 if metric == "euclidean" else dtype
    distances, indices, is_sure = _search(queries, points, n_neighbors, metric, precision)
    if precision != dtype and not bool(xp.all(is_sure)):
        rows = xp.nonzero(~is_sure)[0]
        again = _search(xp.take(queries, rows, axis=0), points, n_neighbors, metric, dtype)
        for new, row in enumerate(map(int, rows)):
            distances[row, :], indices[row, :] = again[0][new, :], again[1][new, :]
    return distances, indices


def nearest_neighbors_simple(queries, points, n_neighbors, metric="euclidean"):
    """The same as `nearest_neighbors`, one distance at a time; numpy only.

    Parameters
    ----------
    queries : array of shape (n_queries, n_features)
    points : array of shape (n_points, n_features)
    n_neighbors : int
        From 1 to n_points.
    metric : {"euclidean", "manhattan", "chebyshev"}

    Returns
    -------
    distances : array of shape (n_queries, n_neighbors)
    indices : array of shape (n_queries, n_neighbors)

    Examples
    --------
    >>> nearest_neighbors_simple(np.array([[0.0]]), np.array([[2.0], [-1.0], [1.0]]), 2)
    (array([[1., 1.]]), array([[1, 2]]))
    """
    queries, points = check_matrix(queries, "queries"), check_matrix(points, "points")
    check_same_features(queries=queries, points=points)
    nearest = []
    for query in queries:
        by_distance = sorted((float(_norm(query - point, metric)), i) for i, point in enumerate(points))
        nearest.append(by_distance[:n_neighbors])
    distances = np.array([[distance for distance, _ in row] for row in nearest])
    return distances, np.array([[i for _, i in row] for row in nearest])


def _search(queries, points, k, metric, precision):
    """Distances, indices and whether they are sure; by bounds of the data's own precision, all are."""
    xp = namespace(queries)
    n_points, n_features = points.shape
    n_candidates = min(k + N_SPARE, n_points)
    # More than rounding moves a distance, or a bound below it.
    error = (n_features + 8) * xp.finfo(precision).eps
    if metric == "euclidean":
        left, right, unit = _factors(queries, points, precision, error)
    found = []
    # A million bounds stay in the processor's cache; a matrix product over many features wants more rows.
    rows = max(2**20 // n_points, min(n_features, 256))
    # The candidates' features are the other large array.
    rows = max(1, min(rows, 2**22 // (n_candidates * n_features)))
    for start in range(0, queries.shape[0], rows):
        stop = min(start + rows, queries.shape[0])
        block = queries[start:stop, :]
        if metric == "euclidean":
            bounds = left[start:stop, :] @ right
        else:
            bounds = pairwise_distances(block, points, metric)
        candidates = _smallest(bounds, n_candidates)
        distances, indices = refine(block, points, xp.sort(candidates, axis=1), k, metric)
        limit = distances[:, -1] * (1 + error)
        if metric == "euclidean":
            limit = (limit / unit) ** 2 + xp.finfo(precision).smallest_normal
        is_sure = xp.max(xp.take_along_axis(bounds, candidates, axis=1), axis=1) > limit
        if n_candidates == n_points:
            is_sure = xp.ones_like(is_sure)
        elif precision == queries.dtype:
            for i in map(int, xp.nonzero(~is_sure)[0]):
                close = xp.nonzero(bounds[i, :] <= limit[i])[0]
                nearest = refine(block[i, :][None, :], points, close[None, :], k, metric)
                distances[i, :], indices[i, :] = nearest[0][0, :], nearest[1][0, :]
        found.append((distances, indices, is_sure))
    return tuple(xp.concat(parts) for parts in zip(*found, strict=True))


def _factors(queries, points, precision, error):
    """Matrices whose product bounds the squared distances in these units from below, and the unit."""
    xp = namespace(queries)
    # Near the origin the product cancels less; in units of the largest entry no square overflows.
    center = xp.mean(points, axis=0, keepdims=True)
    queries, points = queries - center, points - center
    unit = xp.maximum(xp.max(xp.abs(queries)), xp.max(xp.abs(points)))
    unit = xp.where(unit > 0, unit, xp.ones_like(unit))
    queries, points = queries / unit, points / unit
    sizes = [(1 - error) * xp.sum(rows**2, axis=1, keepdims=True) for rows in (queries, points)]
    left = xp.concat([-2 * queries, sizes[0], xp.ones_like(sizes[0])], axis=1)
    right = xp.concat([points, xp.ones_like(sizes[1]), sizes[1]], axis=1)
    return xp.astype(left, precision, copy=False), xp.astype(right, precision, copy=False).T, unit


def refine(queries, points, candidates, k, metric):
    """Distances and indices of the k nearest of each query's candidates, whose row numbers ascend."""
    xp = namespace(queries)
    chosen = xp.reshape(xp.take(points, xp.reshape(candidates, (-1,)), axis=0), (*candidates.shape, -1))
    distances = _norm(queries[:, None, :] - chosen, metric)
    # Stable: equal distances stay in the order of row numbers.
    order = xp.argsort(distances, axis=1, stable=True)[:, :k]
    return xp.take_along_axis(distances, order, axis=1), xp.take_along_axis(candidates, order, axis=1)


def _smallest(values, k):
    """Columns of the k smallest entries of each row, in any order."""
    xp = namespace(values)
    n_rows, n_columns = values.shape
    group_size = int((n_columns / k) ** 0.5)
    if group_size < 4:
        return smallest(values, k)
    # The k groups with the smallest minima hold the k smallest entries: look into no others.
    n_groups = n_columns // group_size
    grouped = n_groups * group_size
    minima = xp.min(xp.reshape(values[:, :grouped], (n_rows, group_size, n_groups)), axis=1)
    members = (
        smallest(minima, k)[:, None, :] + n_groups * xp.arange(group_size, device=values.device)[:, None]
    )
    rest = xp.broadcast_to(xp.arange(grouped, n_columns, device=values.device), (n_rows, n_columns - grouped))
    candidates = xp.concat([xp.reshape(members, (n_rows, -1)), rest], axis=1)
    best = smallest(xp.take_along_axis(values, candidates, axis=1), k)
    return xp.take_along_axis(candidates, best, axis=1)


def _norm(differences, metric):
    """Length of the differences along the last axis."""
    xp = namespace(differences)
    if metric == "euclidean":
        return xp.sqrt(xp.sum(differences**2, axis=-1))
    if metric == "manhattan":
        return xp.sum(xp.abs(differences), axis=-1)
    return xp.max(xp.abs(differences), axis=-1)
