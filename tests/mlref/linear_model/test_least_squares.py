"""The line, least squares by QR and by guarded normal equations, and LinearRegression."""

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import sklearn.linear_model
from hypothesis import given, settings
from hypothesis import strategies as st

from mlref.autodiff import check_gradient
from mlref.errors import NotFiniteError, NotFittedError, ShapeError
from mlref.linear_model import (
    LinearRegression,
    fit_line,
    lstsq,
    mean_squared_error_gradient,
    normal_equations,
)
from mlref.metrics import mean_squared_error

both = pytest.mark.parametrize("solve", [lstsq, normal_equations], ids=lambda solve: solve.__name__)
both_solvers = pytest.mark.parametrize("solver", ["qr", "cholesky"])


def problem(seed, n, p, k=None):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + rng.normal(size=p)
    return X, rng.normal(size=n if k is None else (n, k))


def exact_least_squares(X, y):
    """By elimination on the normal equations in exact fractions."""
    from fractions import Fraction

    X, y = [[Fraction(float(v)) for v in row] for row in X], [Fraction(float(v)) for v in y]
    p = len(X[0])
    A = [[sum(row[i] * row[j] for row in X) for j in range(p)] for i in range(p)]
    A = [[*row, sum(r[i] * t for r, t in zip(X, y, strict=True))] for i, row in enumerate(A)]
    for i in range(p):
        A[i] = [v / A[i][i] for v in A[i]]
        for j in range(p):
            if j != i:
                A[j] = [a - A[j][i] * b for a, b in zip(A[j], A[i], strict=True)]
    return np.array([float(row[-1]) for row in A])


# the line


def test_line_equals_scipy(xp_backend):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=30), rng.normal(size=30)
    expected = scipy.stats.linregress(x, y)
    intercept, slope = fit_line(xp_backend.asarray(x), xp_backend.asarray(y))
    assert (intercept, slope) == pytest.approx((expected.intercept, expected.slope), rel=1e-12)
    assert type(intercept) is float
    assert type(slope) is float


@settings(deadline=None, max_examples=30)
@given(a=st.floats(-5, 5), b=st.floats(0.1, 5), c=st.floats(-5, 5), d=st.floats(-5, 5))
def test_line_follows_changes_of_units(a, b, c, d):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=8), rng.normal(size=8)
    intercept, slope = fit_line(x, y)
    moved_intercept, moved_slope = fit_line(a + b * x, c + d * y)
    assert moved_slope == pytest.approx(d / b * slope, abs=1e-9)
    assert moved_intercept == pytest.approx(c + d * intercept - d / b * slope * a, abs=1e-8)


def test_line_through_two_points():
    assert fit_line(np.array([1, 3]), np.array([5, 1])) == (7.0, -2.0)


def test_line_far_from_the_origin_keeps_its_slope():
    x = 1e8 + np.arange(5.0)
    assert fit_line(x, 3 * np.arange(5.0))[1] == pytest.approx(3, rel=1e-12)


@pytest.mark.parametrize("x", [np.full(3, 0.1), np.array([2.0])])
def test_line_of_a_constant_x_raises(x):
    with pytest.raises(ValueError, match="x is constant"):
        fit_line(x, np.arange(len(x)))


def test_bad_data_of_a_line_raise():
    with pytest.raises(ShapeError, match="x has 2 rows but y has 3"):
        fit_line(np.arange(2), np.arange(3))
    with pytest.raises(ShapeError, match="x has shape"):
        fit_line(np.ones((2, 1)), np.arange(2))
    with pytest.raises(NotFiniteError, match="y contains"):
        fit_line(np.arange(2), np.array([0, np.inf]))


# least squares


@both
@pytest.mark.parametrize("shape", [(40, 3), (40, 3, 2), (2000, 40)])
def test_coefficients_equal_scipy(solve, shape, xp_backend):
    X, y = problem(2, *shape)
    coef = solve(xp_backend.asarray(X), xp_backend.asarray(y))
    xp_backend.check(coef, scipy.linalg.lstsq(X, y)[0], rtol=1e-10)


