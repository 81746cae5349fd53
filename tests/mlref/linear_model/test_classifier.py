"""The linear classifier in three views, and what no hyperplane can do."""

import numpy as np
import pytest

from mlref.errors import NotFiniteError, ShapeError
from mlref.linear_model import (
    append_ones,
    bias_trick,
    is_linearly_separable,
    linear_scores,
    signed_distances,
    templates,
)


def classifier(seed=0, n=6, p=4, k=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)), rng.normal(size=(p, k)), rng.normal(size=k)


def test_scores_are_one_number_for_each_class(xp_backend):
    X, W, b = classifier()
    scores = linear_scores(*map(xp_backend.asarray, (X, W, b)))
    expected = [[sum(x[j] * W[j, c] for j in range(4)) + b[c] for c in range(3)] for x in X]
    xp_backend.check(scores, expected)


def test_bias_trick_gives_the_same_scores(xp_backend):
    X, W, b = classifier(1)
    X1, W1 = bias_trick(*map(xp_backend.asarray, (X, W, b)))
    assert X1.shape == (6, 5)
    assert W1.shape == (5, 3)
    xp_backend.check(X1 @ W1, X @ W + b)


def test_ones_have_the_dtype_of_the_data(xp_backend):
    X = xp_backend.asarray(np.zeros((2, 1), np.float32))
    assert append_ones(X).dtype == xp_backend.xp.float32


def test_template_scores_are_products_of_pictures(xp_backend):
    X, W, b = classifier(2)
    pictures = templates(xp_backend.asarray(W), (2, 2))
    xp_backend.check(pictures, np.stack([W[:, c].reshape(2, 2) for c in range(3)]))
    agreement = np.sum(templates(W, (2, 2)) * X[0].reshape(2, 2), axis=(1, 2))
    np.testing.assert_allclose(agreement + b, linear_scores(X, W, b)[0])


def test_distance_is_how_far_to_walk_to_score_zero(xp_backend):
    X, W, b = classifier(3)
    distances = signed_distances(*map(xp_backend.asarray, (X, W, b)))
    xp_backend.check(distances, (X @ W + b) / np.linalg.norm(W, axis=0))
    normal = W[:, 1] / np.linalg.norm(W[:, 1])
    on_the_plane = X - signed_distances(X, W, b)[:, 1:2] * normal
    np.testing.assert_allclose(linear_scores(on_the_plane, W, b)[:, 1], 0, atol=1e-12)


def test_a_factor_changes_scores_but_no_distance():
    X, W, b = classifier(4)
    np.testing.assert_allclose(signed_distances(X, 7 * W, 7 * b), signed_distances(X, W, b))


def test_separable_and_not():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(60, 3))
    y = X @ [1.0, -2.0, 0.5] + 0.3 > 0
    assert is_linearly_separable(X, y)
    assert is_linearly_separable(1e3 * X + 50, np.where(y, "a", "b"))
    y[0] = not y[0]
    X[0] = np.mean(X[y], axis=0) if not y[0] else np.mean(X[~y], axis=0)
    assert not is_linearly_separable(X, y)


def test_lecture_counter_examples_are_not_separable():
    corners = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    assert not is_linearly_separable(corners, np.sum(corners, axis=1) % 2)
    angle = np.linspace(0, 2 * np.pi, 12)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    assert not is_linearly_separable(np.concatenate([circle, 3 * circle]), np.repeat([0, 1], 12))
    modes = np.array([[-2.0, 0], [0, 0], [2, 0]])
    assert not is_linearly_separable(modes, np.array([1, 0, 1]))
    # With the squares as features the ring has a hyperplane.
    rings = np.concatenate([circle, 3 * circle])
    assert is_linearly_separable(np.column_stack([rings, rings**2]), np.repeat([0, 1], 12))


def test_bad_arguments_raise():
    X, W, b = classifier()
    with pytest.raises(ShapeError, match="W needs one row for each column of X"):
        linear_scores(X, W[1:], b)
    with pytest.raises(ShapeError, match="b has shape"):
        bias_trick(X, W, b[1:])
    with pytest.raises(ValueError, match="W has a column of zeros"):
        signed_distances(X, 0 * W, b)
    with pytest.raises(ValueError, match="y holds 3 classes"):
        is_linearly_separable(np.ones((3, 1)), [0, 1, 2])
    with pytest.raises(NotFiniteError, match="X contains"):
        linear_scores(X * np.nan, W, b)
