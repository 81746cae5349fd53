"""Distances are rounded to six digits before they are sorted."""

CAUGHT_BY = "test_distance_weights_in_small_units"
MAX_SHARE = 0.99


import numpy as np


class KNeighborsRegressor:
    def __init__(self, n_neighbors=5, *, weights="uniform", bandwidth=1.0, metric="euclidean"):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.bandwidth = bandwidth
        self.metric = metric

    def fit(self, X, y):
        X = np.asarray(X, dtype=float)
        y = np.asarray(y, dtype=float)
        if len(X) != len(y):
            raise ValueError("X and y need the same number of rows")
        if not 1 <= self.n_neighbors <= len(X):
            raise ValueError("n_neighbors needs to lie between 1 and the number of rows")
        if self.weights not in ("uniform", "distance", "gaussian", "triangular", "epanechnikov"):
            raise ValueError("unknown weights")
        self.X_ = X
        self.y_ = y
        return self

    def predict(self, X):
        X = np.asarray(X, dtype=float)
        difference = np.abs(X[:, None, :] - self.X_[None, :, :])
{% if variant.metric == "euclidean" %}
        distances = np.sqrt((difference**2).sum(axis=2))
{% elif variant.metric == "manhattan" %}
        distances = difference.sum(axis=2)
{% else %}
        distances = difference.max(axis=2)
{% endif %}
        nearest = np.argsort(np.round(distances, 6), axis=1, kind="stable")[:, : self.n_neighbors]
        distances = np.take_along_axis(distances, nearest, axis=1)
        values = self.y_[nearest]
        if self.weights == "uniform":
            weights = np.ones(distances.shape)
        elif self.weights == "distance":
            zero = distances == 0
            inverse = 1 / np.where(zero, 1.0, distances)
            weights = np.where(zero.any(axis=1, keepdims=True), zero, inverse)
        else:
            weights = {{ variant.kernel }}_weights(distances, self.bandwidth)
        return (weights * values).sum(axis=1) / weights.sum(axis=1)
