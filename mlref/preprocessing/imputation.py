"""Missing values: rows dropped, or gaps filled from the column or from similar rows.

A gap is NaN. What fills it is learned from the training rows alone.
"""

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import device, namespace, smallest
from mlref.base import Transformer
from mlref.errors import (
    check_choice,
    check_count,
    check_matrix,
    check_same_features,
    check_same_length,
)
from mlref.preprocessing.scaling import column_quantiles

__all__ = [
    "KNNImputer",
    "SimpleImputer",
    "drop_missing",
    "impute_neighbors",
    "nan_euclidean_distances",
]


def drop_missing(X, *arrays):
    """Leave out the rows of X that have a gap, and the same rows of other arrays.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Gaps are NaN.
    *arrays : array of shape (n_samples, ...)
        What belongs to the rows, such as y.

    Returns
    -------
    X : array of shape (n_complete, n_features)
    *arrays : array of shape (n_complete, ...)
        In a tuple with X, if any were given.

    Raises
    ------
    ShapeError
        If X is not 2-D or is empty, or an array has another number of rows.

    Examples
    --------
    >>> drop_missing(np.array([[1.0, 2.0], [np.nan, 3.0]]), np.array([7, 8]))
    (array([[1., 2.]]), array([7]))
    """
    X = check_matrix(X, "X", allow_nan=True)
    xp = namespace(X)
    complete = xp.nonzero(~xp.any(xp.isnan(X), axis=1))[0]
    kept = xp.take(X, complete, axis=0)
    if not arrays:
        return kept
    for array in arrays:
        check_same_length(X=X, array=array)
    return kept, *(xp.take(array, complete, axis=0) for array in arrays)


