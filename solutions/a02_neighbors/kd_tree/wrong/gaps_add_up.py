"""Gaps to splits of the same feature are added up, so that boxes seem farther than they are."""

CAUGHT_BY = "test_distances"
MAX_SHARE = 0.95


import heapq

import numpy as np


class KDTree:
    def __init__(self, X, leaf_size=16):
        X = np.asarray(X, dtype=float)
        if X.ndim != 2 or X.shape[0] == 0:
            raise ValueError("X needs shape (n_samples, n_features) with at least one row")
        if leaf_size < 1:
            raise ValueError("leaf_size needs to be at least 1")
        self.X, self.leaf_size = X, leaf_size
        self.root = self._build(np.arange(len(X)))

    def _build(self, rows):
        points = self.X[rows]
        low, high = points.min(axis=0), points.max(axis=0)
        axis = int(np.argmax(high - low))
        if len(rows) <= self.leaf_size or low[axis] == high[axis]:
            return rows
        order = np.argsort(points[:, axis], kind="stable")
        middle = len(rows) // 2
        cut = float(points[order[middle], axis])
        return axis, cut, self._build(rows[order[:middle]]), self._build(rows[order[middle:]])

    def query(self, Q, k):
        Q = np.asarray(Q, dtype=float)
        if not 1 <= k <= len(self.X):
            raise ValueError("k needs to lie between 1 and the number of rows")
        if Q.ndim != 2 or Q.shape[1] != self.X.shape[1]:
            raise ValueError("Q needs as many columns as X")
        distances, indices = np.empty((len(Q), k)), np.empty((len(Q), k), dtype=np.int64)
        for i, q in enumerate(Q):
            best = []
            self._visit(self.root, q, k, best, 0.0)
            best = sorted((-d, -j) for d, j in best)
            distances[i] = np.sqrt([d for d, _ in best])
            indices[i] = [j for _, j in best]
        return distances, indices

    def _visit(self, node, q, k, best, before):
        if isinstance(node, np.ndarray):
            squares = ((self.X[node] - q) ** 2).sum(axis=1)
            for d, j in zip(squares.tolist(), node.tolist()):
                item = (-d, -j)
                if len(best) < k:
                    heapq.heappush(best, item)
                elif item > best[0]:
                    heapq.heapreplace(best, item)
            return
        axis, cut, left, right = node
        gap = float(q[axis]) - cut
        near, far = (left, right) if gap < 0 else (right, left)
        self._visit(near, q, k, best, before)
        if len(best) < k or before + gap * gap <= -best[0][0]:
            self._visit(far, q, k, best, before + gap * gap)