@pytest.mark.parametrize("shape", [(4, 7), (30, 5), (3000, 30)])
def test_of_several_best_the_shortest_is_taken(shape, xp_backend):
    X, y = problem(3, *shape)
    X = X @ np.diag(np.arange(X.shape[1]) > 0)  # the first column is zero
    X[:, -1] = X[:, 1] - 2 * X[:, 2]
    coef = lstsq(xp_backend.asarray(X), xp_backend.asarray(y))
    xp_backend.check(coef, np.linalg.pinv(X) @ y, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_what_counts_as_zero_does_not_depend_on_the_units(scale):
    X, y = problem(3, 30, 5)
    X[:, 4] = X[:, 1] - 2 * X[:, 2]
    np.testing.assert_allclose(lstsq(scale * X, y) * scale, lstsq(X, y), rtol=1e-9)


@both
def test_residuals_are_at_right_angles_to_the_columns(solve):
    X, y = problem(4, 50, 6)
    np.testing.assert_allclose(X.T @ (y - X @ solve(X, y)), 0, atol=1e-11)


@both
def test_order_of_rows_does_not_matter(solve):
    X, y = problem(5, 900, 4)
    order = np.random.default_rng(5).permutation(900)
    np.testing.assert_allclose(solve(X[order], y[order]), solve(X, y), rtol=1e-11)


def test_ill_conditioned_polynomial_is_solved_by_qr():
    """M = 9 on [0, 0.5], condition 1e9: the plain normal equations keep two or three digits."""
    x = np.arange(10) / 18
    X, y = x[:, None] ** np.arange(10), np.cos(9 * x)
    exact = exact_least_squares(X, y)
    for solve in (lstsq, normal_equations):
        assert np.max(np.abs(solve(X, y) / exact - 1)) < 1e-7
    naive = np.linalg.solve(X.T @ X, X.T @ y)
    assert np.max(np.abs(naive / exact - 1)) > 1e-5


@pytest.mark.parametrize("n", range(2, 13))
def test_normal_equations_are_guarded_on_hilbert_matrices(n, xp_backend):
    """At most half of the digits are lost beyond what the data lose; unguarded it is all from n = 7 on."""
    X, w = scipy.linalg.hilbert(2 * n)[:, :n], np.ones(n)
    y = X @ w
    coef = normal_equations(xp_backend.asarray(X), xp_backend.asarray(y))
    allowed = max(1e-7, 100 * np.finfo(float).eps * np.linalg.cond(X))
    xp_backend.check(coef, w, rtol=allowed)
    # lstsq itself cannot do better than the condition number.
    xp_backend.check(lstsq(xp_backend.asarray(X), xp_backend.asarray(y)), w, rtol=allowed)


def test_float32_stays_float32(xp_backend):
    X, y = (xp_backend.asarray(a.astype(np.float32)) for a in problem(6, 60, 4))
    for solve in (lstsq, normal_equations):
        assert solve(X, y).dtype == xp_backend.xp.float32


def test_inputs_are_not_changed():
    X, y = problem(7, 30, 3)
    copies = X.copy(), y.copy()
    for array in (X, y):
        array.flags.writeable = False
    for solve in (lstsq, normal_equations):
        solve(X, y)
    LinearRegression().fit(X, y, sample_weight=np.ones(30))
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(y, copies[1])


def test_views_integers_and_lists_are_data_too():
    X, y = problem(8, 40, 4)
    np.testing.assert_allclose(lstsq(X[::2, ::-1], y[::2]), np.linalg.lstsq(X[::2, ::-1], y[::2])[0])
    assert lstsq([[1], [2]], [2, 4]) == pytest.approx([2])


@both
def test_bad_data_raise(solve):
    with pytest.raises(ShapeError, match="X has 3 rows but y has 2"):
        solve(np.ones((3, 1)), np.ones(2))
    with pytest.raises(ShapeError, match="y has shape"):
        solve(np.ones((3, 1)), np.ones((3, 1, 1)))
    with pytest.raises(NotFiniteError, match="X contains"):
        solve(np.array([[np.nan]]), np.ones(1))


# gradient


def test_gradient_of_the_mean_squared_error(xp_backend):
    X, y = problem(9, 12, 4)
    w = np.random.default_rng(9).normal(size=4)
    gradient = mean_squared_error_gradient(*map(xp_backend.asarray, (w, X, y)))
    xp_backend.check(gradient, 2 * X.T @ (X @ w - y) / 12)
    report = check_gradient(
        lambda p: mean_squared_error(y, X @ p["w"]), {"w": w}, {"w": mean_squared_error_gradient(w, X, y)}
    )
    assert report.verdict == "ok", report.message


def test_gradient_is_zero_at_least_squares():
    X, y = problem(10, 30, 4)
    np.testing.assert_allclose(mean_squared_error_gradient(lstsq(X, y), X, y), 0, atol=1e-14)


def test_gradient_of_weights_that_do_not_fit_raises():
    with pytest.raises(ShapeError, match=r"w has shape \(2,\); it must be \(3,\)"):
        mean_squared_error_gradient(np.ones(2), np.ones((4, 3)), np.ones(4))


# estimator


@both_solvers
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("k", [None, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_estimator_equals_scikit_learn(solver, fit_intercept, k, weighted):
    X, y = problem(11, 60, 4, k)
    weight = np.random.default_rng(12).integers(0, 4, size=60) if weighted else None
    ours = LinearRegression(fit_intercept=fit_intercept, solver=solver).fit(X, y, weight)
    theirs = sklearn.linear_model.LinearRegression(fit_intercept=fit_intercept).fit(X, y, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-10, atol=1e-11)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y))


@both_solvers
def test_estimator_on_other_libraries(solver, xp_backend):
    X, y = problem(13, 50, 3)
    model = LinearRegression(solver=solver).fit(xp_backend.asarray(X), xp_backend.asarray(y))
    expected = sklearn.linear_model.LinearRegression().fit(X, y)
    xp_backend.check(model.coef_, expected.coef_, rtol=1e-10)
    xp_backend.check(model.predict(xp_backend.asarray(X)), expected.predict(X), rtol=1e-9)


@both_solvers
def test_a_whole_weight_counts_as_so_many_rows(solver):
    X, y = problem(14, 20, 3)
    weight = np.random.default_rng(14).integers(0, 3, size=20)
    weighted = LinearRegression(solver=solver).fit(X, y, weight)
    repeated = LinearRegression(solver=solver).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-10)


