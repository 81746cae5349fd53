"""How good groups are that were found without labels, and how many there should be."""

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_labels, check_matrix, check_same_length, check_vector
from mlref.metrics.pairwise import pairwise_distances

__all__ = [
    "elbow",
    "inertia",
    "silhouette_samples",
    "silhouette_score",
]


def silhouette_samples(X, labels, metric="euclidean"):
    """How much closer each sample is to its own group than to the next one.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    labels : array of shape (n_samples,)
        Group of each sample: from 2 to n_samples - 1 different ones.
    metric : {"euclidean", "manhattan", "chebyshev", "cosine"}
        As in `pairwise_distances`.

    Returns
    -------
    values : array of shape (n_samples,)
        From -1, in the wrong group, over 0, on the border, to 1. Alone in its group: 0.

    Raises
    ------
    ShapeError
        If X is not 2-D, labels is not 1-D, or their lengths differ.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If there are fewer than 2 or more than n_samples - 1 groups, or the metric is unknown.

    Notes
    -----
    With the mean distance a to the others of the own group and b to the nearest other group, the value is
    ``(b - a) / max(a, b)``. The sums of distances to all groups are a matrix product with one column for each
    group. Rows are treated in blocks of about two million distances: three arrays of 16 MB at a time.

    References
    ----------
    Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of cluster analysis,
    *Journal of Computational and Applied Mathematics* 20.

    Examples
    --------
    >>> silhouette_samples(np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1])).round(3)
    array([0.889, 0.875, 0.   ])
    """
    X, labels = check_matrix(X, "X"), check_labels(labels, "labels")
    check_same_length(X=X, labels=labels)
    xp = namespace(X, labels)
    groups, codes = xp.unique_inverse(labels)
    n_samples, n_groups = X.shape[0], groups.shape[0]
    if not 2 <= n_groups <= n_samples - 1:
        raise ValueError(
            f"labels holds {n_groups} groups; a silhouette needs from 2 to n_samples - 1 = {n_samples - 1}"
        )
    members = xp.astype(codes[:, None] == xp.arange(n_groups, device=X.device)[None, :], X.dtype)
    sizes = xp.sum(members, axis=0)
    rows = max(1, 2**21 // n_samples)
    blocks = [X[start : min(start + rows, n_samples), :] for start in range(0, n_samples, rows)]
    sums = xp.concat([pairwise_distances(block, X, metric) @ members for block in blocks])
    own = members > 0
    own_size = xp.take(sizes, codes)
    within = xp.sum(xp.where(own, sums, 0.0), axis=1) / xp.where(own_size > 1, own_size - 1, 1.0)
    nearest = xp.min(xp.where(own, xp.inf, sums / sizes), axis=1)
    larger = xp.maximum(within, nearest)
    values = (nearest - within) / xp.where(larger > 0, larger, 1.0)
    return xp.where(own_size > 1, values, 0.0)


def silhouette_score(X, labels, metric="euclidean"):
    """Mean of the samples' silhouettes: the higher, the more compact and separate the groups are.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    labels : array of shape (n_samples,)
        Group of each sample: from 2 to n_samples - 1 different ones.
    metric : {"euclidean", "manhattan", "chebyshev", "cosine"}
        As in `pairwise_distances`.

    Returns
    -------
    score : float
        From -1 to 1.

    Raises
    ------
    ShapeError
        If X is not 2-D, labels is not 1-D, or their lengths differ.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If there are fewer than 2 or more than n_samples - 1 groups, or the metric is unknown.

    Examples
    --------
    >>> round(silhouette_score(np.array([[0.0], [1.0], [9.0], [9.0]]), np.array([0, 0, 1, 1])), 3)
    0.941
    """
    return float(namespace(X).mean(silhouette_samples(X, labels, metric)))


def inertia(X, labels):
    """Sum of the squared distances of all samples to the mean of their group.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    labels : array of shape (n_samples,)
        Group of each sample.

    Returns
    -------
    inertia : float
        In squared units of the features; falls when a group is split.

    Raises
    ------
    ShapeError
        If X is not 2-D, labels is not 1-D, or their lengths differ.
    NotFiniteError
        If X holds NaN or infinity.

    Examples
    --------
    >>> inertia(np.array([[0.0], [2.0], [9.0]]), np.array([0, 0, 1]))
    2.0
    """
    X, labels = check_matrix(X, "X"), check_labels(labels, "labels")
    check_same_length(X=X, labels=labels)
    xp = namespace(X, labels)
    groups, codes = xp.unique_inverse(labels)
    members = xp.astype(codes[:, None] == xp.arange(groups.shape[0], device=X.device)[None, :], X.dtype)
    means = members.T @ X / xp.sum(members, axis=0)[:, None]
    return float(xp.sum((X - xp.take(means, codes, axis=0)) ** 2))


def elbow(n_clusters, inertias):
    """Number of groups after which more of them help little: where the curve bends most.

    Parameters
    ----------
    n_clusters : array of shape (n_trials,)
        Numbers of groups that were tried, ascending; at least three.
    inertias : array of shape (n_trials,)
        What was reached with each; see `inertia`.

    Returns
    -------
    best : int
        The one that lies farthest below the straight line from the first point to the last; the first of
        equal ones.

    Raises
    ------
    ShapeError
        If an argument is not 1-D, has fewer than three entries, or their lengths differ.
    NotFiniteError
        If an argument holds NaN or infinity.
    ValueError
        If n_clusters does not ascend.

    Notes
    -----
    Both axes may have any scale: the distance in the direction of y has its largest value where the distance
    at a right angle to the line has it. A curve without a bend has no elbow; look at the plot, or at the
    silhouette.

    References
    ----------
    Satopaa, Albrecht, Irwin and Raghavan (2011), Finding a "kneedle" in a haystack: detecting knee points in
    system behavior, *ICDCS Workshops*.

    Examples
    --------
    >>> elbow([1, 2, 3, 4, 5], [100.0, 60.0, 20.0, 15.0, 12.0])
    3
    """
    k, values = check_vector(n_clusters, "n_clusters"), check_vector(inertias, "inertias")
    check_same_length(n_clusters=k, inertias=values)
    if k.shape[0] < 3:
        raise ShapeError(f"n_clusters has {k.shape[0]} entries; a bend needs at least 3")
    xp = namespace(k, values)
    if not bool(xp.all(k[1:] > k[:-1])):
        raise ValueError("n_clusters must ascend; sort both arguments by it")
    line = values[0] + (values[-1] - values[0]) * (k - k[0]) / (k[-1] - k[0])
    return int(k[int(xp.argmax(line - values))])
