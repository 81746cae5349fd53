"""A tree as arrays, and how it grows: level by level, or node by node. Numpy only."""

from dataclasses import dataclass

import numpy as np

from mlref.tree.level import Level
from mlref.tree.splitting import best_split, impurity

__all__ = [
    "Tree",
    "grow_tree",
    "grow_tree_simple",
]


@dataclass(frozen=True)
class Tree:
    """A binary tree as arrays with one entry a node; node 0 is the root, children come after their parent.

    Parameters
    ----------
    feature : array of shape (n_nodes,)
        Which feature the node asks about; -1 in a leaf.
    threshold : array of shape (n_nodes,)
        Samples with ``x[feature] <= threshold`` go left.
    children_left : array of shape (n_nodes,)
        Node number of the left child; -1 in a leaf.
    children_right : array of shape (n_nodes,)
    value : array of shape (n_nodes, n_targets)
        Mean target of the node's training samples.
    n_node_samples : array of shape (n_nodes,)
    impurity : array of shape (n_nodes,)
    gain : array of shape (n_nodes,)
        Decrease of the impurity by the node's split; zero in a leaf.
    depth : int
        Number of questions on the longest way from the root to a leaf.
    """

    feature: np.ndarray
    threshold: np.ndarray
    children_left: np.ndarray
    children_right: np.ndarray
    value: np.ndarray
    n_node_samples: np.ndarray
    impurity: np.ndarray
    gain: np.ndarray
    depth: int

    @property
    def n_leaves(self):
        """Number of leaves."""
        return int(np.sum(self.feature < 0))

    def apply(self, X):
        """Leaf of every sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        leaf : array of shape (n_samples,)
            Node numbers.
        """
        node = np.zeros(X.shape[0], dtype=np.int64)
        moving = np.arange(X.shape[0])
        for _ in range(self.depth):
            moving = moving[self.feature[node[moving]] >= 0]
            at = node[moving]
            goes_left = X[moving, self.feature[at]] <= self.threshold[at]
            node[moving] = np.where(goes_left, self.children_left[at], self.children_right[at])
        return node

    def importances(self, n_features):
        """Share of each feature in the decrease of impurity, each split weighted by its samples.

        Parameters
        ----------
        n_features : int

        Returns
        -------
        importances : array of shape (n_features,)
            Sum to one; all zero if there is no split.
        """
        inner = self.feature >= 0
        decrease = self.gain[inner] * self.n_node_samples[inner]
        total = np.bincount(self.feature[inner], decrease, minlength=n_features)
        return total / max(np.sum(total), np.finfo(float).tiny)


