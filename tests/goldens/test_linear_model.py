"""Golden numbers of the lectures on linear models: ten noisy points of a sine, fitted by polynomials."""

from fractions import Fraction

import numpy as np
import pytest

from mlref.linear_model import (
    Ridge,
    fit_gaussian,
    fit_line,
    gaussian_log_likelihood,
    l1_penalty,
    l2_penalty,
    lstsq,
    mean_squared_error_gradient,
    normal_equations,
    ridge_regression,
)

# Exactly 0, 1/9 ... 1: rounded to six digits they give 232.3667 where 232.3684 is right.
X = np.arange(10) / 9
T = np.array(
    [0.349486, 0.830839, 1.007332, 0.971507, 0.133066, 0.166823, -0.848307, -0.445686, -0.563567, 0.261502]
)

WEIGHTS = {
    0: [0.1863],
    1: [0.8202, -1.2678],
    3: [0.3137, 7.9854, -25.4261, 17.3741],
    6: [0.3526, 2.6194, 32.0967, -206.2748, 399.0037, -332.7099, 105.1633],
    9: [
        0.3495,
        232.3684,
        -5321.8288,
        48568.3144,
        -231639.3112,
        640042.3072,
        -1061800.6244,
        1042400.3004,
        -557683.0661,
        125201.4521,
    ],
}
# The slide's table, whose columns are headed M = 0, 1, 6 and 9.
SLIDE_M6 = [0.31, 7.99, -25.43, 17.37]


def powers(degree):
    return X[:, None] ** np.arange(degree + 1)


@pytest.mark.parametrize("degree", WEIGHTS)
@pytest.mark.parametrize("solve", [lstsq, normal_equations], ids=lambda solve: solve.__name__)
def test_g16_polynomial_coefficients(degree, solve):
    np.testing.assert_allclose(solve(powers(degree), T), WEIGHTS[degree], atol=5.1e-5, rtol=1e-7)


def test_g16_coefficients_of_degree_nine_in_exact_arithmetic():
    """M = 9 goes through all ten points; fractions confirm the numbers to the last printed digit."""
    rows = [[Fraction(i, 9) ** j for j in range(10)] + [Fraction(str(t))] for i, t in enumerate(T)]
    for i in range(10):
        pivot = next(k for k in range(i, 10) if rows[k][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(10):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    exact = [float(row[-1]) for row in rows]
    np.testing.assert_allclose(exact, WEIGHTS[9], atol=5.1e-5)
    np.testing.assert_allclose(lstsq(powers(9), T), exact, rtol=1e-7)


def test_g16_plain_normal_equations_lose_what_the_guard_keeps():
    V = powers(9)
    assert np.linalg.cond(V) == pytest.approx(1.5e7, rel=0.05)
    naive = np.linalg.solve(V.T @ V, V.T @ T)
    assert abs(naive[1] / WEIGHTS[9][1] - 1) > 1e-5
    assert normal_equations(V, T)[1] == pytest.approx(WEIGHTS[9][1], rel=1e-6)


def test_g16_the_column_headed_m6_is_that_of_m3():
    """Four coefficients, and those of the cubic: the column is mislabelled; the real M = 6 has seven."""
    np.testing.assert_allclose(lstsq(powers(3), T), SLIDE_M6, atol=5.1e-3)
    real = lstsq(powers(6), T)
    assert real.shape == (7,)
    assert np.max(np.abs(real[:4] - SLIDE_M6)) > 100


@pytest.mark.parametrize(
    ("degree", "error", "beta", "log_likelihood"),
    [
        (0, 1.886845, 2.649926, -9.316727),
        (1, 1.068271, 4.680460, -6.472403),
        (3, 0.174824, 28.600120, 2.577669),
        (6, 0.165044, 30.295005, 2.865529),
    ],
)
def test_g17_error_and_the_likelihood_that_goes_with_it(degree, error, beta, log_likelihood):
    V = powers(degree)
    w, precision = fit_gaussian(V, T)
    assert np.sum((T - V @ w) ** 2) / 2 == pytest.approx(error, abs=1e-6)
    assert precision == pytest.approx(beta, rel=1e-6)
    assert gaussian_log_likelihood(w, precision, V, T) == pytest.approx(log_likelihood, abs=1e-6)


def test_g18_ridge_with_the_bias_penalised():
    at_minus_18 = [
        0.3490,
        5.7684,
        -14.9657,
        29.8600,
        -95.6267,
        35.1753,
        168.7182,
        -18.0375,
        -273.1813,
        162.1968,
    ]
    at_0 = [0.4597, -0.3449, -0.3655, -0.2449, -0.1230, -0.0235, 0.0538, 0.1135, 0.1598, 0.1962]
    for log_alpha, expected in ((-18, at_minus_18), (0, at_0)):
        intercept, coef = ridge_regression(powers(9)[:, 1:], T, np.exp(log_alpha), penalize_intercept=True)
        np.testing.assert_allclose([intercept, *coef], expected, atol=6e-5)
        model = Ridge(np.exp(log_alpha), penalize_intercept=True).fit(powers(9)[:, 1:], T)
        np.testing.assert_allclose([model.intercept_, *model.coef_], expected, atol=6e-5)


def test_g18_ridge_with_the_bias_free():
    intercept, coef = ridge_regression(powers(9)[:, 1:], T, 1.0)
    np.testing.assert_allclose([intercept, coef[0]], [0.5670, -0.4474], atol=5.1e-5)


def test_g41_l1_and_l2_prefer_different_vectors():
    sparse, spread = np.array([0.75, 0.0, 0.0]), np.array([0.25, 0.5, 0.25])
    assert [float(l1_penalty(w)[0]) for w in (sparse, spread)] == [0.75, 1.0]
    assert [float(l2_penalty(w)[0]) for w in (sparse, spread)] == [0.5625, 0.375]


def test_g43_closed_form_line():
    intercept, slope = fit_line(X, T)
    assert (intercept, slope) == pytest.approx((0.8202124, -1.2678258), abs=5.1e-8)
    np.testing.assert_allclose(
        mean_squared_error_gradient(np.array([intercept, slope]), powers(1), T), 0, atol=1e-15
    )


def test_g43_asymmetric_twin_tells_slope_from_intercept_and_x_from_y():
    """Three points by hand: means 2 and 4, slope (-2 * -3 + 1 * 2 + 1 * 1) / 6."""
    assert fit_line(np.array([0, 3, 3]), np.array([1, 6, 5])) == pytest.approx((1.0, 1.5))
    assert fit_line(np.array([1, 6, 5]), np.array([0, 3, 3])) == pytest.approx((2 - 9 / 14 * 4, 9 / 14))
