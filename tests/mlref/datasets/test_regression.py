"""Generators of regression problems."""

import numpy as np
import pytest

from mlref.datasets import make_gpa_like, make_line, make_poly, make_sine
from mlref.metrics import mean_confidence_interval, mean_squared_error, r2_score
from mlref.neighbors import KNeighborsRegressor


def test_a_line_has_its_slope_intercept_and_noise():
    X, y = make_line(20000, np.random.default_rng(6), slope=-3.0, intercept=2.0, noise=0.5)
    slope, intercept = np.polyfit(X[:, 0], y, 1)
    assert slope == pytest.approx(-3, abs=0.03)
    assert intercept == pytest.approx(2, abs=0.02)
    assert np.std(y - intercept - slope * X[:, 0]) == pytest.approx(0.5, abs=0.02)


def test_a_sine_has_its_noise():
    X, y = make_sine(20000, np.random.default_rng(7), noise=0.2)
    assert np.std(y - np.sin(2 * np.pi * X[:, 0])) == pytest.approx(0.2, abs=0.01)
    assert 0 <= X.min() < X.max() <= 1


def test_a_polynomial_has_its_coefficients_and_noise():
    X, y = make_poly(20000, np.random.default_rng(8), coefficients=(1.0, 0.0, -2.0, 3.0), noise=0.2)
    fitted = np.polynomial.polynomial.polyfit(X[:, 0], y, 3)
    np.testing.assert_allclose(fitted, [1, 0, -2, 3], atol=0.03)
    assert np.std(y - np.polynomial.polynomial.polyval(X[:, 0], fitted)) == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_grades_teach_what_error_bars_are_for(seed):
    """A hundred neighbours beat one beyond doubt; weighting them changes less than the error bars."""
    X, y = make_gpa_like(4000, np.random.default_rng(seed))
    X_train, X_test, y_train, y_test = X[:2000], X[2000:], y[:2000], y[2000:]

    def squared_errors(**parameters):
        return (KNeighborsRegressor(**parameters).fit(X_train, y_train).predict(X_test) - y_test) ** 2

    one, hundred, weighted = (
        mean_confidence_interval(squared_errors(**parameters))
        for parameters in (
            {"n_neighbors": 1},
            {"n_neighbors": 100},
            {"n_neighbors": 100, "weights": "gaussian", "bandwidth": 100.0},
        )
    )
    assert one[0] - one[1] > hundred[0] + hundred[1]
    assert abs(hundred[0] - weighted[0]) < min(hundred[1], weighted[1])
    model = KNeighborsRegressor(100).fit(X_train, y_train)
    assert 0.08 < r2_score(y_test, model.predict(X_test)) < 0.2
    assert mean_squared_error(y_test, np.full(2000, y_train.mean())) < one[0]
