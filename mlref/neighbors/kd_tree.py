"""A k-d tree: neighbours found without looking at most points."""

import heapq

import numpy as np

from mlref.errors import check_choice, check_count, check_matrix, check_same_features
from mlref.neighbors.brute import METRICS, N_SPARE, nearest_neighbors, refine

__all__ = ["KDTree", "nearest_neighbors_tree"]


class KDTree:
    """Points in a binary tree that finds the nearest ones without looking at most of them; numpy only.

    Each node holds some of the points. It is a leaf if they are at most ``leaf_size`` or all equal;
    otherwise it is split at the median along the axis on which the points spread most.

    Parameters
    ----------
    X : array of shape (n_points, n_features)
    leaf_size : int
        The most points in a leaf, unless they are all equal; at least 1.

    Raises
    ------
    ShapeError
        If X is not 2-D or is empty.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If leaf_size is not a whole number of at least 1.

    References
    ----------
    Friedman, Bentley and Finkel (1977), An algorithm for finding best matches in logarithmic expected time,
    *ACM Transactions on Mathematical Software* 3(3).

    Examples
    --------
    >>> tree = KDTree(np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]))
    >>> tree.query(np.array([[3.0, 3.0]]), 2)
    (array([[1.        , 4.24264069]]), array([[1, 0]]))
    """

    def __init__(self, X, leaf_size=16):
        """Build the tree."""
        self.X = check_matrix(X, "X")
        check_count(leaf_size, "leaf_size")
        self.leaf_size = leaf_size
        self.root = _build_tree(self.X, np.arange(self.X.shape[0]), leaf_size)

    def query(self, Q, k):
        """The k nearest points of every query by Euclidean distance.

        Parameters
        ----------
        Q : array of shape (n_queries, n_features)
        k : int
            From 1 to n_points.

        Returns
        -------
        distances : array of shape (n_queries, k)
            Ascending in each row.
        indices : array of shape (n_queries, k)
            Row numbers in X; of two at the same distance the smaller comes first.

        Raises
        ------
        ShapeError
            If Q is not 2-D or has another number of features than X.
        NotFiniteError
            If Q holds NaN or infinity.
        ValueError
            If k is not from 1 to n_points.
        """
        Q = check_matrix(Q, "Q")
        check_same_features(X=self.X, Q=Q)
        check_count(k, "k", maximum=self.X.shape[0])
        distances = np.empty((Q.shape[0], k))
        indices = np.empty((Q.shape[0], k), dtype=np.int64)
        for i, query in enumerate(Q):
            nearest = []
            _search_tree(self.X, self.root, query, k, nearest)
            ordered = sorted((-distance, -row) for distance, row in nearest)
            distances[i] = [distance for distance, _ in ordered]
            indices[i] = [row for _, row in ordered]
        return distances, indices


def _build_tree(X, rows, leaf_size):
    """A leaf is the array of its row numbers, an inner node (axis, split, left, right)."""
    points = X[rows]
    spread = np.max(points, axis=0) - np.min(points, axis=0)
    axis = np.argmax(spread)
    if rows.size <= leaf_size or spread[axis] == 0:
        return rows
    # Halves by rank, so that duplicates of the median do not pile up on one side.
    rows = rows[np.argsort(points[:, axis], stable=True)]
    middle = rows.size // 2
    split = X[rows[middle], axis]
    return axis, split, _build_tree(X, rows[:middle], leaf_size), _build_tree(X, rows[middle:], leaf_size)


def _search_tree(X, node, query, k, nearest):
    """Put a node's nearest points into the heap of (-distance, -row); its first entry is the worst."""
    if isinstance(node, np.ndarray):
        distances = np.sqrt(np.sum((X[node] - query) ** 2, axis=1))
        for candidate in zip((-distances).tolist(), (-node).tolist(), strict=True):
            if len(nearest) < k:
                heapq.heappush(nearest, candidate)
            elif candidate > nearest[0]:
                heapq.heapreplace(nearest, candidate)
        return
    axis, split, left, right = node
    near, far = (left, right) if query[axis] < split else (right, left)
    _search_tree(X, near, query, k, nearest)
    # An equal distance counts: a point on the other side may have the smaller row number.
    if len(nearest) < k or abs(query[axis] - split) <= -nearest[0][0]:
        _search_tree(X, far, query, k, nearest)


def nearest_neighbors_tree(queries, points, n_neighbors, metric="euclidean"):
    """The same as `nearest_neighbors`, found with scipy's tree; numpy only.

    The faster way where the features are few: up to about eight.

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

    Examples
    --------
    >>> nearest_neighbors_tree(np.array([[0.0]]), np.array([[2.0], [-1.0], [1.0]]), 2)
    (array([[1., 1.]]), array([[1, 2]]))
    """
    # Imported here: only those who need it pay for scipy.
    from scipy.spatial import cKDTree

    queries, points = check_matrix(queries, "queries"), check_matrix(points, "points")
    check_same_features(queries=queries, points=points)
    check_count(n_neighbors, "n_neighbors", maximum=points.shape[0])
    check_choice(metric, METRICS, "metric")
    n_candidates = min(n_neighbors + N_SPARE, points.shape[0])
    order = {"euclidean": 2, "manhattan": 1, "chebyshev": np.inf}[metric]
    bounds, candidates = cKDTree(points).query(queries, np.arange(1, n_candidates + 1), p=order)
    distances, indices = refine(queries, points, np.sort(candidates, axis=1), n_neighbors, metric)
    # The tree breaks ties as it likes: where the last candidate is as near as the k-th, all points are asked.
    tied = bounds[:, -1] <= distances[:, -1] * (1 + 1e-6)
    if n_candidates < points.shape[0] and tied.any():
        distances[tied], indices[tied] = nearest_neighbors(queries[tied], points, n_neighbors, metric)
    return distances, indices