@both_solvers
def test_a_constant_column_gets_no_weight_beside_an_intercept(solver):
    X, y = problem(15, 30, 2)
    X = np.column_stack([X, np.full(30, 0.1)])
    model = LinearRegression(solver=solver).fit(X, y)
    assert abs(model.coef_[2]) < 1e-10
    np.testing.assert_allclose(model.coef_[:2], LinearRegression().fit(X[:, :2], y).coef_, rtol=1e-10)


def test_one_sample_gives_a_constant():
    model = LinearRegression().fit([[1.0, 2.0]], [3.0])
    assert model.coef_.tolist() == [0, 0]
    assert model.intercept_ == 3


def test_bad_use_of_the_estimator_raises():
    X, y = problem(16, 10, 2)
    with pytest.raises(NotFittedError, match="not fitted"):
        LinearRegression().predict(X)
    with pytest.raises(ValueError, match="solver is 'svd'"):
        LinearRegression(solver="svd").fit(X, y)
    with pytest.raises(ShapeError, match="X has 3 features, but LinearRegression is expecting 2"):
        LinearRegression().fit(X, y).predict(np.ones((1, 3)))
    with pytest.raises(ValueError, match="sample_weight holds negative"):
        LinearRegression().fit(X, y, sample_weight=-np.ones(10))
    with pytest.raises(ValueError, match="sample_weight is zero everywhere"):
        LinearRegression().fit(X, y, sample_weight=np.zeros(10))
