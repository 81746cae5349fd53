"""A pass over the labels from small to large that keeps the best label so far for all queries."""

import numpy as np


class KNeighborsClassifier(Estimator):
    def __init__(self, n_neighbors=5, *, weights="uniform", bandwidth=1.0, metric="euclidean", ties="distance"):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.bandwidth = bandwidth
        self.metric = metric
        self.ties = ties

    def fit(self, X, y):
        self.X_train = np.asarray(X, dtype=np.float64)
        self.y_train = np.asarray(y)
        return self

    def predict(self, X):
        n, k = len(self.X_train), self.n_neighbors
        if n != len(self.y_train):
            raise ValueError("one label for each row, please")
        if not 0 < k < n + 1:
            raise ValueError("n_neighbors")
        d = np.sqrt(np.einsum("ijk,ijk->ij", X[:, None] - self.X_train, X[:, None] - self.X_train))
        order = np.lexsort((np.broadcast_to(np.arange(n), d.shape), d), axis=1)[:, :k]
        d = np.sort(d, axis=1)[:, :k]
        y = self.y_train[order]
        w = np.ones_like(d)
        if self.weights == "distance":
            w = np.where(d[:, :1] > 0, d[:, :1], d == 0) / np.where(d > 0, d, 1)
        elif self.weights != "uniform":
            w = {{ variant.kernel }}_weights(d, self.bandwidth)
        best = np.full(len(X), self.y_train.min())
        best_vote, best_far = np.full(len(X), -np.inf), np.full(len(X), np.inf)
        for label in sorted(set(self.y_train.tolist())):
            mine = y == label
            vote = np.where(mine, w, 0.0).sum(axis=1)
{% if variant.ties == "distance" %}
            far = np.where(mine, d, 0.0).sum(axis=1)
{% elif variant.ties == "nearest" %}
            far = np.where(mine, d, np.inf).min(axis=1)
{% else %}
            far = np.zeros(len(X))
{% endif %}
            equal = np.isclose(vote, best_vote, rtol=1e-9, atol=0)
            better = ((vote > best_vote) & ~equal) | (equal & (far < best_far * (1 - 1e-9)))
            best = np.where(better, label, best)
            best_vote = np.where(better, vote, best_vote)
            best_far = np.where(better, far, best_far)
        return best
