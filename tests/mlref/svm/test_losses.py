"""Losses of linear support vector machines."""

import numpy as np
import pytest
import torch

from mlref.autodiff import check_gradient
from mlref.errors import ShapeError
from mlref.svm import svm_loss, svr_loss


def problem(seed, n=7, d=4, n_classes=5):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, d)), rng.integers(0, n_classes, n)
    return rng.normal(size=(d, n_classes)), rng.normal(size=n_classes), X, y


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("margin", [1.0, 0.3])
def test_hinge_equals_torchs(squared, margin):
    W, b, X, y = problem(0)
    loss, _, _ = svm_loss(W, b, X, y, margin, squared)
    scores = torch.asarray(X @ W + b)
    peer = torch.nn.functional.multi_margin_loss(scores, torch.asarray(y), p=1 + squared, margin=margin)
    # torch divides by the number of classes as well.
    assert loss == pytest.approx(peer.item() * W.shape[1])


@pytest.mark.parametrize("squared", [False, True])
def test_gradients_of_the_hinge(squared):
    W, b, X, y = problem(1)
    _, dW, db = svm_loss(W, b, X, y, 1.0, squared)
    report = check_gradient(
        lambda p: svm_loss(p["W"], p["b"], X, y, 1.0, squared)[0], {"W": W, "b": b}, {"W": dW, "b": db}
    )
    assert report.verdict == "ok", report.message


def test_golden_numbers_g01_and_g02_through_the_weights():
    """Three images whose scores are the features: 2.9, 0 and 12.9; squared 8.41, 0 and 83.25."""
    X, y = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]), np.arange(3)
    W, b = np.eye(3), np.zeros(3)
    each = [svm_loss(W, b, X[i : i + 1], y[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose(each, [2.9, 0, 12.9], atol=1e-12)
    assert svm_loss(W, b, X, y)[0] == pytest.approx(5.266667, abs=5e-7)
    assert svm_loss(W, b, X, y, squared=True)[0] == pytest.approx(30.553333, abs=5e-7)
    assert svm_loss(0 * W, b, X, y)[0] == 2.0
    # The twin: with a matrix that is not symmetric a transposed one would give 11 / 6.
    turn = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert svm_loss(turn, b, X, y)[0] == pytest.approx((5.9 + 7.8 + 1.7 + 4.6 + 0.7) / 3)


def test_equal_scores_cost_the_margin_for_every_other_class():
    W, b, X, y = problem(2)
    assert svm_loss(0 * W, 0 * b, X, y, margin=1.5)[0] == pytest.approx(1.5 * 4)


def test_adding_to_all_scores_changes_nothing():
    W, b, X, y = problem(3)
    loss, dW, db = svm_loss(W, b, X, y)
    assert svm_loss(W, b + 100, X, y)[0] == pytest.approx(loss)
    np.testing.assert_allclose(dW.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(db.sum(), 0, atol=1e-12)


def test_a_safe_margin_is_free():
    X, y = np.eye(3), np.arange(3)
    loss, dW, db = svm_loss(10 * np.eye(3), np.zeros(3), X, y)
    assert loss == 0
    assert not dW.any()
    assert not db.any()


def test_hinge_runs_on_every_library(xp_backend):
    W, b, X, y = problem(4)
    expected = svm_loss(W, b, X, y)
    loss, dW, db = svm_loss(*map(xp_backend.asarray, (W, b, X, y)))
    assert loss == pytest.approx(expected[0])
    xp_backend.check(dW, expected[1])
    xp_backend.check(db, expected[2])


def test_shapes_that_do_not_fit_raise():
    W, b, X, y = problem(5)
    with pytest.raises(ShapeError, match=r"X has shape \(7, 3\) but the weights have shape \(4, 5\)"):
        svm_loss(W, b, X[:, :3], y)
    with pytest.raises(ShapeError, match=r"b has shape \(4,\)"):
        svm_loss(W, b[:4], X, y)
    with pytest.raises(ShapeError, match="X has 7 rows but y has 6"):
        svm_loss(W, b, X, y[:6])


# epsilon-insensitive


def tube(seed, n=30, d=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=d), rng.normal(), rng.normal(size=(n, d)), rng.normal(size=n)


def test_tube_loss_of_a_hand_made_line():
    """Errors 0.05, -0.5 and 2 beside a tube of half-width 0.1: excess 0, 0.4 and 1.9."""
    X, y = np.array([[1.0], [2.0], [3.0]]), np.array([0.95, 2.5, 1.0])
    loss, dw, db = svr_loss(np.array([1.0]), 0.0, X, y, epsilon=0.1, C=3.0)
    assert loss == pytest.approx(0.5 + 0.4 + 1.9)
    np.testing.assert_allclose(dw, [1 - 2 + 3])
    assert db == pytest.approx(0)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 1.0])
def test_gradients_of_the_tube_loss(epsilon):
    w, b, X, y = tube(6)
    _, dw, db = svr_loss(w, b, X, y, epsilon, 2.0)
    report = check_gradient(
        lambda p: svr_loss(p["w"], p["b"][0], X, y, epsilon, 2.0)[0],
        {"w": w, "b": np.array([b])},
        {"w": dw, "b": np.array([db])},
    )
    assert report.verdict == "ok", report.message


def test_inside_the_tube_only_the_weights_count():
    w, b, X, _ = tube(7)
    loss, dw, db = svr_loss(w, b, X, X @ w + b + 0.09, epsilon=0.1, C=100.0)
    assert loss == pytest.approx(w @ w / 2)
    np.testing.assert_array_equal(dw, w)
    assert db == 0


def test_tube_loss_runs_on_every_library(xp_backend):
    w, b, X, y = tube(8)
    expected = svr_loss(w, b, X, y)
    loss, dw, db = svr_loss(xp_backend.asarray(w), b, xp_backend.asarray(X), xp_backend.asarray(y))
    assert (loss, db) == pytest.approx((expected[0], expected[2]))
    xp_backend.check(dw, expected[1])


def test_bad_tubes_raise():
    w, b, X, y = tube(9)
    with pytest.raises(ValueError, match=r"epsilon is -0\.1; it must not be negative"):
        svr_loss(w, b, X, y, epsilon=-0.1)
    with pytest.raises(ShapeError, match="X has 30 rows but y has 29"):
        svr_loss(w, b, X, y[:-1])
