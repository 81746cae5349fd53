"""Sequential minimal optimisation."""

import numpy as np
import pytest
import scipy.optimize
import sklearn.svm

from mlref.errors import ConvergenceWarning
from mlref.svm import kernel_matrix, smo, smo_simplified


def problem(seed, n=60):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    y = np.where(np.sum(X**2, axis=1) + 0.4 * rng.normal(size=n) > 1.3, 1.0, -1.0)
    return kernel_matrix(X, X, gamma=0.5), y


def classifier(K, y, C, **options):
    return smo(K.__getitem__, np.diag(K), y, np.minimum(C * y, 0), np.maximum(C * y, 0), **options)


def dual(K, b, y):
    return y @ b - b @ K @ b / 2


@pytest.mark.parametrize("C", [0.1, 1.0, 1000.0])
def test_the_dual_objective_is_libsvms(C):
    K, y = problem(0)
    b, intercept, _ = classifier(K, y, C, tol=1e-6)
    peer = sklearn.svm.SVC(C=C, kernel="precomputed", tol=1e-6).fit(K, y)
    theirs = np.zeros(y.size)
    theirs[peer.support_] = peer.dual_coef_[0]
    assert dual(K, b, y) == pytest.approx(dual(K, theirs, y), rel=1e-8)
    assert intercept == pytest.approx(peer.intercept_[0], abs=1e-4)


def test_it_takes_as_many_steps_as_libsvm():
    ours, theirs = 0, 0
    for seed in range(4):
        K, y = problem(seed)
        ours += classifier(K, y, 10.0, tol=1e-6)[2]
        theirs += sklearn.svm.SVC(C=10.0, kernel="precomputed", tol=1e-6).fit(K, y).n_iter_[0]
    assert ours < 1.25 * theirs


def test_a_general_solver_finds_the_same_maximum():
    K, y = problem(1, n=12)
    b, _, _ = classifier(K, y, 2.0, tol=1e-8)
    found = scipy.optimize.minimize(
        lambda b: -dual(K, b, y),
        np.zeros(12),
        jac=lambda b: K @ b - y,
        bounds=[(min(2 * t, 0), max(2 * t, 0)) for t in y],
        constraints={"type": "eq", "fun": np.sum},
        options={"ftol": 1e-12},
    )
    np.testing.assert_allclose(b, found.x, atol=1e-4)


def test_the_conditions_of_the_optimum_hold():
    """Outside the margin no coefficient, on it between the bounds, inside it the bound."""
    K, y = problem(2)
    b, intercept, _ = classifier(K, y, 1.5, tol=1e-5)
    margin, alpha = y * (K @ b + intercept), y * b
    assert np.sum(b) == pytest.approx(0, abs=1e-12)
    assert np.all((alpha >= 0) & (alpha <= 1.5))
    assert np.all(margin[alpha == 0] >= 1 - 1e-4)
    assert np.all(margin[alpha == 1.5] <= 1 + 1e-4)
    free = (alpha > 0) & (alpha < 1.5)
    np.testing.assert_allclose(margin[free], 1, atol=1e-4)
    assert free.any()


def test_the_widest_street_between_two_points():
    x, y = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([-1.0, 1.0])
    b, intercept, n_iter = classifier(x @ x.T, y, 10.0)
    w = b @ x
    assert 2 / np.linalg.norm(w) == pytest.approx(5)
    np.testing.assert_allclose(x @ w + intercept, y)
    assert n_iter == 1


def test_a_kernel_without_curvature_stops_at_the_bounds():
    y = np.array([1.0, -1.0, 1.0, -1.0])
    b, _, _ = classifier(np.ones((4, 4)), y, 2.0)
    np.testing.assert_array_equal(b, 2 * y)


def test_the_teaching_form_comes_close():
    K, y = problem(3)
    b, right, _ = classifier(K, y, 1.0, tol=1e-6)
    alpha, intercept = smo_simplified(K, y, 1.0, np.random.default_rng(4), max_passes=20)
    assert intercept == pytest.approx(right, abs=0.01)
    assert alpha @ y == pytest.approx(0, abs=1e-10)
    assert np.all((alpha >= 0) & (alpha <= 1))
    assert dual(K, b, y) * 0.9999 < dual(K, alpha * y, y) <= dual(K, b, y)
    margin = y * (K @ (alpha * y) + intercept)
    assert np.all(margin[alpha == 0] >= 1 - 2e-3)
    assert np.all(margin[alpha == 1] <= 1 + 2e-3)
    np.testing.assert_allclose(margin[(alpha > 1e-5) & (alpha < 1 - 1e-5)], 1, atol=2e-3)


def test_stopping_early_warns():
    K, y = problem(5)
    with pytest.warns(ConvergenceWarning, match="smo stopped after max_iter = 3 steps"):
        assert classifier(K, y, 1.0, max_iter=3)[2] == 3