def grow_tree(
    bins,
    targets,
    *,
    weights=None,
    criterion="squared_error",
    max_depth=None,
    min_samples_split=2,
    min_samples_leaf=1,
    max_features=None,
    rng=None,
):
    """Split nodes, level by level, until they are pure or a limit is reached.

    Parameters
    ----------
    bins : Bins
        The features, from `bin_features`.
    targets : array of shape (n_targets, n_samples)
        One-hot columns of labels, or one row of numbers; multiplied by the weights, if there are any.
    weights : array of shape (n_samples,), optional
        Positive; by default all one.
    criterion : {"gini", "entropy", "squared_error"}
    max_depth : int, optional
        Most questions from the root to a leaf.
    min_samples_split : int
        A node with fewer samples is a leaf.
    min_samples_leaf : int
        No split leaves fewer samples than this on a side.
    max_features : int, optional
        How many features, drawn anew for each node, a node may use; by default all.
    rng : numpy.random.Generator, optional
        Draws them.

    Returns
    -------
    tree : Tree
    leaf : array of shape (n_samples,)
        In which leaf each training sample is.

    Notes
    -----
    Breadth first: the number of numpy calls grows with the depth, not with the number of nodes.
    """
    n_features, n_samples = bins.codes.shape
    rows, node = np.arange(n_samples), np.zeros(n_samples, dtype=np.int64)
    leaf = np.zeros(n_samples, dtype=np.int64)
    levels, n_nodes, pure, family = [], 0, None, None
    while rows.size:
        level = Level(node, rows, targets, weights, criterion, family)
        leaf[rows] = n_nodes + node
        n_nodes += level.n_nodes
        # Relative to the root: what rounding leaves of the impurity of equal targets.
        pure = 1e-14 * level.impurity[0] if pure is None else pure
        is_open = (level.impurity > pure) & (level.counts >= min_samples_split)
        is_open &= len(levels) != max_depth
        table = _leaves(level)
        levels.append(table)
        if not np.any(is_open):
            break
        if not np.all(is_open):
            rows, node = _keep(is_open, rows, node)
            level = Level(node, rows, targets, weights, criterion)
        candidates = _draw_features(level.n_nodes, n_features, max_features, rng)
        feature, left, right, gain = level.best_splits(bins, min_samples_leaf, candidates)
        threshold = bins.midpoint(feature, left, right)
        goes_right = level.codes(bins, feature) > left[node]
        inner = np.flatnonzero(is_open)[feature >= 0]
        for name, values in (("feature", feature), ("threshold", threshold), ("gain", gain)):
            table[name][inner] = values[feature >= 0]
        table["children_left"][inner] = n_nodes + 2 * np.arange(inner.size)
        table["children_right"][inner] = table["children_left"][inner] + 1
        family = None if level.tables is None else level.tables[:, :, feature >= 0]
        node = 2 * node + goes_right
        if inner.size < feature.size:
            rows, node = _keep(np.repeat(feature >= 0, 2), rows, node)
    columns = {name: np.concatenate([table[name] for table in levels]) for name in levels[0]}
    return Tree(**columns, depth=len(levels) - 1), leaf


def _leaves(level):
    """The columns of a tree for the nodes of a level, before any of them is split."""
    return {
        "feature": np.full(level.n_nodes, -1),
        "threshold": np.full(level.n_nodes, np.nan),
        "children_left": np.full(level.n_nodes, -1),
        "children_right": np.full(level.n_nodes, -1),
        "value": (level.sums / level.weight).T,
        "n_node_samples": level.counts,
        "impurity": level.impurity,
        "gain": np.zeros(level.n_nodes),
    }


def _keep(kept, rows, node):
    """The samples in the nodes that are kept, and these nodes numbered anew."""
    stays = kept[node]
    return rows[stays], (np.cumsum(kept) - 1)[node[stays]]


def _draw_features(n_nodes, n_features, max_features, rng):
    """For each node max_features different features, ascending; None for all."""
    if max_features is None or max_features == n_features:
        return None
    shuffled = np.argsort(rng.random((n_nodes, n_features)), axis=1)
    return np.sort(shuffled[:, :max_features], axis=1)


def grow_tree_simple(X, y, criterion="gini", max_depth=None, min_samples_leaf=1):
    """The same tree as nested questions: split, and grow a tree on each side.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    criterion : {"gini", "entropy", "squared_error"}
    max_depth : int, optional
    min_samples_leaf : int

    Returns
    -------
    tree : tuple or array of shape (n_leaf_samples,)
        (feature, threshold, left tree, right tree), or the targets in a leaf.

    Examples
    --------
    >>> grow_tree_simple(np.array([[3.0], [1.0], [2.0], [5.0]]), np.array([1, 0, 0, 1]))
    (0, 2.5, array([0, 0]), array([1, 1]))
    """
    split = (
        None
        if max_depth == 0 or impurity(y, criterion) == 0
        else best_split(X, y, criterion, min_samples_leaf)
    )
    if split is None:
        return y
    left = X[:, split.feature] <= split.threshold
    deeper = None if max_depth is None else max_depth - 1
    branches = (grow_tree_simple(X[s], y[s], criterion, deeper, min_samples_leaf) for s in (left, ~left))
    return split.feature, split.threshold, *branches
