"""No tree at all: every distance, sorted, and other dtypes and orders in memory. Right, and it costs the points for pruning."""

SHARE = 0.88

import numpy as np


class KDTree:
    def __init__(self, X, leaf_size=16):
        self.X = np.asarray(X, dtype=float)
        if self.X.ndim != 2 or self.X.shape[0] == 0 or leaf_size < 1:
            raise ValueError("bad X or leaf_size")

    def query(self, Q, k):
        Q = np.asarray(Q, dtype=float)
        if k < 1 or k > self.X.shape[0] or Q.ndim != 2 or Q.shape[1] != self.X.shape[1]:
            raise ValueError("bad Q or k")
        distances = np.sqrt(((Q[:, None, :] - self.X[None, :, :]) ** 2).sum(axis=2))
        indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(distances, indices, axis=1)
        return np.asfortranarray(found), indices.astype(np.uint16)
