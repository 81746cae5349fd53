"""The best splits of all nodes of one depth at once. Numpy only."""

from functools import cached_property

import numpy as np

from mlref.tree.splitting import purity

__all__ = [
    "Level",
]


class Level:
    """The samples in the nodes of one depth, and the search for the best split of each node.

    All nodes are searched together. Sorted by (node, value), the samples of a node are one run, and a
    cumulative sum over everything, less what it was where the run starts, holds the sums of all heads of the
    run: every threshold of every node by one sort. Where a feature has few distinct values it is cheaper to
    add up the targets by (node, value), and to cumulate that table.

    Parameters
    ----------
    node : array of shape (n_rows,)
        Node of each sample, from 0; none is empty, and for `best_splits` each has at least two.
    rows : array of shape (n_rows,)
        Row number of each sample.
    targets : array of shape (n_targets, n_samples)
        Already multiplied by the weights.
    weights : array of shape (n_samples,), optional
    criterion : {"gini", "entropy", "squared_error"}
    family : array of shape (n_tables, n_features, n_nodes / 2, n_bins), optional
        What the level above found for the parents, of which each has two neighbouring nodes here.

    Notes
    -----
    The working memory is some ten arrays of shape (n_targets, n_rows), or (n_targets, n_features, n_nodes,
    n_bins) while ``n_nodes * n_bins <= n_rows``.
    """

    def __init__(self, node, rows, targets, weights, criterion, family=None):
        self.family, self.tables = family, None
        self.node, self.rows, self.criterion = node, rows, criterion
        # Rows ascend: if none is missing there is nothing to pick.
        self.complete = rows.size == targets.shape[1]
        self.targets = targets if self.complete else np.take(targets, rows, axis=1)
        self.weights = None if weights is None else weights[rows]
        self.counts = np.bincount(node)
        self.n_nodes = self.counts.size
        self.sums = np.stack([np.bincount(node, row) for row in self.targets])
        self.weight = self.counts.astype(float) if weights is None else np.bincount(node, self.weights)
        self.purity = purity(self.sums, self.weight, criterion)
        squares = np.einsum("kn,kn->n", self.targets, self.targets)
        if self.weights is not None:
            squares = squares / self.weights
        squares = 0.0 if criterion == "entropy" else np.bincount(node, squares)
        self.impurity = np.maximum(squares - self.purity, 0.0) / self.weight

    def best_splits(self, bins, min_samples_leaf=1, candidates=None):
        """Best split of each node; of equally good ones the lowest feature, then the lowest threshold.

        Parameters
        ----------
        bins : Bins
        min_samples_leaf : int
        candidates : array of shape (n_nodes, n_candidates), optional
            The features that each node may use, ascending; by default all.

        Returns
        -------
        feature : array of shape (n_nodes,)
            -1 where no threshold is allowed.
        left : array of shape (n_nodes,)
            Bin that holds the largest values on the left.
        right : array of shape (n_nodes,)
            Bin that holds the smallest values on the right.
        gain : array of shape (n_nodes,)
            Decrease of the impurity, per unit of the node's weight.
        """
        n_features, n_bins = bins.codes.shape[0], bins.low.shape[1]
        if candidates is None:
            candidates, columns = np.tile(np.arange(n_features), (self.n_nodes, 1)), range(n_features)
        else:
            columns, self.family = candidates.T, None
        offset = self.node * n_bins

        def keys(which=slice(None)):
            """Place of each sample in the order of (node, bin), one array for each feature."""
            return (offset[which] + self.codes(bins, column)[which] for column in columns)

        # Scores that differ by rounding only are equal.
        slack = 1e-9 * self.impurity * self.weight
        few_values = self.n_nodes * n_bins <= self.rows.size
        search = self._search_tables if few_values else self._search_sorted
        score, left, right = search(keys, n_bins, min_samples_leaf, slack)
        best = np.max(score, axis=0)
        slot = np.argmax(score >= best - slack, axis=0), np.arange(self.n_nodes)
        feature = np.where(best > -np.inf, candidates.T[slot], -1)
        return feature, left[slot], right[slot], (best - self.purity) / self.weight

    def codes(self, bins, feature):
        """Bin of every sample in one feature, or in the feature that its node has."""
        if np.ndim(feature):
            return bins.codes[feature[self.node], self.rows]
        return bins.codes[feature] if self.complete else bins.codes[feature, self.rows]

    @cached_property
    def _runs(self):
        """For each place in the sorted order: its node, its number there, sums before the node and of it."""
        node = np.repeat(np.arange(self.n_nodes), self.counts)
        start = np.cumsum(self.counts) - self.counts
        n_left = np.arange(1, node.size + 1) - start[node]
        before = np.cumsum(self.sums, axis=1) - self.sums
        weight_before = np.cumsum(self.weight) - self.weight
        sums = before[:, node], self.sums[:, node], weight_before[node], self.weight[node]
        return node, start, n_left, *sums

    def _search_sorted(self, keys, n_bins, min_samples_leaf, slack):
        node, start, n_left, before, sums, weight_before, weight = self._runs
        n_right = self.counts[node] - n_left
        large_enough = np.minimum(n_left, n_right) >= min_samples_leaf
        found = []
        for unsorted in keys():
            order = np.argsort(unsorted)
            key = unsorted[order]
            left = np.cumsum(np.take(self.targets, order, axis=1), axis=1) - before
            left_weight = n_left if self.weights is None else np.cumsum(self.weights[order]) - weight_before
            allowed = np.append(key[1:] != key[:-1], False) & large_enough
            score = self._scores(left, left_weight, sums - left, weight - left_weight, allowed)
            best = np.maximum.reduceat(score, start)
            first = np.flatnonzero(score >= (best - slack)[node])
            first = first[np.searchsorted(node[first], np.arange(self.n_nodes))]
            found.append((best, key[first] % n_bins, key[first + 1] % n_bins))
        return (np.stack(parts) for parts in zip(*found, strict=True))

    def _search_tables(self, keys, n_bins, min_samples_leaf, slack):
        self.tables = self._sum_by_bin(keys, n_bins)
        heads = np.cumsum(self.tables, axis=3)
        present, n_left, left = self.tables[0] > 0, heads[0], heads[-self.targets.shape[0] :]
        left_weight = n_left if self.weights is None else heads[1]
        n_right = self.counts[:, None] - n_left
        right, right_weight = self.sums[:, None, :, None] - left, self.weight[:, None] - left_weight
        allowed = present & (np.minimum(n_left, n_right) >= min_samples_leaf)
        score = self._scores(left, left_weight, right, right_weight, allowed)
        best = np.max(score, axis=2)
        first = np.argmax(score >= (best - slack)[:, :, None], axis=2)
        after = np.arange(n_bins) > first[:, :, None]
        return best, first, np.argmax(present & after, axis=2)

    def _sum_by_bin(self, keys, n_bins):
        """Samples, weights and targets summed by (feature, node, bin), stacked along the first axis."""
        columns = self.targets if self.weights is None else np.vstack([self.weights, self.targets])
        counted = slice(None)
        if self.family is not None:
            # Of two siblings it is enough to count the smaller: the other is what their parent has more.
            small = np.arange(0, self.n_nodes, 2) + (self.counts[1::2] < self.counts[::2])
            counted = np.flatnonzero(np.isin(np.arange(self.n_nodes), small)[self.node])
            columns = columns[:, counted]
        size = self.n_nodes * n_bins
        tables = []
        for key in keys(counted):
            tables.append([np.bincount(key, column, minlength=size) for column in (None, *columns)])
        tables = np.stack(tables, axis=1).reshape(len(tables[0]), -1, self.n_nodes, n_bins)
        if self.family is not None:
            tables[:, :, small ^ 1] = self.family - tables[:, :, small]
        return tables

    def _scores(self, left, left_weight, right, right_weight, allowed):
        """Purity of both sides of every threshold; -inf where it is not allowed."""
        # A side without samples has no weight to divide by, nor one whose weight is lost in rounding.
        allowed = allowed & (left_weight > 0) & (right_weight > 0)
        left_weight, right_weight = (np.where(allowed, w, 1.0) for w in (left_weight, right_weight))
        both = purity(left, left_weight, self.criterion) + purity(right, right_weight, self.criterion)
        return np.where(allowed, both, -np.inf)