class SimpleImputer(Transformer):
    """Fill the gaps of a column with the mean or the median of its observed training entries.

    Parameters
    ----------
    strategy : {"mean", "median"}

    Attributes
    ----------
    statistics_ : array of shape (n_features,)
        What fills the gaps.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> imputer = SimpleImputer(strategy="median").fit(np.array([[1.0], [2.0], [np.nan], [9.0]]))
    >>> imputer.transform(np.array([[np.nan], [5.0]]))
    array([[2.],
           [5.]])
    """

    def __init__(self, strategy="mean"):
        self.strategy = strategy

    def fit(self, X, y=None):
        """Learn the mean or the median of every column.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Gaps are NaN; every column needs an observed entry.
        y : object, optional
            Ignored.

        Returns
        -------
        self : SimpleImputer

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        NotFiniteError
            If X holds infinity.
        ValueError
            If the strategy is unknown, or a column has gaps only.
        """
        X = check_matrix(X, "X", allow_nan=True)
        check_choice(self.strategy, ("mean", "median"), "strategy")
        _check_observed(X)
        xp = namespace(X)
        if self.strategy == "median":
            self.statistics_ = column_quantiles(X, [0.5])[0, :]
        else:
            observed = xp.astype(~xp.isnan(X), X.dtype)
            self.statistics_ = xp.sum(_without_gaps(X), axis=0) / xp.sum(observed, axis=0)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Fill the gaps with what was learned.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Gaps are NaN.

        Returns
        -------
        filled : array of shape (n_samples, n_features)
            Observed entries are unchanged.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds infinity.
        """
        self._check_fitted()
        X = check_matrix(X, "X", allow_nan=True)
        self._check_features(X)
        xp = namespace(X)
        return xp.where(xp.isnan(X), xp.astype(self.statistics_, X.dtype), X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class KNNImputer(Transformer):
    """Fill a gap with the mean of the nearest training rows that have an entry there.

    Parameters
    ----------
    n_neighbors : int
        How many rows; 1 copies the nearest row's entry. Where fewer have an entry, all of them count.

    Attributes
    ----------
    X_ : array of shape (n_samples, n_features)
        The training rows, with their gaps.
    n_features_in_ : int
        Number of features seen in ``fit``.

    See Also
    --------
    impute_neighbors : The rule.

    Examples
    --------
    >>> rows = np.array([[1.0, 10.0], [2.0, 20.0], [9.0, 90.0]])
    >>> KNNImputer(n_neighbors=2).fit(rows).transform(np.array([[1.4, np.nan]]))
    array([[ 1.4, 15. ]])
    """

    def __init__(self, n_neighbors=5):
        self.n_neighbors = n_neighbors

    def fit(self, X, y=None):
        """Remember the training rows.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Gaps are NaN; every column needs an observed entry.
        y : object, optional
            Ignored.

        Returns
        -------
        self : KNNImputer

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        NotFiniteError
            If X holds infinity.
        ValueError
            If n_neighbors is not a whole number of at least 1, or a column has gaps only.
        """
        X = check_matrix(X, "X", allow_nan=True)
        check_count(self.n_neighbors, "n_neighbors")
        _check_observed(X)
        self.X_ = X
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Fill the gaps from the training rows.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Gaps are NaN.

        Returns
        -------
        filled : array of shape (n_samples, n_features)
            Observed entries are unchanged.

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds infinity.
        """
        self._check_fitted()
        X = check_matrix(X, "X", allow_nan=True)
        self._check_features(X)
        return impute_neighbors(X, self.X_, self.n_neighbors)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def impute_neighbors(X, donors, n_neighbors):
    """Fill each gap with the mean of the nearest donor rows that have an entry in that column.

    Distances are those of `nan_euclidean_distances`. Of two donors at the same distance the one with the
    smaller row number is nearer. A row that shares no observed column with any donor gets the mean of the
    column.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Gaps are NaN.
    donors : array of shape (n_donors, n_features)
        Gaps are NaN; every column needs an observed entry.
    n_neighbors : int
        At least 1; where fewer donors have an entry, all of them count.

    Returns
    -------
    filled : array of shape (n_samples, n_features)
        Observed entries are unchanged.

    Raises
    ------
    ShapeError
        If an array is not 2-D, is empty, or they differ in n_features.
    ValueError
        If n_neighbors is not a whole number of at least 1, or a column of donors has gaps only.

    Notes
    -----
    Rows are treated in blocks of about a million distances: 8 MB at a time, and a few times that to sort
    them.

    References
    ----------
    Troyanskaya et al. (2001), Missing value estimation methods for DNA microarrays, *Bioinformatics* 17(6).

    Examples
    --------
    >>> impute_neighbors(np.array([[1.4, np.nan]]), np.array([[1.0, 10.0], [2.0, 20.0]]), 1)
    array([[ 1.4, 10. ]])
    """
    X, donors = check_matrix(X, "X", allow_nan=True), check_matrix(donors, "donors", allow_nan=True)
    check_same_features(X=X, donors=donors)
    check_count(n_neighbors, "n_neighbors")
    _check_observed(donors)
    xp = namespace(X, donors)
    has_gap = xp.any(xp.isnan(X), axis=1)
    incomplete = xp.nonzero(has_gap)[0]
    n_incomplete, block = incomplete.shape[0], max(1, 2**20 // donors.shape[0])
    parts = []
    for start in range(0, n_incomplete, block):
        rows = incomplete[start : min(start + block, n_incomplete)]
        parts.append(_filled_block(xp.take(X, rows, axis=0), donors, n_neighbors))
    # Filled rows first, then those of X: each row is taken from one or the other.
    number = xp.cumulative_sum(xp.astype(has_gap, xp.int64)) - 1
    unchanged = n_incomplete + xp.arange(X.shape[0], device=device(X))
    return xp.take(xp.concat([*parts, X]), xp.where(has_gap, number, unchanged), axis=0)


def _filled_block(X, donors, n_neighbors):
    """Rows of X with their gaps filled, column by column."""
    xp = namespace(X)
    distances = nan_euclidean_distances(X, donors)
    columns = []
    for j in range(X.shape[1]):
        gap, have = xp.isnan(X[:, j]), xp.nonzero(~xp.isnan(donors[:, j]))[0]
        rows = xp.nonzero(gap)[0]
        reachable = xp.take(xp.take(distances, rows, axis=0), have, axis=1)
        nearest = xp.astype(_nearest(reachable, min(n_neighbors, have.shape[0])), X.dtype)
        values, n_nearest = xp.take(donors[:, j], have), xp.sum(nearest, axis=1)
        mean = nearest @ values / xp.where(n_nearest > 0, n_nearest, 1.0)
        mean = xp.where(n_nearest > 0, mean, xp.mean(values))
        # The row of each gap among those that were filled.
        place = xp.cumulative_sum(xp.astype(gap, xp.int64)) - 1
        filled = xp.take(xp.concat([mean, X[:1, j]]), xp.where(gap, place, rows.shape[0]))
        columns.append(xp.where(gap, filled, X[:, j]))
    return xp.stack(columns, axis=1)


def _nearest(distances, k):
    """Which are the k smallest finite ones of each row; of equal ones the first."""
    xp = namespace(distances)
    limit = xp.max(xp.take_along_axis(distances, smallest(distances, k), axis=1), axis=1, keepdims=True)
    closer, tied = distances < limit, distances == limit
    n_left = k - xp.sum(xp.astype(closer, xp.int64), axis=1, keepdims=True)
    first = xp.cumulative_sum(xp.astype(tied, xp.int64), axis=1) <= n_left
    return (closer | (tied & first)) & xp.isfinite(distances)


def nan_euclidean_distances(A, B):
    """Euclidean distance over the columns that both rows have, scaled up to all columns.

    Parameters
    ----------
    A : array of shape (n_a, n_features)
        Gaps are NaN.
    B : array of shape (n_b, n_features)
        Gaps are NaN.

    Returns
    -------
    distances : array of shape (n_a, n_b)
        Infinite where two rows share no observed column.

    Raises
    ------
    ShapeError
        If an array is not 2-D, is empty, or they differ in n_features.

    Notes
    -----
    The square is ``n_features / n_shared`` times the sum of squared differences over the shared columns.
    With gaps as zeros, and one and zero for observed and not, that sum is three matrix products:
    ``a^2 . observed_b - 2 a . b + observed_a . b^2``.

    References
    ----------
    Dixon (1979), Pattern recognition with partly missing data, *IEEE Transactions on Systems, Man, and
    Cybernetics* 9(10).

    Examples
    --------
    >>> nan_euclidean_distances(np.array([[1.0, np.nan, 5.0]]), np.array([[3.0, 2.0, 5.0]])).round(4)
    array([[2.4495]])
    """
    A, B = check_matrix(A, "A", allow_nan=True), check_matrix(B, "B", allow_nan=True)
    check_same_features(A=A, B=B)
    xp = namespace(A, B)
    has_a, has_b = xp.astype(~xp.isnan(A), A.dtype), xp.astype(~xp.isnan(B), B.dtype)
    a, b = _without_gaps(A), _without_gaps(B)
    # Distances do not change when both move, and near the origin the sum cancels less.
    center = xp.sum(b, axis=0) / xp.maximum(xp.sum(has_b, axis=0), xp.ones_like(b[0, :]))
    a, b = has_a * (a - center), has_b * (b - center)
    squared = a**2 @ has_b.T - 2 * (a @ b.T) + has_a @ (b**2).T
    shared = has_a @ has_b.T
    # Rounding can push the distance of equal rows below zero.
    squared = xp.maximum(squared, xp.zeros_like(squared))
    scaled = squared * (A.shape[1] / xp.maximum(shared, xp.ones_like(shared)))
    return xp.where(shared > 0, xp.sqrt(scaled), xp.inf)


def _without_gaps(X):
    """X with zeros in the gaps."""
    xp = namespace(X)
    return xp.where(xp.isnan(X), 0.0, X)


def _check_observed(X):
    """Every column has an entry."""
    xp = namespace(X)
    for j in range(X.shape[1]):
        if bool(xp.all(xp.isnan(X[:, j]))):
            raise ValueError(
                f"column {j} of X has gaps only, so nothing can be learned from it; leave it out"
            )
