"""{% if variant.metric == "euclidean" %}Squared distances by one matrix product{% else %}Distances by numpy.linalg.norm{% endif %}; all weights laid out over all training rows."""

import numpy as np


class KNeighborsRegressor(Estimator):
    def __init__(self, n_neighbors=5, *, weights="uniform", bandwidth=1.0, metric="euclidean"):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.bandwidth = bandwidth
        self.metric = metric

    def fit(self, X, y):
        X, y = np.array(X, dtype=float), np.array(y, dtype=float)
        if X.shape[0] != y.shape[0]:
            raise ValueError(f"{X.shape[0]} rows but {y.shape[0]} values")
        if self.n_neighbors not in range(1, X.shape[0] + 1):
            raise ValueError("n_neighbors is out of range")
        if self.weights not in {"uniform", "distance", "{{ variant.kernel }}"}:
            raise ValueError("no such weights")
        self.X_, self.y_ = X, y
        return self

    def predict(self, X):
        Q = np.array(X, dtype=float)
{% if variant.metric == "euclidean" %}
        squares = (Q**2).sum(axis=1)[:, None] - 2 * Q @ self.X_.T + (self.X_**2).sum(axis=1)
        D = np.sqrt(np.clip(squares, 0, None))
{% else %}
        D = np.linalg.norm(Q[:, None] - self.X_[None], ord={{ "1" if variant.metric == "manhattan" else "np.inf" }}, axis=-1)
{% endif %}
        order = D.argsort(axis=1, kind="mergesort")[:, : self.n_neighbors]
        rows = np.arange(len(Q))[:, None]
        d = D[rows, order]
        W = np.zeros(D.shape)
        if self.weights == "uniform":
            W[rows, order] = 1 / self.n_neighbors
        elif self.weights == "distance":
            hit = d.min(axis=1) == 0
            W[rows[hit], order[hit]] = d[hit] == 0
            W[rows[~hit], order[~hit]] = 1 / d[~hit]
            W /= W.sum(axis=1, keepdims=True)
        else:
            W[rows, order] = {{ variant.kernel }}_weights(d, self.bandwidth)
        return W @ self.y_
