"""One query after the other, votes in a dictionary."""

SHARE = 0.9

import numpy as np


class KNeighborsClassifier:
    def __init__(self, n_neighbors=5, *, weights="uniform", bandwidth=1.0, metric="euclidean", ties="distance"):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.bandwidth = bandwidth
        self.metric = metric
        self.ties = ties

    def fit(self, X, y):
        if len(X) != len(y) or self.n_neighbors > len(X) or self.n_neighbors < 1:
            raise ValueError("these do not fit together")
        self.rows = np.array(X, dtype=float)
        self.labels = [int(label) for label in y]
        return self

    def _label_of(self, query):
        distances = np.linalg.norm(self.rows - query, axis=1)
        neighbours = sorted(range(len(distances)), key=lambda i: (distances[i], i))[: self.n_neighbors]
        d = distances[neighbours]
        if self.weights == "distance":
            weights = (d == 0).astype(float) if d[0] == 0 else d[0] / d
        elif self.weights == "uniform":
            weights = np.ones(len(d))
        else:
            weights = {{ variant.kernel }}_weights(d[None, :], self.bandwidth)[0]
        votes, distances_of = {}, {}
        for i, weight in zip(neighbours, weights):
            votes[self.labels[i]] = votes.get(self.labels[i], 0.0) + weight
            distances_of.setdefault(self.labels[i], []).append(distances[i])
        best = max(votes.values())
        tied = [label for label, vote in votes.items() if abs(vote - best) <= 1e-9 * best]
{% if variant.ties == "distance" %}
        far = {label: sum(distances_of[label]) for label in tied}
{% elif variant.ties == "nearest" %}
        far = {label: min(distances_of[label]) for label in tied}
{% else %}
        far = dict.fromkeys(tied, 0.0)
{% endif %}
        return min(label for label in tied if far[label] <= min(far.values()) * (1 + 1e-9))

    def predict(self, X):
        return np.array([self._label_of(query) for query in np.asarray(X, dtype=float)], dtype=np.int64)
