"""The k-d tree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import NotFiniteError, ShapeError
from mlref.neighbors import (
    KDTree,
    kd_tree,
    nearest_neighbors,
    nearest_neighbors_simple,
    nearest_neighbors_tree,
)

# Points on a small grid: many duplicates, many equal distances, and every distance squared is exact.
grids = st.integers(1, 3).flatmap(
    lambda n_features: st.tuples(
        hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(n_features)), elements=st.integers(0, 3)),
        hnp.arrays(
            np.float64, st.tuples(st.integers(1, 60), st.just(n_features)), elements=st.integers(0, 3)
        ),
    )
)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("leaf_size", [1, 3, 16, 1000])
@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_tree_equals_brute_force(leaf_size, n_features):
    X, Q = normal(29, 500, n_features), normal(30, 40, n_features)
    for k in (1, 7, 500):
        distances, indices = KDTree(X, leaf_size).query(Q, k)
        expected_distances, expected_indices = nearest_neighbors(Q, X, k)
        np.testing.assert_array_equal(indices, expected_indices)
        np.testing.assert_allclose(distances, expected_distances, rtol=1e-14)


@settings(deadline=None)
@given(grids, st.integers(1, 5), st.data())
def test_tree_equals_the_loop_where_distances_tie(arrays, leaf_size, data):
    Q, X = arrays
    k = data.draw(st.integers(1, X.shape[0]))
    distances, indices = KDTree(X, leaf_size).query(Q, k)
    simple_distances, simple_indices = nearest_neighbors_simple(Q, X, k)
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_array_equal(distances, simple_distances)


def test_equal_points_make_one_leaf_and_keep_their_order():
    tree = KDTree(np.ones((5000, 2)), leaf_size=1)
    distances, indices = tree.query(np.zeros((1, 2)), 3)
    np.testing.assert_allclose(distances, np.sqrt(2))
    assert indices.tolist() == [[0, 1, 2]]
    assert tree.root.tolist() == list(range(5000))


@pytest.mark.parametrize("leaf_size", [1, 5, 16])
def test_a_leaf_is_as_large_as_it_may_be_and_no_larger(leaf_size):
    def leaves(node):
        return [node.size] if isinstance(node, np.ndarray) else leaves(node[2]) + leaves(node[3])

    sizes = leaves(KDTree(normal(50, 200, 2), leaf_size).root)
    assert sum(sizes) == 200
    # A node with one point more is split into halves.
    assert max(sizes) <= leaf_size
    assert min(sizes) >= (leaf_size + 1) // 2
    assert leaves(KDTree(normal(51, leaf_size, 2), leaf_size).root) == [leaf_size]


def test_tree_looks_at_few_nodes(monkeypatch):
    """On 4096 uniform points in the plane a query visits far less than a tenth of the nodes."""
    visits = 0
    search = kd_tree._search_tree

    def counting(*arguments):
        nonlocal visits
        visits += 1
        return search(*arguments)

    def n_nodes(node):
        return 1 if isinstance(node, np.ndarray) else 1 + n_nodes(node[2]) + n_nodes(node[3])

    monkeypatch.setattr(kd_tree, "_search_tree", counting)
    rng = np.random.default_rng(31)
    tree = KDTree(rng.uniform(size=(4096, 2)), leaf_size=1)
    assert n_nodes(tree.root) == 2 * 4096 - 1
    worst = {}
    for k in (1, 5, 20):
        counts = []
        for query in rng.uniform(size=(100, 1, 2)):
            visits = 0
            tree.query(query, k)
            counts.append(visits)
        worst[k] = max(counts) / n_nodes(tree.root)
    assert worst[1] < 0.015
    assert worst[5] < 0.025
    assert worst[20] < 0.05


def test_leaves_are_no_larger_than_asked_and_hold_every_point_once():
    def leaves(node):
        return [node] if isinstance(node, np.ndarray) else leaves(node[2]) + leaves(node[3])

    tree = KDTree(normal(32, 333, 3), leaf_size=10)
    assert max(leaf.size for leaf in leaves(tree.root)) <= 10
    assert sorted(np.concat(leaves(tree.root)).tolist()) == list(range(333))


def test_bad_tree_arguments_raise():
    with pytest.raises(ShapeError, match="X has 0 sample"):
        KDTree(np.ones((0, 2)))
    with pytest.raises(ValueError, match="leaf_size is 0"):
        KDTree(np.ones((3, 2)), leaf_size=0)
    tree = KDTree(np.ones((3, 2)))
    with pytest.raises(ValueError, match="k is 4 but the number of samples is n_samples = 3"):
        tree.query(np.ones((1, 2)), 4)
    with pytest.raises(ValueError, match="k is 0"):
        tree.query(np.ones((1, 2)), 0)
    with pytest.raises(ShapeError, match="X has 2 features but Q has 3"):
        tree.query(np.ones((1, 3)), 1)
    with pytest.raises(NotFiniteError, match="Q contains"):
        tree.query(np.array([[np.nan, 0.0]]), 1)


# scipy's tree


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@settings(deadline=None, max_examples=50)
@given(grids, st.data())
def test_scipys_tree_equals_the_loop_where_distances_tie(metric, arrays, data):
    queries, points = arrays
    k = data.draw(st.integers(1, points.shape[0]))
    distances, indices = nearest_neighbors_tree(queries, points, k, metric)
    simple_distances, simple_indices = nearest_neighbors_simple(queries, points, k, metric)
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_array_equal(distances, simple_distances)


def test_scipys_tree_equals_brute_force_where_nothing_ties():
    queries, points = normal(48, 50, 3), normal(49, 3000, 3)
    distances, indices = nearest_neighbors_tree(queries, points, 10)
    expected_distances, expected_indices = nearest_neighbors(queries, points, 10)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_array_equal(distances, expected_distances)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
def test_scipys_tree_measures_with_the_metric(metric, monkeypatch):
    """In eight dimensions the metrics disagree about who is near; without ties nobody asks all points."""
    queries, points = normal(52, 30, 8), normal(53, 400, 8)
    expected_distances, expected_indices = nearest_neighbors(queries, points, 15, metric)
    monkeypatch.setattr(kd_tree, "nearest_neighbors", None)
    distances, indices = nearest_neighbors_tree(queries, points, 15, metric)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_array_equal(distances, expected_distances)


def test_bad_arguments_of_scipys_tree_raise():
    with pytest.raises(ValueError, match="n_neighbors is 4 but the number of samples is n_samples = 3"):
        nearest_neighbors_tree(np.ones((1, 2)), np.ones((3, 2)), 4)
    with pytest.raises(ShapeError, match="queries has 1 features but points has 2"):
        nearest_neighbors_tree(np.ones((1, 1)), np.ones((3, 2)), 1)
    with pytest.raises(ValueError, match="metric is 'cosine'; it must be one of 'euclidean'"):
        nearest_neighbors_tree(np.ones((1, 1)), np.ones((3, 1)), 1, "cosine")
