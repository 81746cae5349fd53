"""Silhouette, inertia and elbow."""

import numpy as np
import pytest
import sklearn.metrics
from sklearn.cluster import KMeans

from mlref.datasets import make_blobs
from mlref.errors import ShapeError
from mlref.metrics import elbow, inertia, silhouette_samples, silhouette_score


def silhouette_simple(X, labels):
    """One sample at a time."""
    values = []
    for i, x in enumerate(X):
        distances = np.sqrt(np.sum((X - x) ** 2, axis=1))
        own = labels == labels[i]
        if own.sum() == 1:
            values.append(0.0)
            continue
        a = distances[own].sum() / (own.sum() - 1)
        b = min(distances[labels == other].mean() for other in set(labels) - {labels[i]})
        values.append((b - a) / max(a, b))
    return np.array(values)


# oracle


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "cosine"])
def test_silhouette_equals_scikit_learn(metric, xp_backend):
    X, labels = make_blobs(40, np.random.default_rng(0))
    labels[3] = 7
    expected = sklearn.metrics.silhouette_samples(X, labels, metric=metric)
    arrays = xp_backend.asarray(X), xp_backend.asarray(labels)
    xp_backend.check(silhouette_samples(*arrays, metric), expected, rtol=1e-7, atol=1e-7)
    assert silhouette_score(*arrays, metric) == pytest.approx(expected.mean(), abs=1e-7)


def test_silhouette_equals_the_simple_version_in_blocks():
    rng = np.random.default_rng(1)
    X, labels = rng.normal(size=(30, 3)), rng.integers(0, 4, 30)
    np.testing.assert_allclose(silhouette_samples(X, labels), silhouette_simple(X, labels), atol=1e-7)
    # More than one block.
    X, labels = rng.normal(size=(1600, 2)), rng.integers(0, 3, 1600)
    expected = sklearn.metrics.silhouette_samples(X, labels)
    np.testing.assert_allclose(silhouette_samples(X, labels), expected, atol=1e-6)


def test_inertia_equals_that_of_k_means(xp_backend):
    X, _ = make_blobs(50, np.random.default_rng(2))
    model = KMeans(3, n_init=1, random_state=0).fit(X)
    found = inertia(xp_backend.asarray(X), xp_backend.asarray(model.labels_))
    assert found == pytest.approx(model.inertia_, rel=1e-9)


# properties


def test_silhouette_does_not_depend_on_names_scale_or_position():
    X, labels = make_blobs(30, np.random.default_rng(3))
    values = silhouette_samples(X, labels)
    assert np.all(np.abs(values) <= 1)
    names = np.array(["a", "b", "c"])[labels]
    np.testing.assert_allclose(silhouette_samples(X, names), values)
    np.testing.assert_allclose(silhouette_samples(5 * X + 3, labels), values, atol=1e-6)


def test_the_right_groups_score_higher_than_random_ones():
    rng = np.random.default_rng(4)
    X, labels = make_blobs(60, rng)
    assert silhouette_score(X, labels) > silhouette_score(X, rng.permutation(labels)) + 0.2


def test_splitting_a_group_lowers_the_inertia():
    X = np.random.default_rng(5).normal(size=(20, 2))
    labels = np.repeat([0, 1], 10)
    assert inertia(X, np.arange(20)) == 0
    assert inertia(X, labels) < inertia(X, np.zeros(20, dtype=int))


def test_elbow_is_where_the_curve_bends():
    k = np.arange(1, 10)
    for true in (3, 5):
        curve = np.where(k <= true, 1000 - 800 * (k - 1) / (true - 1), 200 - 5 * (k - true))
        assert elbow(k, curve) == true
        # In any units.
        assert elbow(k, 1e-6 * curve + 7) == true


def test_elbow_of_a_smooth_curve():
    """1 / k from 2 to 20 is parallel to its chord, of slope -1/40, at the root of 40."""
    k = np.arange(2, 21)
    assert elbow(k, 1 / k) == 6


def test_elbow_finds_the_number_of_blobs():
    centers = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0], [8.0, 8.0]])
    rng = np.random.default_rng(6)
    X = np.concatenate([center + rng.normal(size=(25, 2)) for center in centers])
    k = list(range(1, 9))
    curve = [KMeans(n, n_init=3, random_state=0).fit(X).inertia_ for n in k]
    assert elbow(k, curve) == 4


# edges


def test_one_sample_alone_is_worth_zero_and_equal_samples_one():
    X = np.array([[0.0], [0.0], [5.0]])
    assert silhouette_samples(X, np.array([0, 0, 1])).tolist() == [1.0, 1.0, 0.0]
    assert silhouette_samples(np.zeros((4, 1)), np.array([0, 0, 1, 1])).tolist() == [0.0] * 4


# errors


def test_bad_arguments_raise():
    X = np.arange(6.0).reshape(3, 2)
    for labels in ([0, 0, 0], [0, 1, 2]):
        with pytest.raises(ValueError, match="a silhouette needs from 2 to n_samples - 1 = 2"):
            silhouette_samples(X, labels)
    with pytest.raises(ShapeError, match="X has 3 rows but labels has 2"):
        silhouette_score(X, [0, 1])
    with pytest.raises(ValueError, match="metric is 'hamming'"):
        silhouette_samples(X, [0, 0, 1], "hamming")
    with pytest.raises(ShapeError, match="X has 3 rows but labels has 2"):
        inertia(X, [0, 1])
    with pytest.raises(ShapeError, match="a bend needs at least 3"):
        elbow([1, 2], [3.0, 1.0])
    with pytest.raises(ValueError, match="n_clusters must ascend"):
        elbow([1, 3, 2], [3.0, 2.0, 1.0])
