"""Scales of features: standardisation, ranges, robust scaling, rows of length one.

A scaler learns from the training rows alone and then treats every other row the same way.
"""

import math

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.base import Transformer
from mlref.errors import ShapeError, check_array, check_choice, check_matrix, check_vector
from mlref.metrics.pairwise import unit_rows

__all__ = [
    "MinMaxScaler",
    "RobustScaler",
    "StandardScaler",
    "column_quantiles",
    "normalize",
]


class StandardScaler(Transformer):
    """Give every feature mean zero and standard deviation one.

    A feature that is constant in the training rows becomes zero there.

    Attributes
    ----------
    mean_ : array of shape (n_features,)
        Means of the training rows.
    scale_ : array of shape (n_features,)
        Their standard deviations, with n in the denominator; one for constant features.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Notes
    -----
    ``z = (x - mean) / deviation``

    Examples
    --------
    >>> scaler = StandardScaler().fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> scaler.transform(np.array([[1.0, 5.0], [4.0, 6.0]]))
    array([[-1.,  0.],
           [ 2.,  1.]])
    """

    def fit(self, X, y=None):
        """Learn the means and the standard deviations.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : object, optional
            Ignored.

        Returns
        -------
        self : StandardScaler

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        NotFiniteError
            If X holds NaN or infinity.
        """
        X = check_matrix(X, "X")
        xp = namespace(X)
        # Compared exactly: the mean of a constant is rounded, and its deviations need not be zero.
        constant = xp.all(X[:1, :] == X, axis=0)
        self.mean_ = xp.where(constant, X[0, :], xp.mean(X, axis=0))
        self.scale_ = xp.where(constant, 1.0, xp.std(X, axis=0))
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Standardise with what was learned.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        Z : array of shape (n_samples, n_features)
            In standard deviations from the training mean.

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
        return (X - self.mean_) / self.scale_

    def inverse_transform(self, X):
        """Undo `transform`.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Standardised features.

        Returns
        -------
        original : array of shape (n_samples, n_features)
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return X * self.scale_ + self.mean_


class MinMaxScaler(Transformer):
    """Move every feature's smallest training value to one end of a range and its largest to the other.

    A feature that is constant in the training rows becomes the lower end there. Other rows may leave the
    range.

    Parameters
    ----------
    feature_range : tuple of (float, float)
        The range, its lower end first.

    Attributes
    ----------
    data_min_ : array of shape (n_features,)
        Smallest training values.
    scale_ : array of shape (n_features,)
        Length of the range over the largest minus the smallest training value; over one for constant
        features.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> scaler = MinMaxScaler().fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> scaler.transform(np.array([[1.0, 5.0], [4.0, 6.0]]))
    array([[0. , 0. ],
           [1.5, 1. ]])
    """

    def __init__(self, feature_range=(0, 1)):
        self.feature_range = feature_range

    def fit(self, X, y=None):
        """Learn the smallest and the largest values.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : object, optional
            Ignored.

        Returns
        -------
        self : MinMaxScaler

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If the lower end of the range is not below the upper one.
        """
        X = check_matrix(X, "X")
        low, high = self.feature_range
        if not low < high:
            raise ValueError(
                f"feature_range is {self.feature_range}; its lower end must come first, as (0, 1)"
            )
        xp = namespace(X)
        self.data_min_ = xp.min(X, axis=0)
        spread = xp.max(X, axis=0) - self.data_min_
        self.scale_ = (high - low) / xp.where(spread > 0, spread, 1.0)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Scale with what was learned.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        Z : array of shape (n_samples, n_features)
            Training rows lie in the range.

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
        return (X - self.data_min_) * self.scale_ + self.feature_range[0]

    def inverse_transform(self, X):
        """Undo `transform`.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Scaled features.

        Returns
        -------
        original : array of shape (n_samples, n_features)
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return (X - self.feature_range[0]) / self.scale_ + self.data_min_


