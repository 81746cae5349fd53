"""The nearest points, found by looking at all."""

import tracemalloc

import numpy as np
import pytest
import scipy.spatial.distance
import sklearn.neighbors
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import ShapeError
from mlref.neighbors import (
    brute,
    nearest_neighbors,
    nearest_neighbors_simple,
)

METRICS = {"euclidean": "euclidean", "manhattan": "cityblock", "chebyshev": "chebyshev"}
every_metric = pytest.mark.parametrize("metric", METRICS)

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


@every_metric
@pytest.mark.parametrize("k", [1, 5, 300])
def test_neighbors_equal_scikit_learn(metric, k, xp_backend):
    queries, points = normal(6, 20, 3), normal(7, 300, 3)
    distances, indices = nearest_neighbors(xp_backend.asarray(queries), xp_backend.asarray(points), k, metric)
    peer = sklearn.neighbors.NearestNeighbors(n_neighbors=k, algorithm="kd_tree", metric=metric).fit(points)
    expected_distances, expected_indices = peer.kneighbors(queries)
    xp_backend.check(distances, expected_distances)
    xp_backend.check(indices, expected_indices)


@every_metric
@settings(deadline=None)
@given(grids, st.data())
def test_neighbors_equal_the_loop_where_distances_tie(metric, arrays, data):
    queries, points = arrays
    k = data.draw(st.integers(1, points.shape[0]))
    distances, indices = nearest_neighbors(queries, points, k, metric)
    simple_distances, simple_indices = nearest_neighbors_simple(queries, points, k, metric)
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_array_equal(distances, simple_distances)


@pytest.mark.parametrize("offset", [0.0, 1e7])
def test_neighbors_are_exact_where_the_matrix_product_rounds(offset, xp_backend):
    """Points 1e-9 apart and far from the origin: the scores cannot tell them apart, the distances can."""
    points = offset + np.arange(2000.0)[:, None] * 2.0**-20 + np.zeros((1, 2))
    points[0] = offset + 1e3
    queries = points[[500, 1500]]
    distances, indices = nearest_neighbors(xp_backend.asarray(queries), xp_backend.asarray(points), 3)
    xp_backend.check(indices, [[500, 499, 501], [1500, 1499, 1501]])
    xp_backend.check(distances, np.sqrt(2) * 2.0**-20 * np.array([[0, 1, 1], [0, 1, 1]]), atol=0)


def test_neighbors_in_float32_equal_the_loop():
    queries, points = normal(37, 5, 3).astype(np.float32), normal(38, 3000, 3).astype(np.float32)
    distances, indices = nearest_neighbors(queries, points, 50)
    simple_distances, simple_indices = nearest_neighbors_simple(queries, points, 50)
    assert distances.dtype == np.float32
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_array_equal(distances, simple_distances)


def test_blocks_join_seamlessly():
    """More queries than one block holds, and a number of points that no group size divides."""
    queries, points = normal(8, 300, 2), normal(9, 7919, 2)
    distances, indices = nearest_neighbors(queries, points, 7)
    expected = np.argsort(scipy.spatial.distance.cdist(queries, points), axis=1, stable=True)[:, :7]
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_array_equal(distances[200], nearest_neighbors(queries[200:201], points, 7)[0][0])


@pytest.mark.parametrize("scale", [1e-140, 1e-30, 1e30, 1e150])
def test_units_do_not_matter(scale):
    """Single precision ends at 1e38, squares of doubles at 1e308."""
    queries, points = normal(39, 4, 3), normal(40, 500, 3)
    distances, indices = nearest_neighbors(scale * queries, scale * points, 5)
    expected_distances, expected_indices = nearest_neighbors(queries, points, 5)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(distances, scale * expected_distances, rtol=1e-13)


@pytest.mark.parametrize("far", [1e4, 1e9, 1e15])
def test_a_few_points_far_away_do_not_blur_the_others(far):
    """Entries for "unknown" such as 999999 make all other points look alike in single precision."""
    queries, points = normal(41, 6, 3), normal(42, 900, 3)
    points[::300] = far
    queries[5] = far
    distances, indices = nearest_neighbors(queries, points, 4)
    simple_distances, simple_indices = nearest_neighbors_simple(queries, points, 4)
    np.testing.assert_array_equal(indices, simple_indices)
    np.testing.assert_allclose(distances, simple_distances, rtol=1e-14)


def test_clusters_far_apart_are_searched_in_double_precision(monkeypatch):
    rng = np.random.default_rng(43)
    points = rng.normal(size=(2000, 2)) + 1e6 * rng.integers(0, 3, size=(2000, 1))
    precisions = []
    search = brute._search
    monkeypatch.setattr(brute, "_search", lambda *a: precisions.append(a[-1]) or search(*a))
    _, indices = nearest_neighbors(points[:20], points, 3)
    assert precisions == [np.float32, np.float64]
    expected = np.argsort(scipy.spatial.distance.cdist(points[:20], points), axis=1, stable=True)[:, :3]
    np.testing.assert_array_equal(indices, expected)


def test_ordinary_data_need_no_second_look(monkeypatch):
    precisions = []
    search = brute._search
    monkeypatch.setattr(brute, "_search", lambda *a: precisions.append(a[-1]) or search(*a))
    nearest_neighbors(normal(44, 100, 5), normal(45, 3000, 5), 10)
    assert precisions == [np.float32]


def test_memory_is_bounded_by_blocks():
    """2000 queries of 20,000 points: all scores at once would be 160 MB in single precision."""
    queries, points = normal(46, 2000, 4), normal(47, 20_000, 4)
    tracemalloc.start()
    nearest_neighbors(queries, points, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


def test_rows_longer_than_a_block():
    """Not even one query's candidates fit into a block."""
    points = np.arange(20.0, dtype=np.float32)[:, None] + np.zeros((1, 2**18), dtype=np.float32)
    _, indices = nearest_neighbors(points[3:5] + 0.25, points, 16)
    assert indices[:, :3].tolist() == [[3, 4, 2], [4, 5, 3]]


def test_bad_neighbor_arguments_raise():
    with pytest.raises(ValueError, match="n_neighbors is 4 but the number of samples is n_samples = 3"):
        nearest_neighbors(np.ones((1, 2)), np.ones((3, 2)), 4)
    with pytest.raises(ValueError, match="n_neighbors is 0"):
        nearest_neighbors(np.ones((1, 2)), np.ones((3, 2)), 0)
    with pytest.raises(ShapeError, match="queries has 1 features but points has 2"):
        nearest_neighbors(np.ones((1, 1)), np.ones((3, 2)), 1)
