"""Estimators that predict from the nearest training samples."""

import numpy as np  # noqa: F401 (the examples use it)

from mlref.arrays import namespace
from mlref.base import Estimator
from mlref.errors import (
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_positive,
    check_same_length,
    check_vector,
)
from mlref.neighbors.brute import METRICS, nearest_neighbors
from mlref.neighbors.weights import WEIGHTS, neighbor_weights

__all__ = ["KNeighborsClassifier", "KNeighborsRegressor"]


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
        weights = neighbor_weights(distances, self.weights, self.bandwidth)
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
        X, y = check_matrix(X, "X"), check_labels(y, "y")
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
        weights = neighbor_weights(distances, self.weights, self.bandwidth)
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


def _check_parameters(estimator, n_samples):
    check_count(estimator.n_neighbors, "n_neighbors", maximum=n_samples)
    check_choice(estimator.weights, WEIGHTS, "weights")
    check_choice(estimator.metric, METRICS, "metric")
    check_positive(estimator.bandwidth, "bandwidth")
