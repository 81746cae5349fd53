"""Nearest neighbours: distances, kernel weights, k-NN estimators and a k-d tree.

Everywhere, neighbours come in the order of (distance, row number): of two points at the same distance the
one with the smaller row number is nearer.
"""

import heapq

import numpy as np

from mlref.arrays import namespace
from mlref.base import Estimator
from mlref.errors import (
    NotFiniteError,
    ShapeError,
    check_choice,
    check_count,
    check_matrix,
    check_positive,
    check_same_features,
    check_same_length,
    check_vector,
)
from mlref.metrics.pairwise import pairwise_distances

__all__ = [
    "KDTree",
    "KNeighborsClassifier",
    "KNeighborsRegressor",
    "epanechnikov_weights",
    "gaussian_weights",
    "nearest_neighbors",
    "nearest_neighbors_simple",
    "pairwise_distances",
    "triangular_weights",
]

METRICS = ("euclidean", "manhattan", "chebyshev")
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
    n_points, n_features = points.shape
    if metric == "euclidean":
        # Near the origin the matrix product cancels less.
        left, right = queries - points[:1, :], points - points[:1, :]
        squares = xp.sum(right**2, axis=1, keepdims=True)
        size = xp.sum(left**2, axis=1) + xp.max(squares)
        left = xp.concat([-2 * left, xp.ones_like(left[:, :1])], axis=1)
        right = xp.concat([right, squares], axis=1).T
    found = []
    # Blocks of a million scores stay in the processor's cache.
    rows = max(1, 2**20 // max(n_points, n_neighbors * n_features))
    for start in range(0, queries.shape[0], rows):
        stop = min(start + rows, queries.shape[0])
        block = queries[start:stop, :]
        if metric == "euclidean":
            # |p|^2 - 2 q.p, one product, ranks the points of a query as |q - p|^2 does.
            scores, magnitude = left[start:stop, :] @ right, size[start:stop]
        else:
            scores = pairwise_distances(block, points, metric)
            magnitude = xp.max(scores, axis=1)
        # More than rounding can have moved scores against each other or against the distances.
        slack = 10 * (n_features + 2) * xp.finfo(dtype).eps * magnitude
        found.append(_nearest_by_score(scores, slack, block, points, k=n_neighbors, metric=metric))
    return tuple(xp.concat(parts) for parts in zip(*found, strict=True))


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
    nearest = []
    for query in queries:
        by_distance = sorted((float(_norm(query - point, metric)), i) for i, point in enumerate(points))
        nearest.append(by_distance[:n_neighbors])
    distances = np.array([[distance for distance, _ in row] for row in nearest])
    return distances, np.array([[i for _, i in row] for row in nearest])


def _nearest_by_score(scores, slack, queries, points, *, k, metric):
    """Distances and indices of the k nearest points, found by scores that are right to within the slack."""
    xp = namespace(scores)
    nearest = _smallest(scores, min(k + 1, scores.shape[1]))
    if nearest.shape[1] > k:
        best = xp.take_along_axis(scores, nearest, axis=1)
        for i in map(int, xp.nonzero(best[:, k] - best[:, k - 1] <= slack)[0]):
            # Too close to call: compare the distances themselves, in the order of row numbers.
            close = xp.nonzero(scores[i, :] <= best[i, k - 1] + slack[i])[0]
            distances = _norm(queries[i, :] - xp.take(points, close, axis=0), metric)
            nearest[i, :k] = close[xp.argsort(distances, stable=True)[:k]]
    # In the order of row numbers, which a stable sort keeps among equal distances.
    nearest = xp.sort(nearest[:, :k], axis=1)
    neighbors = xp.reshape(xp.take(points, xp.reshape(nearest, (-1,)), axis=0), (*nearest.shape, -1))
    distances = _norm(queries[:, None, :] - neighbors, metric)
    order = xp.argsort(distances, axis=1, stable=True)
    return xp.take_along_axis(distances, order, axis=1), xp.take_along_axis(nearest, order, axis=1)


def _smallest(scores, k):
    """Columns of the k smallest entries of each row, smallest first; equal ones in any order."""
    xp = namespace(scores)
    n_rows, n_columns = scores.shape
    group_size = int((n_columns / k) ** 0.5)
    if group_size < 4:
        return xp.argsort(scores, axis=1, stable=False)[:, :k]
    # The k groups with the smallest minima hold the k smallest entries: sort the minima, then these groups.
    n_groups = n_columns // group_size
    grouped = n_groups * group_size
    minima = xp.min(xp.reshape(scores[:, :grouped], (n_rows, group_size, n_groups)), axis=1)
    groups = xp.argsort(minima, axis=1, stable=False)[:, None, :k]
    members = groups + n_groups * xp.arange(group_size, device=scores.device)[None, :, None]
    rest = xp.broadcast_to(xp.arange(grouped, n_columns, device=scores.device), (n_rows, n_columns - grouped))
    candidates = xp.concat([xp.reshape(members, (n_rows, -1)), rest], axis=1)
    order = xp.argsort(xp.take_along_axis(scores, candidates, axis=1), axis=1, stable=False)[:, :k]
    return xp.take_along_axis(candidates, order, axis=1)


def _norm(differences, metric):
    """Length of the differences along the last axis."""
    xp = namespace(differences)
    if metric == "euclidean":
        return xp.sqrt(xp.sum(differences**2, axis=-1))
    if metric == "manhattan":
        return xp.sum(xp.abs(differences), axis=-1)
    return xp.max(xp.abs(differences), axis=-1)


class KNeighborsRegressor(Estimator):
    """Predict the weighted mean of the values of the nearest training samples.

    Neighbours come in the order of (distance, row number): of two training samples at the same distance the
    one with the smaller row number is nearer.

    Parameters
    ----------
    n_neighbors : int
        How many neighbours count, from 1 to the number of training samples.
    weights : {"uniform", "distance", "gaussian", "triangular", "epanechnikov"}
        "uniform": all count the same. "distance": in proportion to one over the distance; where training
        samples lie at distance zero, only they count, all the same. The others: by `gaussian_weights`,
        `triangular_weights` or `epanechnikov_weights` of the distances.
    bandwidth : float
        Width of the kernel, in the units of the distances; used by the last three only.
    metric : {"euclidean", "manhattan", "chebyshev"}
        The root of the sum of squared differences, the sum of absolute differences, or the largest one.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [5.0]]), np.array([1.0, 2.0, 9.0])
    >>> KNeighborsRegressor(n_neighbors=2).fit(X, y).predict(np.array([[0.4]]))
    array([1.5])
    """

    estimator_type = "regressor"

    def __init__(self, n_neighbors=5, *, weights="uniform", bandwidth=1.0, metric="euclidean"):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.bandwidth = bandwidth
        self.metric = metric

    def fit(self, X, y):
        """Remember the training samples.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Value of each sample.

        Returns
        -------
        self : KNeighborsRegressor

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X or y holds NaN or infinity.
        ValueError
            If a parameter is not allowed, or n_neighbors exceeds the number of samples.
        """
        _check_target_given(y)
        X, y = check_matrix(X, "X"), check_vector(y, "y")
        check_same_length(X=X, y=y)
        _check_parameters(self, n_samples=X.shape[0])
        self.X_, self.y_ = X, y
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        """Weighted mean of the values of each sample's neighbours.

        Parameters
        ----------
        X : array of shape (n_queries, n_features)

        Returns
        -------
        predictions : array of shape (n_queries,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        xp = namespace(X)
        distances, indices = nearest_neighbors(X, self.X_, self.n_neighbors, self.metric)
        weights = _neighbor_weights(distances, self.weights, self.bandwidth)
        return xp.sum(weights * self.y_[indices], axis=1)


class KNeighborsClassifier(Estimator):
    """Predict the label with the largest weighted vote among the nearest training samples.

    Neighbours come in the order of (distance, row number): of two training samples at the same distance the
    one with the smaller row number is nearer. The vote of a label is the sum of the weights of the
    neighbours that carry it. Votes within a relative 1e-9 of the largest are tied with it.

    Parameters
    ----------
    n_neighbors : int
        How many neighbours count, from 1 to the number of training samples.
    weights : {"uniform", "distance", "gaussian", "triangular", "epanechnikov"}
        "uniform": all count the same. "distance": in proportion to one over the distance; where training
        samples lie at distance zero, only they count, all the same. The others: by `gaussian_weights`,
        `triangular_weights` or `epanechnikov_weights` of the distances.
    bandwidth : float
        Width of the kernel, in the units of the distances; used by the last three only.
    metric : {"euclidean", "manhattan", "chebyshev"}
        The root of the sum of squared differences, the sum of absolute differences, or the largest one.
    ties : {"distance", "nearest", "label"}
        Which of the tied labels wins. "distance": the one with the smaller sum of distances over all its
        neighbours among the n_neighbors, whatever their weights. "nearest": the one with the nearest
        neighbour. What is still tied within a relative 1e-9, and with "label" every tie, goes to the
        smaller label.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        The labels seen in ``fit``, ascending.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [5.0]]), np.array(["red", "blue", "blue"])
    >>> KNeighborsClassifier(n_neighbors=2).fit(X, y).predict(np.array([[0.4], [4.0]]))
    array(['red', 'blue'], dtype='<U4')
    """

    estimator_type = "classifier"

    def __init__(
        self, n_neighbors=5, *, weights="uniform", bandwidth=1.0, metric="euclidean", ties="distance"
    ):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.bandwidth = bandwidth
        self.metric = metric
        self.ties = ties

    def fit(self, X, y):
        """Remember the training samples.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : KNeighborsClassifier

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, n_neighbors exceeds the number of samples, or y holds numbers
            that are not whole.
        """
        _check_target_given(y)
        X, y = check_matrix(X, "X"), _checked_labels(y)
        check_same_length(X=X, y=y)
        _check_parameters(self, n_samples=X.shape[0])
        check_choice(self.ties, ("distance", "nearest", "label"), "ties")
        xp = namespace(X, y)
        self.classes_, self.codes_ = xp.unique_inverse(y)
        self.X_ = X
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        """Label with the largest vote among each sample's neighbours.

        Parameters
        ----------
        X : array of shape (n_queries, n_features)

        Returns
        -------
        labels : array of shape (n_queries,)
            With the dtype of the labels in ``fit``.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        xp = namespace(X)
        distances, indices = nearest_neighbors(X, self.X_, self.n_neighbors, self.metric)
        weights = _neighbor_weights(distances, self.weights, self.bandwidth)
        codes = self.codes_[indices]
        carries = [codes == code for code in range(self.classes_.shape[0])]
        votes = xp.stack([xp.sum(xp.where(own, weights, 0.0), axis=1) for own in carries], axis=1)
        # Sums of equal weights in another order differ in the last digits: that must not decide.
        tied = votes >= xp.max(votes, axis=1, keepdims=True) * (1 - 1e-9)
        if self.ties != "label":
            if self.ties == "distance":
                far = [xp.sum(xp.where(own, distances, 0.0), axis=1) for own in carries]
            else:
                far = [xp.min(xp.where(own, distances, xp.inf), axis=1) for own in carries]
            far = xp.where(tied, xp.stack(far, axis=1), xp.inf)
            tied = far <= xp.min(far, axis=1, keepdims=True) * (1 + 1e-9)
        # The first of equal entries: classes_ is ascending, so the smaller label.
        winner = xp.argmax(xp.astype(tied, xp.int64), axis=1)
        return self.classes_[winner]


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


def _neighbor_weights(distances, weights, bandwidth):
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


def _check_target_given(y):
    if y is None:
        raise ValueError("this estimator requires y to be passed, but the target y is None; call fit(X, y)")


def _check_parameters(estimator, n_samples):
    check_count(estimator.n_neighbors, "n_neighbors", maximum=n_samples)
    check_choice(estimator.weights, WEIGHTS, "weights")
    check_choice(estimator.metric, METRICS, "metric")
    check_positive(estimator.bandwidth, "bandwidth")


def _checked_labels(y):
    """Labels as a vector of integers, booleans, strings or whole numbers."""
    xp = namespace(y)
    labels = xp.asarray(y)
    if labels.ndim != 1:
        raise ShapeError(
            f"y has shape {tuple(labels.shape)}; it must be 1-D, (n_samples,), one label per sample"
        )
    if xp.isdtype(labels.dtype, "real floating"):
        if not bool(xp.all(xp.isfinite(labels))):
            raise NotFiniteError("y contains NaN or infinity; drop these samples first")
        if bool(xp.any(labels != xp.round(labels))):
            raise ValueError(
                "Unknown label type: y holds numbers that are not whole; use KNeighborsRegressor for them"
            )
    return labels
