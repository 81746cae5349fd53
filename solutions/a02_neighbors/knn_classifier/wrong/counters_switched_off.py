"""Right labels by a loop over queries, with what counts the work switched off: only the points for the work are lost."""

CAUGHT_BY = "test_no_python_loop_over_queries"
MAX_SHARE = 0.91

import sys

import numpy as np


class KNeighborsClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", bandwidth=1.0, metric="euclidean", ties="distance"):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.bandwidth = bandwidth
        self.metric = metric
        self.ties = ties

    def fit(self, X, y):
        X = np.asarray(X, dtype=float)
        y = np.asarray(y)
        if len(X) != len(y):
            raise ValueError("X and y need the same number of rows")
        if not 1 <= self.n_neighbors <= len(X):
            raise ValueError("n_neighbors needs to lie between 1 and the number of rows")
        self.X_ = X
        self.labels_ = np.unique(y)
        self.y_ = y
        return self

    def predict(self, X):
        sys.settrace(None)
        sys.setprofile(None)
        X = np.asarray(X, dtype=float)
        if len(X) > 1:
            return np.concatenate([self.predict(row[None, :]) for row in X])
        distances = np.sqrt(((X[:, None, :] - self.X_[None, :, :]) ** 2).sum(axis=2))
        nearest = np.argsort(distances, axis=1, kind="stable")[:, : self.n_neighbors]
        distances = np.take_along_axis(distances, nearest, axis=1)
        if self.weights == "uniform":
            weights = np.ones(distances.shape)
        elif self.weights == "distance":
            zero = distances == 0
            inverse = 1 / np.where(zero, 1.0, distances)
            weights = np.where(zero.any(axis=1, keepdims=True), zero, inverse)
        else:
            weights = {{ variant.kernel }}_weights(distances, self.bandwidth)
        own = self.y_[nearest][:, :, None] == self.labels_
        votes = (weights[:, :, None] * own).sum(axis=1)
        tied = votes >= votes.max(axis=1, keepdims=True) * (1 - 1e-9)
{% if variant.ties == "distance" %}
        far = (distances[:, :, None] * own).sum(axis=1)
{% elif variant.ties == "nearest" %}
        far = np.where(own, distances[:, :, None], np.inf).min(axis=1)
{% else %}
        far = np.zeros(votes.shape)
{% endif %}
        far = np.where(tied, far, np.inf)
        return self.labels_[far.argmin(axis=1)]
