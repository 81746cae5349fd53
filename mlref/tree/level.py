"""The best splits of all nodes of one depth at once. Numpy only."""

from functools import cached_property

import numpy as np
from scipy.special import xlogy

__all__ = [
    "Level",
    "purity",
]


def purity(sums, weight, criterion):
    """Weight times impurity, with the sign changed, and without the part that no split can change.

    Parameters
    ----------
    sums : array of shape (n_targets, ...)
        Weighted sum of the targets of a node.
    weight : array of shape (...)
        Sum of the weights of a node.
    criterion : {"gini", "entropy", "squared_error"}

    Returns
    -------
    purity : array of shape (...)

    Notes
    -----
    A split gains ``purity(left) + purity(right) - purity(both)``: by so much falls the impurity times the
    weight. With targets t, squared error times weight is ``sum t^2 - (sum t)^2 / weight``, and a split does
    not change ``sum t^2``. Summed over the columns of one-hot targets the same is the Gini impurity. Entropy
    times weight is ``w log2 w - sum_k s_k log2 s_k`` for the class weights ``s_k``.
    """
    if criterion == "entropy":
        return (np.sum(xlogy(sums, sums), axis=0) - xlogy(weight, weight)) / np.log(2)
    return np.einsum("k...,k...->...", sums, sums) / weight


class Level:
    """The samples in the nodes of one depth, and the search for the best split of each node.

    All nodes are searched together. Sorted by (node, value), the samples of a node are one run, and a
    cumulative sum over everything, less what it was where the run starts, holds the sums of all heads of the
    run: every threshold of every node by one sort. Where a feature has few distinct values it is cheaper to
    add up the targets by (node, value), and to cumulate that table.

    Parameters
    ----------
    node : array of shape (n_rows,)
        Node of each sample, from 0; none is empty.
    rows : array of shape (n_rows,)
        Row number of each sample.
    targets : array of shape (n_targets, n_samples)
        Already multiplied by the weights.
    weights : array of shape (n_samples,), optional
    criterion : {"gini", "entropy", "squared_error"}

    Notes
    -----
    The working memory is some ten arrays of shape (n_targets, n_rows).
    """

    def __init__(self, node, rows, targets, weights, criterion):
        self.node, self.rows, self.criterion = node, rows, criterion
        self.targets = np.take(targets, rows, axis=1)
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
        gain : array of shape (n_nodes,)
            Decrease of the impurity, per unit of the node's weight.
        """
        n_bins = bins.low.shape[1]
        few_values = self.n_nodes * n_bins <= self.rows.size
        search = self._search_table if few_values else self._search_sorted
        # Scores that differ by rounding only are equal.
        slack = 1e-9 * self.impurity * self.weight
        score = np.full(self.n_nodes, -np.inf)
        feature, left = np.full(self.n_nodes, -1), np.zeros(self.n_nodes, dtype=np.int64)
        for slot in range(bins.codes.shape[0] if candidates is None else candidates.shape[1]):
            own = slot if candidates is None else candidates[:, slot]
            column = slot if candidates is None else own[self.node]
            keys = self.node * n_bins + bins.codes[column, self.rows]
            own_score, own_left = search(keys, n_bins, min_samples_leaf, slack)
            better = own_score > score + slack
            score = np.where(better, own_score, score)
            feature = np.where(better, own, feature)
            left = np.where(better, own_left, left)
        return feature, left, (score - self.purity) / self.weight

    @cached_property
    def _runs(self):
        """Node and number of samples up to each place in the sorted order, and the sums of all nodes before."""
        node = np.repeat(np.arange(self.n_nodes), self.counts)
        start = np.cumsum(self.counts) - self.counts
        n_left = np.arange(1, node.size + 1) - start[node]
        before = np.cumsum(self.sums, axis=1) - self.sums
        weight_before = np.cumsum(self.weight) - self.weight
        return node, start, n_left, before[:, node], self.sums[:, node], weight_before[node], self.weight[node]

    def _search_sorted(self, keys, n_bins, min_samples_leaf, slack):
        node, start, n_left, before, sums, weight_before, weight = self._runs
        order = np.argsort(keys)
        keys = keys[order]
        left = np.cumsum(np.take(self.targets, order, axis=1), axis=1) - before
        left_weight = n_left if self.weights is None else np.cumsum(self.weights[order]) - weight_before
        differs = np.append(keys[1:] != keys[:-1], False)
        n_right = self.counts[node] - n_left
        allowed = differs & (np.minimum(n_left, n_right) >= min_samples_leaf)
        score = self._scores(left, left_weight, sums - left, weight - left_weight, allowed)
        best = np.maximum.reduceat(score, start)
        first = np.flatnonzero(score >= (best - slack)[node])
        first = first[np.searchsorted(node[first], np.arange(self.n_nodes))]
        return best, keys[first] % n_bins

    def _search_table(self, keys, n_bins, min_samples_leaf, slack):
        def heads(values):
            table = np.bincount(keys, values, minlength=self.n_nodes * n_bins)
            return np.cumsum(table.reshape(self.n_nodes, n_bins), axis=1)

        n_left = heads(None)
        n_right = self.counts[:, None] - n_left
        left = np.stack([heads(row) for row in self.targets])
        left_weight = n_left if self.weights is None else heads(self.weights)
        right, right_weight = self.sums[:, :, None] - left, self.weight[:, None] - left_weight
        present = np.diff(n_left, axis=1, prepend=0) > 0
        allowed = present & (np.minimum(n_left, n_right) >= min_samples_leaf)
        score = self._scores(left, left_weight, right, right_weight, allowed)
        best = np.max(score, axis=1)
        return best, np.argmax(score >= (best - slack)[:, None], axis=1)

    def _scores(self, left, left_weight, right, right_weight, allowed):
        """Purity of both sides of every threshold; -inf where it is not allowed."""
        # A side without samples has no weight to divide by.
        left_weight, right_weight = (np.where(allowed, w, 1.0) for w in (left_weight, right_weight))
        both = purity(left, left_weight, self.criterion) + purity(right, right_weight, self.criterion)
        return np.where(allowed, both, -np.inf)
