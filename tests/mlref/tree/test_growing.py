"""Trees that grow level by level, on exact values and on bins."""

import numpy as np
import pytest

from mlref.tree import bin_features, grow_tree, grow_tree_simple
from mlref.tree.level import Level
from mlref.tree.splitting import target_rows


def noisy(seed, n=120, d=4, *, distinct=None):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) if distinct is None else rng.integers(0, distinct, (n, d)).astype(float)
    return X, X[:, 0] + np.sin(3 * X[:, 1]) + 0.3 * rng.normal(size=n)


def nested(tree, X, y, node=0, rows=None):
    """A tree of arrays in the form of `grow_tree_simple`."""
    rows = np.arange(y.size) if rows is None else rows
    if tree.feature[node] < 0:
        return tuple(y[rows])
    left = X[rows, tree.feature[node]] <= tree.threshold[node]
    return (
        int(tree.feature[node]),
        float(tree.threshold[node]),
        nested(tree, X, y, tree.children_left[node], rows[left]),
        nested(tree, X, y, tree.children_right[node], rows[~left]),
    )


def as_tuples(tree):
    return tuple(as_tuples(part) if isinstance(part, tuple | np.ndarray) else part for part in tree)


@pytest.mark.parametrize("distinct", [None, 5], ids=["sorted", "tables"])
@pytest.mark.parametrize("criterion", ["gini", "entropy", "squared_error"])
@pytest.mark.parametrize("limit", [{}, {"max_depth": 3}, {"min_samples_leaf": 6}], ids=str)
def test_a_tree_is_its_best_splits_one_after_another(distinct, criterion, limit):
    X, y = noisy(0, distinct=distinct)
    if criterion != "squared_error":
        y = np.digitize(y, [-0.5, 0.8])
    tree, leaf = grow_tree(bin_features(X), target_rows(y, criterion), criterion=criterion, **limit)
    assert nested(tree, X, y) == as_tuples(grow_tree_simple(X, y, criterion, **limit))
    np.testing.assert_array_equal(leaf, tree.apply(X))


def test_a_tree_of_few_values_is_the_same_by_tables_and_by_sorting(monkeypatch):
    X, y = noisy(1, n=300, distinct=6)
    bins, targets = bin_features(X), target_rows(y, "squared_error")
    weights = np.random.default_rng(2).uniform(0.5, 2, 300)
    tables = grow_tree(bins, targets * weights, weights=weights, max_depth=4)[0]
    monkeypatch.setattr(Level, "_search_tables", Level._search_sorted)
    sorts = grow_tree(bins, targets * weights, weights=weights, max_depth=4)[0]
    np.testing.assert_array_equal(tables.feature, sorts.feature)
    np.testing.assert_array_equal(tables.threshold, sorts.threshold)
    np.testing.assert_allclose(tables.value, sorts.value)
    np.testing.assert_allclose(tables.gain, sorts.gain, atol=1e-12)


def test_whole_weights_are_repetitions():
    X, y = noisy(3, n=60)
    times = np.random.default_rng(4).integers(1, 4, 60)
    y = y - np.average(y, weights=times)
    weighted, _ = grow_tree(bin_features(X), (y * times)[None, :], weights=times.astype(float), max_depth=4)
    repeated, _ = grow_tree(
        bin_features(np.repeat(X, times, axis=0)), np.repeat(y, times)[None, :], max_depth=4
    )
    np.testing.assert_array_equal(weighted.threshold, repeated.threshold)
    np.testing.assert_allclose(weighted.value, repeated.value, atol=1e-12)
    np.testing.assert_allclose(weighted.impurity, repeated.impurity, atol=1e-12)


def test_a_value_at_the_threshold_goes_left_and_leaves_have_no_children():
    tree, _ = grow_tree(bin_features(np.array([[1.0], [2.0]])), np.array([[-0.5, 0.5]]))
    assert tree.threshold[0] == 1.5
    np.testing.assert_array_equal(tree.apply(np.array([[1.5], [np.nextafter(1.5, 2)]])), [1, 2])
    np.testing.assert_array_equal(tree.feature, [0, -1, -1])
    np.testing.assert_array_equal(tree.children_left, [1, -1, -1])
    np.testing.assert_array_equal(tree.children_right, [2, -1, -1])


def test_children_share_what_their_parent_has():
    X, y = noisy(5)
    tree, _ = grow_tree(bin_features(X), target_rows(y, "squared_error"), max_depth=5)
    inner = np.flatnonzero(tree.feature >= 0)
    left, right = tree.children_left[inner], tree.children_right[inner]
    n, n_left, n_right = (tree.n_node_samples[nodes] for nodes in (inner, left, right))
    np.testing.assert_array_equal(n, n_left + n_right)
    below = (n_left * tree.impurity[left] + n_right * tree.impurity[right]) / n
    np.testing.assert_allclose(tree.gain[inner], tree.impurity[inner] - below, atol=1e-12)
    assert np.all(left > inner)
    assert tree.n_leaves == inner.size + 1
    assert tree.depth == 5


def test_quantile_bins_hold_about_the_same_number_and_keep_the_order():
    x = np.random.default_rng(6).exponential(size=1000)
    bins = bin_features(x[:, None], max_bins=8)
    np.testing.assert_array_equal(np.bincount(bins.codes[0]), np.full(8, 125))
    assert np.all(np.diff(bins.codes[0][np.argsort(x)]) >= 0)
    for code in range(8):
        inside = x[bins.codes[0] == code]
        assert (bins.low[0, code], bins.high[0, code]) == (inside.min(), inside.max())


def test_a_value_that_fills_several_quantiles_is_one_bin():
    x = np.concatenate([np.zeros(90), np.arange(1.0, 11.0)])
    few = np.minimum(x, 3.0)
    assert bin_features(few[:, None], max_bins=4).codes[0].tolist() == few.tolist()
    bins = bin_features(x[:, None], max_bins=4)
    assert np.all(bins.codes[0][:90] == 0)
    assert set(np.unique(bins.codes)) == set(range(np.sum(~np.isnan(bins.low[0]))))


def test_nodes_may_draw_different_features():
    X, y = noisy(7, n=400, d=6)
    rng = np.random.default_rng(8)
    trees = [
        grow_tree(bin_features(X), target_rows(y, "squared_error"), max_depth=3, max_features=1, rng=rng)[0]
        for _ in range(20)
    ]
    assert {tree.feature[0] for tree in trees} == set(range(6))