class RobustScaler(Transformer):
    """Subtract every feature's median and divide by its interquartile range.

    A few outliers move neither. Where the range is zero, the feature is only moved.

    Attributes
    ----------
    center_ : array of shape (n_features,)
        Medians of the training rows.
    scale_ : array of shape (n_features,)
        Upper minus lower quartile; one where they are equal.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> scaler = RobustScaler().fit(np.array([[0.0], [1.0], [2.0], [3.0], [1000.0]]))
    >>> scaler.transform(np.array([[2.0], [4.0]]))
    array([[0.],
           [1.]])
    """

    def fit(self, X, y=None):
        """Learn the medians and the interquartile ranges.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : object, optional
            Ignored.

        Returns
        -------
        self : RobustScaler

        Raises
        ------
        ShapeError
            If X is not 2-D or is empty.
        NotFiniteError
            If X holds NaN or infinity.
        """
        X = check_matrix(X, "X")
        xp = namespace(X)
        quartiles = column_quantiles(X, [0.25, 0.5, 0.75])
        lower, self.center_, upper = (quartiles[i, :] for i in range(3))
        self.scale_ = xp.where(upper > lower, upper - lower, 1.0)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Scale with what was learned.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        Z : array of shape (n_samples, n_features)
            In interquartile ranges from the training median.

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
        return (X - self.center_) / self.scale_

    def inverse_transform(self, X):
        """Undo `transform`.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Scaled features.

        Returns
        -------
        original : array of shape (n_samples, n_features)
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        return X * self.scale_ + self.center_


def normalize(X, norm="l2"):
    """Divide every row by its length; rows of zeros stay as they are.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    norm : {"l1", "l2", "max"}
        What the length is: the sum of absolute values, the root of the sum of squares, or the largest
        absolute value.

    Returns
    -------
    rows : array of shape (n_samples, n_features)

    Raises
    ------
    ShapeError
        If X is not 2-D or is empty.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If the norm is unknown.

    Examples
    --------
    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    X = check_matrix(X, "X")
    check_choice(norm, ("l1", "l2", "max"), "norm")
    return unit_rows(X, {"l1": 1, "l2": 2, "max": math.inf}[norm])


def column_quantiles(X, probabilities):
    """Quantiles of each column's entries, NaN left out.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Floats; every column needs an entry that is not NaN.
    probabilities : sequence of float
        From 0 to 1: shares of the entries below the quantile; 0.5 is the median.

    Returns
    -------
    quantiles : array of shape (n_probabilities, n_features)
        Where a quantile falls between two entries, on the straight line between them.

    Examples
    --------
    >>> column_quantiles(np.array([[1.0, 5.0], [2.0, np.nan], [9.0, 6.0]]), [0.5, 1.0])
    array([[2. , 5.5],
           [9. , 6. ]])
    """
    xp, X = namespace(X), check_array(X, "X", ndim=2)
    if X.shape[0] == 0:
        raise ShapeError("X has no rows; a quantile needs one at least")
    # As plain numbers, which leave the precision of X alone.
    probabilities = [float(probability) for probability in check_vector(probabilities, "probabilities")]
    if not all(0 <= probability <= 1 for probability in probabilities):
        raise ValueError(f"probabilities is {probabilities}; each must lie from 0 to 1")
    missing = xp.isnan(X)
    # Columns as rows: entries that are sorted together lie together.
    ordered = xp.sort(xp.where(missing, xp.inf, X).T, axis=1)
    last = X.shape[0] - 1 - xp.sum(xp.astype(missing, X.dtype), axis=0)
    quantiles = []
    for probability in probabilities:
        position = probability * last
        below = xp.floor(position)
        above = xp.minimum(below + 1, last)
        low, high = (
            xp.take_along_axis(ordered, xp.astype(rank, xp.int64)[:, None], axis=1)[:, 0]
            for rank in (below, above)
        )
        quantiles.append(low + (position - below) * (high - low))
    return xp.stack(quantiles)
