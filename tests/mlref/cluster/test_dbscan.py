"""DBSCAN."""

import numpy as np
import pytest
import sklearn.cluster
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.cluster import DBSCAN, dbscan, dbscan_simple
from mlref.datasets import make_blobs, make_moons
from mlref.errors import ShapeError

# On a small grid squared distances are exact, and many samples are at a distance of exactly eps.
grids = hnp.arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.integers(0, 6))


@settings(max_examples=50)
@given(X=grids, eps=st.sampled_from([1.0, 2.0, 3.0]), min_samples=st.integers(1, 6))
def test_labels_equal_scikit_learns_border_by_border(X, eps, min_samples):
    labels, core = dbscan(X, eps, min_samples)
    theirs = sklearn.cluster.DBSCAN(eps=eps, min_samples=min_samples).fit(X)
    np.testing.assert_array_equal(labels, theirs.labels_)
    np.testing.assert_array_equal(np.flatnonzero(core), theirs.core_sample_indices_)
    np.testing.assert_array_equal(dbscan_simple(X, eps, min_samples), labels)


def test_the_moons_are_two_clusters():
    X, y = make_moons(300, np.random.default_rng(0), noise=0.05)
    labels, _ = dbscan(X, 0.2, 5)
    assert set(zip(labels.tolist(), y.tolist(), strict=True)) in ({(0, 0), (1, 1)}, {(0, 1), (1, 0)})


def test_only_border_samples_depend_on_the_order():
    X, _ = make_blobs(300, np.random.default_rng(1), std=1.5)
    order = np.random.default_rng(2).permutation(len(X))
    labels, core = dbscan(X, 0.5, 6)
    shuffled, still_core = dbscan(X[order], 0.5, 6)
    np.testing.assert_array_equal(core[order], still_core)
    pairs = set(zip(labels[order][still_core].tolist(), shuffled[still_core].tolist(), strict=True))
    assert len(pairs) == labels.max() + 1
    np.testing.assert_array_equal(labels[order] == -1, shuffled == -1)


def test_a_sample_counts_itself_and_the_border_is_inclusive():
    X = np.array([[0.0], [1.0]])
    assert dbscan(X, 1.0, 2)[0].tolist() == [0, 0]
    assert dbscan(X, 0.999, 2)[0].tolist() == [-1, -1]
    assert dbscan(X, 0.5, 1)[0].tolist() == [0, 1]


def test_a_border_sample_does_not_extend_its_cluster():
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])
    assert dbscan(X[[0, 1, 2, 4]], 1.0, 3)[0].tolist() == [0, 0, 0, -1]


def test_the_estimator_keeps_the_core_samples():
    X = np.array([[0.0], [1.0], [2.0], [9.0]])
    model = DBSCAN(eps=1.0, min_samples=3).fit(X)
    assert model.core_sample_indices_.tolist() == [1]
    assert model.components_.tolist() == [[1.0]]
    assert model.fit_predict(X).tolist() == [0, 0, 0, -1]


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="eps is 0; it must be a positive"):
        dbscan(np.ones((2, 1)), 0, 1)
    with pytest.raises(ValueError, match="min_samples is 0"):
        dbscan(np.ones((2, 1)), 1.0, 0)
    with pytest.raises(ShapeError, match="X has shape"):
        dbscan(np.ones(3), 1.0, 1)
