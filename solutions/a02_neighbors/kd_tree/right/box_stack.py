"""Flat lists of boxes, walked with a stack; candidates merged with lexsort."""

import numpy as np


class KDTree:
    def __init__(self, X, leaf_size=16):
        self.data = np.array(X, dtype=np.float64)
        if self.data.ndim != 2 or len(self.data) == 0:
            raise ValueError("X: expected a table with at least one row")
        if leaf_size < 1:
            raise ValueError("leaf_size: expected at least 1")
        # One entry per node: rows or None, lower corner, upper corner, first child (the second follows it).
        self.nodes = [[np.arange(len(self.data)), self.data.min(0), self.data.max(0), None]]
        depth = [0]
        i = 0
        while i < len(self.nodes):
            rows = self.nodes[i][0]
            axis = depth[i] % self.data.shape[1]
            if len(rows) > leaf_size:
                half = len(rows) // 2
                order = np.argpartition(self.data[rows, axis], half)
                self.nodes[i][0], self.nodes[i][3] = None, len(self.nodes)
                for part in (rows[order[:half]], rows[order[half:]]):
                    points = self.data[part]
                    self.nodes.append([part, points.min(0), points.max(0), None])
                    depth.append(depth[i] + 1)
            i += 1

    def _gap(self, node, q):
        outside = np.maximum(node[1] - q, 0) + np.maximum(q - node[2], 0)
        return float(outside @ outside)

    def query(self, Q, k):
        Q = np.array(Q, dtype=np.float64)
        if k < 1 or k > len(self.data):
            raise ValueError("k: expected 1 to the number of rows")
        if Q.ndim != 2 or Q.shape[1] != self.data.shape[1]:
            raise ValueError("Q: wrong number of columns")
        rows = [self._one(q, k) for q in Q]
        if not rows:
            return np.empty((0, k)), np.empty((0, k), dtype=np.int64)
        return np.stack([np.sqrt(d) for d, _ in rows]), np.stack([j for _, j in rows]).astype(np.int64)

    def _one(self, q, k):
        d, j = np.full(k, np.inf), np.full(k, len(self.data))
        stack = [(0.0, 0)]
        while stack:
            gap, i = stack.pop()
            # Rounding may put a box a hair too far away; equal distances need a look because of their index.
            if gap * (1 - 1e-12) > d[-1]:
                continue
            rows, _, _, child = self.nodes[i]
            if rows is None:
                pair = [(self._gap(self.nodes[c], q), c) for c in (child, child + 1)]
                stack += sorted(pair, reverse=True)
            else:
                difference = self.data[rows] - q
                d = np.concatenate([d, np.einsum("ij,ij->i", difference, difference)])
                j = np.concatenate([j, rows])
                order = np.lexsort((j, d))[:k]
                d, j = d[order], j[order]
        return d, j
