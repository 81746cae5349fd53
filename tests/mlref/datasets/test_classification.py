"""Generators of classification problems."""

import numpy as np
import pytest

from mlref.datasets import (
    make_blobs,
    make_imbalanced_scores,
    make_moons,
    make_parity,
    make_ring,
    make_three_modes,
)
from mlref.metrics import roc_auc_score
from mlref.neighbors import KNeighborsClassifier


def accuracy_of_a_line(X, y):
    """On the training rows themselves, where it is best."""
    design = np.column_stack([np.ones(len(X)), X])
    coefficients = np.linalg.lstsq(design, 2.0 * y - 1)[0]
    return np.mean((design @ coefficients > 0) == y)


def test_blobs_surround_their_centers_in_equal_numbers():
    centers = np.array([[0.0, 50.0], [-50.0, 0.0], [9.0, 9.0]])
    X, y = make_blobs(3000, np.random.default_rng(8), centers=centers, std=2.0)
    assert np.bincount(y).tolist() == [1000, 1000, 1000]
    for label, center in enumerate(centers):
        np.testing.assert_allclose(X[y == label].mean(axis=0), center, atol=0.3)
        np.testing.assert_allclose(X[y == label].std(axis=0), 2.0, atol=0.2)
    assert make_blobs(9, np.random.default_rng(9), centers=2, n_features=5)[0].shape == (9, 5)


def test_moons_are_separable_but_not_by_a_line():
    X, y = make_moons(1000, np.random.default_rng(10), noise=0.05)
    halves = slice(None, 500), slice(500, None)
    model = KNeighborsClassifier(3).fit(X[halves[0]], y[halves[0]])
    assert np.mean(model.predict(X[halves[1]]) == y[halves[1]]) > 0.99
    design = np.column_stack([np.ones(1000), X])
    coefficients = np.linalg.lstsq(design, 2.0 * y - 1)[0]
    assert np.mean((design @ coefficients > 0) == y) < 0.95


@pytest.mark.parametrize("make", [make_ring, make_parity, make_three_modes], ids=lambda make: make.__name__)
def test_no_line_separates_what_neighbours_tell_apart(make):
    X, y = make(1200, np.random.default_rng(11))
    assert accuracy_of_a_line(X, y) < 0.75
    assert 500 < y.sum() < 700
    model = KNeighborsClassifier(3).fit(X[:800], y[:800])
    assert model.score(X[800:], y[800:]) > 0.9


def test_parity_needs_every_feature():
    X, y = make_parity(3000, np.random.default_rng(12), n_features=3)
    np.testing.assert_array_equal(y, np.prod(np.where(X > 0, -1, 1), axis=1) == -1)
    for left_out in range(3):
        signs = np.delete(X > 0, left_out, axis=1)
        groups = signs @ [1, 2]
        assert all(abs(y[groups == group].mean() - 0.5) < 0.1 for group in range(4))


def test_noise_blurs_the_ring():
    X, y = make_ring(500, np.random.default_rng(13), noise=0.3)
    radius = np.sqrt(np.sum(X**2, axis=1))
    inside = (radius >= 1) & (radius <= 2)
    assert 0.02 < np.mean(inside != y) < 0.4


@pytest.mark.parametrize("auc", [0.2, 0.5, 0.8, 0.99])
def test_scores_have_the_area_that_was_asked_for(auc):
    y, scores = make_imbalanced_scores(20000, np.random.default_rng(14), auc=auc, positive_share=0.1)
    assert y.sum() == 2000
    # The standard error is below 0.5 / sqrt(2000).
    assert roc_auc_score(y, scores) == pytest.approx(auc, abs=4 * 0.5 / np.sqrt(2000))


def test_both_classes_have_a_score():
    for share in (0.001, 0.999):
        y, _ = make_imbalanced_scores(5, np.random.default_rng(15), positive_share=share)
        assert set(y.tolist()) == {0, 1}


def test_bad_arguments_raise():
    rng = np.random.default_rng(16)
    with pytest.raises(ValueError, match="n is 1; both classes need a sample"):
        make_imbalanced_scores(1, rng)
    for options in ({"auc": 1.0}, {"positive_share": 0.0}):
        with pytest.raises(ValueError, match="must lie strictly between 0 and 1"):
            make_imbalanced_scores(9, rng, **options)
    with pytest.raises(ValueError, match="n_features is 0"):
        make_parity(9, rng, n_features=0)
